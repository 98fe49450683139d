/** Voicemail boxes in Postgres: messages come and go with their sounds, PINs are counted, lamps are told. */
import type { FileDisk, FileRef } from '@littlepbx/core/files/files';
import { createBoxes } from '@littlepbx/core/tenancy/voicemail';
import type { Boxes } from '@littlepbx/core/voicemail/box';
import { queueVoicemailMail } from '@littlepbx/core/voicemail/mail';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Cipher } from './cipher.ts';
import { listenForChanges } from './listen.ts';
import { nodeSecrets } from './secrets.ts';
import { insertFiles } from './stores/files.ts';
import { createStores } from './stores/index.ts';
import { countMessages, voicemailStore } from './stores/voicemail.ts';
import { soundFile } from './testing/files.ts';
import { ALL, createTestInstallation, refusal, type TestInstallation, uuidv7, value } from './testing/installation.ts';

const PIN = '271828';

let t: TestInstallation;
let org: string;
let admin: Awaited<ReturnType<TestInstallation['organization']>>['admin'];
let extension: string;
let other: string;
let boxes: Boxes;
let now = Date.now();
const removed: FileRef[] = [];
const copied: FileRef[] = [];

beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

let made = 0;
beforeEach(async () => {
  ({ id: org, admin } = await t.organization(`org-${++made}`));
  extension = value(await t.administration.createExtension(admin, org, { number: '101', name: 'Ann' })).id;
  other = value(await t.administration.createExtension(admin, org, { number: '102', name: 'Bob' })).id;
  value(await t.administration.apply(admin, org));
  removed.length = 0;
  copied.length = 0;
  const disk: FileDisk = {
    kept() {},
    remove: async (files) => void removed.push(...files),
    copy: async (_from, to) => copied.push(to) > 0,
    erase: async () => {},
  };
  boxes = createBoxes({
    stores: createStores(t.db, new Cipher(Buffer.alloc(32))),
    disk,
    secrets: nodeSecrets,
    clock: { now: () => now, after: () => () => {} },
    ids: { next: uuidv7 },
    changed: async () => {},
  });
});

/** A message is left for 101. */
async function left(from: string | null = '102', box = extension): Promise<string> {
  const file = soundFile(org, { kind: 'voicemail', details: { extensionId: box, from, fromName: null } });
  await t.db.asOperator((trx) => insertFiles(trx, [file]));
  return file.id;
}

it('a message appears with its sound, is marked, and goes with it', async () => {
  const id = await left();
  expect(await boxes.messages(org, extension)).toMatchObject([{ id, from: '102', isSaved: false, duration: 1000 }]);
  const api = t.administration;
  expect(value(await api.listVoicemailMessages(admin, org, '101', {}, ALL)).items).toHaveLength(1);
  value(await api.updateVoicemailMessage(admin, org, '101', id, { isSaved: true }));
  expect(value(await api.getVoicemailBox(admin, org, '101'))).toMatchObject({ newMessages: 0, oldMessages: 1 });
  expect(value(await api.listVoicemailMessages(admin, org, '101', { isSaved: false }, ALL)).items).toEqual([]);
  expect(refusal(await api.getVoicemailMessage(admin, org, '102', id))).toBe('not-found');
  value(await api.deleteVoicemailMessage(admin, org, '101', id));
  expect(t.told).toContain(`removed ${id}`);
  expect(await boxes.messages(org, extension)).toEqual([]);
});

it('the list of boxes tells what waits in each, empty ones too', async () => {
  const api = t.administration;
  const id = await left();
  await left();
  value(await api.updateVoicemailMessage(admin, org, '101', id, { isSaved: true }));
  const first = value(await api.listVoicemailBoxes(admin, org, { limit: 1, cursor: null }));
  expect(first.items).toMatchObject([
    { extensionId: extension, extension: '101', name: 'Ann', newMessages: 1, oldMessages: 1 },
  ]);
  expect(first.items[0]?.latestAt).toBeGreaterThan(0);
  const rest = value(await api.listVoicemailBoxes(admin, org, { limit: 1, cursor: first.nextCursor }));
  expect(rest).toMatchObject({
    items: [{ extension: '102', newMessages: 0, oldMessages: 0, latestAt: null }],
    nextCursor: null,
  });
});

it('whoever listens hears of each change, once per transaction', async () => {
  const heard: string[] = [];
  let isListening = (): void => {};
  const listening = new Promise<void>((resolve) => {
    isListening = resolve;
  });
  const stop = listenForChanges({
    url: t.database.appUrl,
    onChange() {},
    onMessages: (id) => heard.push(id),
    onListening: isListening,
  });
  await listening;
  await left();
  await expect.poll(() => heard, { timeout: 30_000 }).toEqual([extension]);
  expect(await countMessages(t.db, extension)).toEqual([{ extensionId: extension, fresh: 1, old: 0 }]);
  await stop();
});

