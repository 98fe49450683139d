/** Sounds in Postgres and on disk: from the engine's spool to a row, whatever dies in between. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExpectedSound } from '@littlepbx/core/files/files';
import type { Clock, Log } from '@littlepbx/core/ports';
import { DEFAULT_LIMITS } from '@littlepbx/core/tenancy/organization';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startFileShipper } from './files/file-shipper.ts';
import { RecordedSounds } from './files/recorded-sounds.ts';
import { expire, mend } from './files/retention.ts';
import { SoundFolder } from './files/sound-folder.ts';
import { type LocalFile, openLocalFile } from './local/local-file.ts';
import { insertFiles, storageUsed } from './stores/files.ts';
import { soundFile } from './testing/files.ts';
import { ALL, createTestInstallation, refusal, type TestInstallation, uuidv7, value } from './testing/installation.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const clock: Clock = {
  now: Date.now,
  after(delay, fn) {
    const timer = setTimeout(fn, delay);
    return () => clearTimeout(timer);
  },
};

let t: TestInstallation;
let base: string;
let files: string;
let local: LocalFile;
let sounds: RecordedSounds;
let folder: SoundFolder;
beforeEach(async () => {
  t = await createTestInstallation();
  base = mkdtempSync(join(tmpdir(), 'lpbx-files-'));
  files = join(base, 'files');
  mkdirSync(join(files, 'spool/recording'), { recursive: true });
  startBrain();
});
afterEach(async () => {
  local.close();
  rmSync(base, { recursive: true });
  await t.close();
});

function startBrain(): void {
  local = openLocalFile(join(base, 'journal'), randomBytes(32));
  folder = new SoundFolder(files, log);
  sounds = new RecordedSounds({ folder, local: local.sounds, log });
}

/** The engine has recorded so many milliseconds in a call of the organization. */
function recorded(organizationId: string, duration = 1000, callId = 'call-1'): ExpectedSound['id'] {
  const id = `r-${randomUUID()}` as ExpectedSound['id'];
  sounds.expect({ id, organizationId, kind: 'recording', callId, details: { by: '101' }, at: Date.now() });
  writeFileSync(join(files, 'spool/recording', `${id}.wav`), Buffer.alloc(44 + 16 * duration));
  return id;
}

async function shipped(): Promise<void> {
  const shipper = startFileShipper({ local: local.sounds, folder, db: t.db, clock, log });
  await shipper.drain();
  await shipper.stop();
}

it("brings a recording from the engine's spool into the organization's folder and into Postgres, once", async () => {
  const { id, admin } = await t.organization('records');
  const recording = recorded(id, 2000);
  const [file, same] = await Promise.all([sounds.takeOver(recording), sounds.takeOver(recording)]);
  expect(file).toMatchObject({ bytes: 32_044, duration: 2000, callId: 'call-1', details: { by: '101' } });
  expect(same).toEqual(file);
  expect(await sounds.takeOver(recording)).toBeNull();
  await shipped();
  await shipped();
  expect(value(await t.administration.listFiles(admin, id, {}, ALL)).items).toEqual([file]);
  expect(value(await t.administration.getOrganization(admin, id)).storageUsed).toBe(32_044);
  expect(readdirSync(join(files, id))).toEqual([`${file!.id}.wav`]);
  expect(readdirSync(join(files, 'spool/recording'))).toEqual([]);
});

it('takes over after a restart what was recorded in a call that is no more, and leaves what still records', async () => {
  const { id } = await t.organization('restart');
  const [gone, live] = [recorded(id, 1000, 'gone'), recorded(id, 1000, 'live')];
  // The brain had moved one, and died before it wrote that down.
  const moved = recorded(id, 1000, 'gone');
  await folder.take(moved, { id: moved.slice(2), organizationId: id, kind: 'recording' });
  local.close();
  startBrain();
  await sounds.sweep((call) => call === 'live');
  expect(readdirSync(join(files, id)).sort()).toEqual([gone, moved].map((r) => `${r.slice(2)}.wav`).sort());
  expect(readdirSync(join(files, 'spool/recording'))).toEqual([`${live}.wav`]);
  expect(local.sounds.allExpected().map((sound) => sound.id)).toEqual([live]);
  expect(local.sounds.waiting()).toBe(2);
});

it('takes over later what the disk did not take when its call ended, and others meanwhile', async () => {
  const [{ id }, other] = [await t.organization('no-room'), await t.organization('room')];
  const [kept, found] = [recorded(id), recorded(other.id)];
  // No room for the organization's folder.
  writeFileSync(join(files, id), '');
  await expect(sounds.takeOver(kept)).rejects.toThrow();
  await sounds.sweep(() => false);
  expect(local.sounds.allExpected().map((sound) => sound.id)).toEqual([kept]);
  expect(readdirSync(join(files, other.id))).toEqual([`${found.slice(2)}.wav`]);
  rmSync(join(files, id));
  await sounds.sweep(() => false);
  expect(readdirSync(join(files, id))).toEqual([`${kept.slice(2)}.wav`]);
  expect(local.sounds.waiting()).toBe(2);
  expect(sounds.diskRoom()).toBeGreaterThan(0);
});

