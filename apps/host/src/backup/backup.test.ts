/** Archives that nobody of ours made: everything that could leave the folder, lie or surprise is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { migrationNames } from '@littlepbx/data/migrate';
import { packTar, type TarEntry } from 'modern-tar';
import { afterAll, describe, expect, it } from 'vitest';
import { withFlags } from '../install/installation.ts';
import { environmentOf } from './database.ts';
import { type Manifest, pathOfEntry, Tally } from './format.ts';
import { readBackup } from './read-backup.ts';
import { seal } from './seal.ts';

const folder = mkdtempSync(join(tmpdir(), 'lpbx-backup-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest: Manifest = {
  product: 'littlepbx',
  format: 1,
  version: '0.1.0',
  createdAt: '2026-11-22T01:00:00.000Z',
  host: 'old',
  migrations: migrationNames(),
  installation: withFlags(null, {}) as Manifest['installation'],
};

const entry = (name: string, body: string, more: Partial<TarEntry['header']> = {}): TarEntry => ({
  header: { name, size: Buffer.byteLength(body), type: 'file', mode: 0o600, ...more },
  ...(body === '' ? {} : { body }),
});
const first = entry('manifest.json', JSON.stringify(manifest));
const dump = entry('database/000001', 'PGDMP');

function ended(entries: TarEntry[]): TarEntry {
  const tally = new Tally();
  for (const { header, body } of entries) {
    tally.begin(header.name, header.type === 'file' ? header.size : 0);
    if (typeof body === 'string') tally.add(Buffer.from(body));
  }
  return entry('end.json', JSON.stringify(tally.end()));
}

async function read(entries: TarEntry[], taker = {}) {
  const file = join(folder, 'backup');
  const tar = await packTar(entries);
  writeFileSync(file, await buffer(await seal(new Blob([tar]).stream() as never, null)));
  return readBackup(file, null, taker);
}

const whole = (...entries: TarEntry[]) => [first, dump, ...entries, ended([first, dump, ...entries])];

describe('a backup', () => {
  it('is read whole, in its order', async () => {
    const seen: string[] = [];
    const { end } = await read(whole(entry('data/files/', '', { type: 'directory' }), entry('data/files/a', 'sound')), {
      database: async (chunk: Uint8Array) => void seen.push(`database ${Buffer.from(chunk)}`),
      folder: (path: string) => void seen.push(`folder ${path}`),
      file: async (path: string) => async (chunk: Uint8Array | null) =>
        void seen.push(chunk ? `${path}: ${Buffer.from(chunk)}` : `${path} ends`),
    });
    expect(seen).toEqual(['database PGDMP', 'folder files', 'files/a: sound', 'files/a ends']);
    expect(end.entries).toBe(4);
  });

  it.each<[string, TarEntry[], RegExp]>([
    ['a way out of the folder', whole(entry('data/../../etc/passwd', 'x')), /name that is not allowed/],
    ['an absolute path', whole(entry('data//etc/passwd', 'x')), /name that is not allowed/],
    ['something beside data', whole(entry('etc/passwd', 'x')), /name that is not allowed/],
    ['a link', whole(entry('data/link', '', { type: 'symlink', linkname: '/etc' })), /holds a symlink/],
    ['a hard link', whole(entry('data/link', '', { type: 'link', linkname: '/etc/shadow' })), /holds a link/],
    ['a device', whole(entry('data/null', '', { type: 'character-device' })), /holds a character-device/],
    ['no manifest', [dump, ended([dump])], /does not begin with a manifest/],
    ['two manifests', whole(first), /two manifests/],
    ['no end', [first, dump], /cut off/],
    ['no database', [first, ended([first])], /cut off/],
    ['a missing piece', whole(entry('database/000003', 'x')), /piece of the database is missing/],
    ['something after its end', [...whole(), entry('data/a', 'x')], /follows its end/],
    ['another content than its checksum', [first, dump, entry('data/a', 'x'), ended([first, dump])], /checksum/],
    ['nothing', [], /nothing in it/],
  ])('with %s is refused', async (_, entries, message) => {
    await expect(read(entries)).rejects.toThrow(message);
  });

  it.each<[string, unknown, RegExp]>([
    ['a newer format', { ...manifest, format: 2 }, /newer LittlePBX/],
    ['a newer database', { ...manifest, migrations: [...manifest.migrations, '9999-future.sql'] }, /9999-future/],
    ['another product', { ...manifest, product: 'other' }, /manifest.json is not what it should be: product/],
    [
      'a line break in an address',
      {
        ...manifest,
        installation: { ...manifest.installation, sip: { ...manifest.installation.sip, bind: '0.0.0.0\nload = x' } },
      },
      /sip.bind/,
    ],
  ])('of %s is refused', async (_, content, message) => {
    const other = entry('manifest.json', JSON.stringify(content));
    await expect(read([other, dump, ended([other, dump])])).rejects.toThrow(message);
  });
});

describe('the file of a backup', () => {
  const tar = packTar(whole(entry('data/a', 'sound'.repeat(50_000))));
  const write = async (name: string, passphrase: string | null, change: (bytes: Buffer) => Buffer = (b) => b) => {
    const file = join(folder, name);
    writeFileSync(file, change(await buffer(await seal(new Blob([await tar]).stream() as never, passphrase))));
    return file;
  };
  const flip = (bytes: Buffer) => {
    bytes[bytes.length >> 1]! ^= 1;
    return bytes;
  };
  const cut = (bytes: Buffer) => bytes.subarray(0, -100);

  it('encrypted: opens with its passphrase alone, and shows nothing of what is in it', {
    timeout: 30_000,
  }, async () => {
    const file = await write('sealed', 'three blind mice');
    expect(readFileSync(file).includes('PGDMP')).toBe(false);
    await expect(readBackup(file, 'three blind mice')).resolves.toMatchObject({ end: { entries: 3 } });
    await expect(readBackup(file, 'three blind cats')).rejects.toThrow('The passphrase is wrong');
    await expect(readBackup(file, null)).rejects.toThrow('is encrypted');
  });

  it.each([
    ['damaged', 'three blind mice', flip],
    ['cut', 'three blind mice', cut],
    ['damaged', null, flip],
    ['cut', null, cut],
  ])('%s (passphrase: %s): told', { timeout: 30_000 }, async (name, passphrase, change) => {
    const file = await write(`${name}-${passphrase}`, passphrase, change);
    await expect(readBackup(file, passphrase)).rejects.toThrow(/damaged|cut off/);
  });

  it('of somebody else, or not there: told', async () => {
    writeFileSync(join(folder, 'other'), 'PK zip');
    await expect(readBackup(join(folder, 'other'), null)).rejects.toThrow('is no LittlePBX backup');
    await expect(readBackup(join(folder, 'nothing'), null)).rejects.toThrow('There is no file');
  });
});

it.each(['data/a\0b', 'data/a\nb', 'data/..', 'data/a/./b', 'data/', `data/${'x'.repeat(300)}`, 'data/a\\b'])(
  'no file is named %j',
  (name) => expect(() => pathOfEntry(name)).toThrow(/not allowed/),
);

it('an URL becomes variables, for arguments can be read by all', () => {
  expect(environmentOf('postgres://owner:p%40ss@db.example:6543/pbx?sslmode=require')).toEqual({
    PGHOST: 'db.example',
    PGPORT: '6543',
    PGUSER: 'owner',
    PGPASSWORD: 'p@ss',
    PGDATABASE: 'pbx',
    PGSSLMODE: 'require',
    PGCONNECT_TIMEOUT: '10',
  });
});
