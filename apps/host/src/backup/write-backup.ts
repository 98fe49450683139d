/** Makes a backup of a running installation: one pass, one file, memory of a few pieces. */
import { createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { hostname, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createTarPacker, type TarHeader } from 'modern-tar';
import { Failure, messageOf } from '../failure.ts';
import { ensureFolder, ROOT } from '../files.ts';
import { nameOfGroup, nameOfUser } from '../install/users.ts';
import type { Installed } from '../processes/services.ts';
import { appVersion } from '../version.ts';
import { collect, copyLocalDatabases, type Item } from './collect.ts';
import { appliedMigrations, databaseSize, dumpDatabase } from './database.ts';
import { END, FORMAT, MANIFEST, type Manifest, PIECE, Tally } from './format.ts';
import { noteBackup } from './last-backup.ts';
import { entryName, pieceName } from './read-backup.ts';
import { seal } from './seal.ts';

export interface Written {
  files: number;
  /** Before compression. */
  bytes: number;
}

/**
 * Writes `target`, which must not be there. Under its name it is whole or not there at all.
 * @param onProgress percent, 0 to 100
 */
export async function writeBackup(
  installed: Installed,
  target: string,
  passphrase: string | null,
  onProgress: (percent: number) => void,
): Promise<Written> {
  if (existsSync(target)) throw new Failure(`${target} is there already. Give another name, or remove it first.`);
  if (!existsSync(dirname(target))) throw new Failure(`There is no folder ${dirname(target)}.`);
  // Calls go first, of this process and of pg_dump.
  setPriority(10);
  const { paths } = installed;
  ensureFolder(paths.run, 0o700, ROOT);
  const copiesFolder = mkdtempSync(join(paths.run, 'backup-'));
  const part = `${target}.part`;
  try {
    const manifest: Manifest = {
      product: 'littlepbx',
      format: FORMAT,
      version: appVersion(),
      createdAt: new Date().toISOString(),
      host: hostname(),
      migrations: await appliedMigrations(installed),
      installation: installed.installation as Manifest['installation'],
    };
    const copies = await copyLocalDatabases(paths, copiesFolder);
    let expected = await databaseSize(installed);
    for (const item of collect(paths, copies)) expected += item.size;

    const { readable, controller } = createTarPacker();
    const archive = new Archive(controller, (bytes) => onProgress(Math.min(99, (100 * bytes) / expected)));
    const out = createWriteStream(part, { mode: 0o600, flags: 'w', flush: true });
    const written = pipeline(await seal(readable, passphrase), out);
    written.catch(() => {});
    const filled = fill(archive, manifest, installed, copies).catch((error: unknown) => {
      controller.error(error);
      throw error;
    });
    filled.catch(() => {});
    // A full disk ends the writing first, and then nothing takes what is read: waiting for the reading alone would be for ever.
    const [files] = await Promise.all([filled, written]);
    await rename(part, target);
    noteBackup(paths, installed.users, manifest.createdAt);
    onProgress(100);
    return { files, bytes: archive.bytes };
  } catch (error) {
    await rm(part, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new Failure(`The disk of ${target} is full. Nothing was left there.`);
    }
    throw error instanceof Failure ? error : new Failure(`The backup could not be made: ${messageOf(error)}`);
  } finally {
    rmSync(copiesFolder, { recursive: true, force: true });
  }
}

async function fill(
  archive: Archive,
  manifest: Manifest,
  installed: Installed,
  copies: ReadonlyMap<string, string>,
): Promise<number> {
  await archive.text(MANIFEST, JSON.stringify(manifest, null, 2));
  await addDatabase(archive, installed);
  let files = 0;
  // After the dump: whatever it speaks of was there before, and is only missing if somebody deleted it since.
  for (const item of collect(installed.paths, copies)) if (await addItem(archive, item, installed)) files += 1;
  await archive.finish();
  return files;
}

async function addDatabase(archive: Archive, installed: Installed): Promise<void> {
  let piece: Buffer[] = [];
  let size = 0;
  let n = 0;
  const flush = async () => {
    n += 1;
    await archive.entry({ name: pieceName(n), size, mode: 0o600 }, piece);
    piece = [];
    size = 0;
  };
  for await (const chunk of dumpDatabase(installed)) {
    piece.push(chunk);
    size += chunk.length;
    if (size >= PIECE) await flush();
  }
  if (size > 0 || n === 0) await flush();
}

/** @returns whether it was still there */
async function addItem(archive: Archive, item: Item, { users }: Installed): Promise<boolean> {
  const { isFolder, mode, mtime } = item;
  const owner = { uname: nameOfUser(users, item.uid), gname: nameOfGroup(users, item.gid) };
  const header = { mode, mtime, ...owner };
  if (isFolder) {
    await archive.entry({ ...header, name: `${entryName(item.path)}/`, size: 0, type: 'directory' }, []);
    return false;
  }
  let file: FileHandle;
  try {
    file = await open(item.source);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    const { size } = await file.stat();
    await archive.entry({ ...header, name: entryName(item.path), size }, exactly(file, size));
    return true;
  } finally {
    await file.close();
  }
}

/** As many bytes as were announced: a recording that grows meanwhile ends there, one that shrinks is filled with zeros. */
async function* exactly(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  while (left > 0) {
    const buffer = Buffer.alloc(Math.min(left, PIECE / 4));
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) buffer.fill(0);
    const chunk = bytesRead === 0 ? buffer : buffer.subarray(0, bytesRead);
    left -= chunk.length;
    yield chunk;
  }
}

/** The tar, with its tally. */
class Archive {
  readonly #controller: ReturnType<typeof createTarPacker>['controller'];
  readonly #onBytes: (bytes: number) => void;
  readonly #tally = new Tally();

  constructor(controller: ReturnType<typeof createTarPacker>['controller'], onBytes: (bytes: number) => void) {
    this.#controller = controller;
    this.#onBytes = onBytes;
  }

  get bytes(): number {
    return this.#tally.bytes;
  }

  async entry(header: TarHeader, body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    this.#tally.begin(header.name, header.size);
    const writer = this.#controller.add({ type: 'file', ...header }).getWriter();
    for await (const chunk of body) {
      this.#tally.add(chunk);
      // A Buffer is a Uint8Array by another name, which the packer does not take.
      await writer.write(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
      this.#onBytes(this.#tally.bytes);
    }
    await writer.close();
  }

  async text(name: string, content: string): Promise<void> {
    const bytes = Buffer.from(content);
    await this.entry({ name, size: bytes.length, mode: 0o600 }, [bytes]);
  }

  async finish(): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(this.#tally.end()));
    const writer = this.#controller.add({ type: 'file', name: END, size: bytes.length, mode: 0o600 }).getWriter();
    await writer.write(bytes);
    await writer.close();
    this.#controller.finalize();
  }
}