it('keeps nothing of a recording without sound, or one that nobody wants', async () => {
  const { id } = await t.organization('silent');
  const [empty, unwanted] = [recorded(id, 0), recorded(id)];
  expect(await sounds.takeOver(empty)).toBeNull();
  await sounds.discard(unwanted);
  expect(local.sounds.allExpected()).toEqual([]);
  expect(readdirSync(join(files, 'spool/recording'))).toEqual([]);
  expect(readdirSync(join(files, id))).toEqual([]);
});

it('mends the header of a recording whose engine died', async () => {
  const { id } = await t.organization('mend');
  const recording = recorded(id, 1000);
  const header = Buffer.alloc(44 + 16_000);
  header.write('RIFF', 0, 'latin1');
  header.write('data', 36, 'latin1');
  writeFileSync(join(files, 'spool/recording', `${recording}.wav`), header);
  const file = await sounds.takeOver(recording);
  const chunks = await (await folder.open(file!))!.stream(0, 43).toArray();
  const mended = Buffer.concat(chunks as Buffer[]);
  expect([mended.readUInt32LE(4), mended.readUInt32LE(40)]).toEqual([16_036, 16_000]);
});

it('keeps nothing on disk of an organization that was deleted, also what was recorded at that moment', async () => {
  const { id } = await t.organization('leaves');
  await sounds.takeOver(recorded(id));
  await shipped();
  const late = recorded(id);
  value(await t.administration.deleteOrganization(t.operator, id, { confirm: 'leaves', isErasedNow: true }));
  expect(t.told).toContain(`erased ${id}`);
  await folder.erase(id);
  await sounds.takeOver(late);
  expect(existsSync(join(files, id))).toBe(true);
  await shipped();
  expect(existsSync(join(files, id))).toBe(false);
  expect(local.sounds.waiting()).toBe(0);
});

it('knows from memory how much room there is, and counts each byte once', async () => {
  const { id } = await t.organization('full');
  const other = await t.organization('other');
  const limits = { ...DEFAULT_LIMITS, storageBytes: 48_000 };
  expect(sounds.room({ id, limits })).toBe(3000);
  const first = await sounds.takeOver(recorded(id, 1000));
  expect(sounds.room({ id, limits })).toBe(1997);
  sounds.usageIs(await t.db.asOperator(storageUsed));
  expect(sounds.used(id)).toBe(first!.bytes);
  await shipped();
  sounds.usageIs(await t.db.asOperator(storageUsed));
  expect(sounds.used(id)).toBe(first!.bytes);
  await sounds.takeOver(recorded(id, 5000));
  expect(sounds.room({ id, limits })).toBe(0);
  expect(sounds.room({ id: other.id, limits })).toBe(3000);
});

it('lists what the admin may see, deletes it for good, and leaves voicemail to its box', async () => {
  const { id, admin } = await t.organization('lists');
  const all = (['recording', 'prompt', 'voicemail'] as const).map((kind, i) =>
    soundFile(id, {
      kind,
      createdAt: 1000 + i,
      callId: kind === 'recording' ? 'c1' : null,
      details: kind === 'voicemail' ? { extensionId: uuidv7(), from: null, fromName: null } : {},
    }),
  );
  const [recording, prompt, voicemail] = all;
  await t.db.asOperator((trx) => insertFiles(trx, all));
  const { administration: api } = t;
  const list = async (filter: Parameters<typeof api.listFiles>[2]) =>
    value(await api.listFiles(admin, id, filter, ALL)).items.map((file) => file.id);
  expect(await list({})).toEqual([prompt!.id, recording!.id]);
  expect(await list({ call: 'c1' })).toEqual([recording!.id]);
  expect(await list({ kind: 'music' })).toEqual([]);
  const page = value(await api.listFiles(admin, id, {}, { limit: 1, cursor: null }));
  const next = value(await api.listFiles(admin, id, {}, { limit: 1, cursor: page.nextCursor }));
  expect([...page.items, ...next.items].map((file) => file.id)).toEqual([prompt!.id, recording!.id]);
  expect(next.nextCursor).toBeNull();
  expect(refusal(await api.deleteFile(admin, id, voicemail!.id))).toBe('not-found');
  expect(refusal(await api.deleteFile(admin, id, 'no-uuid'))).toBe('not-found');
  value(await api.deleteFile(admin, id, recording!.id));
  expect(t.told).toContain(`removed ${recording!.id}`);
  expect(refusal(await api.getFile(admin, id, recording!.id))).toBe('not-found');
});