it('five wrong PINs lock the box, however many try at once; the lock grows, and the admin unlocks', async () => {
  const api = t.administration;
  value(await api.updateVoicemailBox(admin, org, '101', { pin: PIN }));
  expect(await boxes.tryPin(org, extension, PIN)).toBe('open');
  const tries = await Promise.all(Array.from({ length: 12 }, () => boxes.tryPin(org, extension, '999999')));
  expect(tries.filter((outcome) => outcome === 'wrong')).toHaveLength(5);
  expect(await boxes.tryPin(org, extension, PIN)).toBe('locked');
  expect(value(await api.getVoicemailBox(admin, org, '101')).lockedUntil).toBe(now + 60_000);
  now += 61_000;
  expect(await boxes.tryPin(org, extension, '999999')).toBe('wrong');
  now += 61_000;
  expect(await boxes.tryPin(org, extension, PIN)).toBe('locked');
  value(await api.updateVoicemailBox(admin, org, '101', { isLocked: false }));
  expect(await boxes.tryPin(org, extension, PIN)).toBe('open');
});

it('a PIN is no row of Postgres, and trivial ones are refused', async () => {
  const api = t.administration;
  await boxes.setPin(org, extension, PIN);
  const stored = await t.db.withOrganization(org, (trx) => voicemailStore(trx).box(org, extension));
  expect(stored?.pinHash).toMatch(/^scrypt:/);
  for (const pin of ['111111', '123456', '12345', 'abcdef', '101101']) {
    expect(refusal(await api.updateVoicemailBox(admin, org, '101', { pin })), pin).toBe('invalid');
  }
  value(await api.updateVoicemailBox(admin, org, '101', { pin: null }));
  expect(await boxes.hasPin(org, extension)).toBe(false);
});

it('a forwarded message is a copy of its own; a full box takes none', async () => {
  const id = await left();
  const [message] = await boxes.messages(org, extension);
  expect(await boxes.forward(message!, other)).toBe('ok');
  expect(await boxes.messages(org, other)).toMatchObject([{ from: '102', isSaved: false }]);
  await boxes.delete(org, [message!.id]);
  expect(removed).toMatchObject([{ id }]);
  expect(await boxes.messages(org, other)).toHaveLength(1);
  for (let i = 0; i < 99; i++) await left(null, other);
  await left();
  const [second] = await boxes.messages(org, extension);
  expect(await boxes.forward(second!, other)).toBe('full');
  expect(removed.at(-1)).toEqual(copied.at(-1));
});

it('a greeting recorded by phone goes when another takes its place; an uploaded one stays', async () => {
  const recorded = soundFile(org, { kind: 'greeting' });
  const uploaded = soundFile(org, { kind: 'greeting', name: 'hello.mp3' });
  await t.db.asOperator((trx) => insertFiles(trx, [recorded, uploaded]));
  await boxes.setGreeting(org, extension, recorded.id);
  expect((await t.loader.loadOrganization(org))!.boxes).toMatchObject([
    { extensionId: extension, greeting: recorded.id },
  ]);
  value(await t.administration.updateVoicemailBox(admin, org, '101', { greeting: uploaded.id }));
  expect(t.told).toContain(`removed ${recorded.id}`);
  await boxes.setGreeting(org, extension, null);
  expect(removed).toEqual([]);
  expect(refusal(await t.administration.updateVoicemailBox(admin, org, '101', { greeting: recorded.id }))).toBe(
    'invalid',
  );
  value(await t.administration.updateVoicemailBox(admin, org, '101', { greeting: uploaded.id }));
  value(await t.administration.deleteFile(admin, org, uploaded.id));
  expect((await t.loader.loadOrganization(org))!.boxes).toMatchObject([{ extensionId: extension, greeting: null }]);
});

it('an extension that is gone takes its box and messages with it', async () => {
  const id = await left();
  await boxes.setPin(org, extension, PIN);
  value(await t.administration.deleteExtension(admin, org, '101'));
  expect(await boxes.messages(org, extension)).toHaveLength(1);
  value(await t.administration.apply(admin, org));
  expect(await boxes.messages(org, extension)).toEqual([]);
  expect(await boxes.hasPin(org, extension)).toBe(false);
  expect(t.told).toContain(`removed ${id}`);
});

it('who asked for mail gets one per message, with the sound; who did not gets none', async () => {
  const stores = createStores(t.db, new Cipher(Buffer.alloc(32)));
  const jobs = (kind: string) =>
    t.db.withOrganization(org, async (trx) =>
      (await trx.selectFrom('job').select('payload').where('kind', '=', kind).execute()).map(
        ({ payload }) => payload as Record<string, unknown>,
      ),
    );
  await left();
  expect(await jobs('voicemail-mail')).toEqual([]);
  expect(refusal(await t.administration.updateVoicemailBox(admin, org, '101', { email: 'nobody' }))).toBe('invalid');
  value(await t.administration.updateVoicemailBox(admin, org, '101', { email: 'ann@example.com' }));
  const id = await left('+442079460123');
  expect(await jobs('voicemail-mail')).toEqual([{ message: id }]);
  await queueVoicemailMail(stores, org, id, ({ id: file }) => `/files/${file}.wav`);
  expect(await jobs('mail')).toMatchObject([
    {
      to: ['ann@example.com'],
      subject: 'Voicemail: +442079460123 (0:01)',
      attachments: [{ path: `/files/${id}.wav` }],
    },
  ]);
  // In the organization's language.
  value(await t.administration.updateOrganization(admin, org, { language: 'ru' }));
  await queueVoicemailMail(stores, org, id, ({ id: file }) => `/files/${file}.wav`);
  expect((await jobs('mail')).map(({ subject }) => subject)).toContain('Голосовое сообщение: +442079460123 (0:01)');
});