it('stores an upload while there is room, each byte counted once, and tells the brain of music', async () => {
  const { id, admin } = await t.organization('uploads');
  const { administration: api } = t;
  value(await api.updateOrganization(t.operator, id, { limits: { storageBytes: 40_000 } }));
  async function* sound(text: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  const upload = (text: string, kind: 'music' | 'prompt' = 'prompt') =>
    api.uploadFile(admin, id, { kind, name: ' Waltz ' }, sound(text));
  expect(refusal(await api.uploadFile(admin, id, { kind: 'prompt', name: '' }, sound('x')))).toBe('invalid');
  expect(refusal(await upload('bad'))).toBe('sound-invalid');
  expect((await t.loader.loadOrganization(id))!.hasMusic).toBe(false);
  t.told.length = 0;
  const music = value(await upload('one', 'music'));
  expect(music).toMatchObject({ kind: 'music', name: 'Waltz', bytes: 16_044 });
  expect(t.told).toEqual([`kept ${music.id}`, `changed ${id}`]);
  expect((await t.loader.loadOrganization(id))!.hasMusic).toBe(true);
  // Room for one more; of two at once, one is refused and nothing of it kept.
  const both = (await Promise.all([upload('two'), upload('three')])).map(refusal).sort();
  expect(both).toEqual(['ok', 'storage-full']);
  expect(t.told.filter((word) => word.startsWith('dropped'))).toHaveLength(1);
  expect(value(await api.getOrganization(admin, id)).storageUsed).toBe(32_088);
  value(await api.deleteFile(admin, id, music.id));
  expect((await t.loader.loadOrganization(id))!.hasMusic).toBe(false);
});

it('deletes what is past its days, of the organization that said so, rows and bytes', async () => {
  const [a, b] = [await t.organization('days'), await t.organization('ever')];
  const { administration: api } = t;
  const day = 24 * 3_600_000;
  const aged = (organizationId: string, kind: 'recording' | 'voicemail' | 'prompt', days: number) =>
    soundFile(organizationId, { kind, createdAt: Date.now() - days * day });
  const gone = [aged(a.id, 'recording', 31), aged(a.id, 'recording', 90), aged(a.id, 'voicemail', 8)];
  const stays = [aged(a.id, 'recording', 29), aged(a.id, 'voicemail', 6), aged(a.id, 'prompt', 900)];
  const others = [aged(b.id, 'recording', 900), aged(b.id, 'voicemail', 900)];
  for (const file of [...gone, ...stays, ...others]) {
    mkdirSync(join(files, file.organizationId), { recursive: true });
    writeFileSync(folder.pathOf(file), 'x');
  }
  await t.db.asOperator((trx) => insertFiles(trx, [...gone, ...stays, ...others]));
  value(await api.updateOrganization(a.admin, a.id, { retention: { recordingsInDays: 30, voicemailInDays: 7 } }));
  expect(refusal(await api.updateOrganization(a.admin, a.id, { retention: { recordingsInDays: -1 } }))).toBe('invalid');
  expect(await expire(t.db, sounds, 1)).toBe(3);
  expect(await expire(t.db, sounds)).toBe(0);
  expect(readdirSync(join(files, a.id)).sort()).toEqual(stays.map((file) => `${file.id}.wav`).sort());
  expect(readdirSync(join(files, b.id))).toHaveLength(2);
  expect(await t.db.asOperator(storageUsed)).toEqual(new Map([a, b].map(({ id }, i) => [id, (3 - i) * 16_044])));
});

it('mends what disk and Postgres disagree about, and touches nothing that is on its way', async () => {
  const { id } = await t.organization('mends');
  const hour = 3_600_000;
  const [both, lost] = [soundFile(id), soundFile(id)];
  const kept = [both, soundFile(id), soundFile(id)];
  await t.db.asOperator((trx) => insertFiles(trx, [...kept, lost]));
  const [orphan, expected, foreign] = [soundFile(id), soundFile(id), soundFile(randomUUID())];
  for (const file of [...kept, orphan, expected, foreign]) {
    mkdirSync(join(files, file.organizationId), { recursive: true });
    writeFileSync(folder.pathOf(file), 'x');
  }
  const mended = (later: number) =>
    mend({ db: t.db, folder, isExpected: (sound) => sound === expected.id, log, now: () => Date.now() + later });
  expect(await mended(0)).toEqual({ files: 0, rows: 1, folders: 0 });
  expect(await mended(2 * hour)).toEqual({ files: 1, rows: 0, folders: 1 });
  expect(await mended(2 * hour)).toEqual({ files: 0, rows: 0, folders: 0 });
  expect(readdirSync(join(files, id)).sort()).toEqual([...kept, expected].map((file) => `${file.id}.wav`).sort());
  // A disk that is not there is no reason to forget everything.
  rmSync(join(files, id), { recursive: true });
  expect(await mended(0)).toEqual({ files: 0, rows: 0, folders: 0 });
  expect((await t.db.asOperator(storageUsed)).get(id)).toBe(3 * 16_044);
});
