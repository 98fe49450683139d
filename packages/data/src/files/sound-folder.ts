/**
 * The folder of sounds: `<organization>/<id>.wav`, music in `<organization>/music/<id>.wav` (a folder of its own, which the
 * engine plays as a class), and `spool/recording`, where the engine records. One file system and one mount, so that
 * taking a recording over is a rename: at once, whole, and free of cost.
 *
 * Paths are made of UUIDs alone. The engine may read all of it, by its group, and write the spool only.
 */
import { createReadStream, statfsSync } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { BYTES_PER_MS, type FileRef } from '@littlepbx/core/files/files';
import type { Log } from '@littlepbx/core/ports';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import { isUuid } from '../uuid.ts';

const HEADER = 44;

export interface Measured {
  bytes: number;
  /** Milliseconds. */
  duration: number;
}

/** A sound that is there, to be read. */
export interface OpenSound {
  bytes: number;
  /** From byte `from` to byte `to`, both included. */
  stream(from: number, to: number): Readable;
}

export class SoundFolder {
  readonly #folder: string;
  readonly #log: Log;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  pathOf({ organizationId, id, kind }: FileRef): string {
    if (!isUuid(id)) throw new TypeError(`not the id of a sound: ${JSON.stringify(id)}`);
    const folder = this.#folderOf(organizationId);
    return kind === 'music' ? join(folder, 'music', `${id}.wav`) : join(folder, `${id}.wav`);
  }

  /** Brings a finished recording here; null when there is none, or no sound in it. Doing it twice is the same as once. */
  async take(recording: string, file: FileRef): Promise<Measured | null> {
    const target = await this.#placeFor(file);
    await rename(this.#spooled(recording), target).catch(unlessMissing);
    const measured = await this.measure(file);
    if (measured && measured.bytes <= HEADER) {
      await unlink(target).catch(unlessMissing);
      return null;
    }
    if (measured) await mendHeader(target, measured.bytes);
    return measured;
  }

  /** Throws a finished recording away. */
  async drop(recording: string): Promise<void> {
    await unlink(this.#spooled(recording)).catch(unlessMissing);
  }

  /** Brings a finished WAV file here, from the same file system. */
  async put(path: string, file: FileRef): Promise<void> {
    await rename(path, await this.#placeFor(file));
  }

  /** A second name of the same file: bytes never change once they are here. */
  async copy(from: FileRef, to: FileRef): Promise<boolean> {
    const path = await this.#placeFor(to);
    return link(this.pathOf(from), path).then(
      () => true,
      (error: unknown) => {
        unlessMissing(error);
        return false;
      },
    );
  }

  /** Bytes that are free on its disk for us. */
  free(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }

  /** Null when there is no such file. */
  async measure(file: FileRef): Promise<Measured | null> {
    const found = await stat(this.pathOf(file)).catch(unlessMissing);
    return found
      ? { bytes: found.size, duration: Math.max(0, Math.round((found.size - HEADER) / BYTES_PER_MS)) }
      : null;
  }

  /** Null when there is no such file. */
  async open(file: FileRef): Promise<OpenSound | null> {
    const measured = await this.measure(file);
    if (!measured) return null;
    return {
      bytes: measured.bytes,
      stream: (from, to) => createReadStream(this.pathOf(file), { start: from, end: to }),
    };
  }

  async remove(files: FileRef[]): Promise<void> {
    for (const file of files) {
      await unlink(this.pathOf(file))
        .catch(unlessMissing)
        .catch((error: unknown) => this.#failed('sound-not-removed', error));
    }
  }

  async erase(organizationId: OrganizationId): Promise<void> {
    await rm(this.#folderOf(organizationId), { recursive: true, force: true }).catch((error: unknown) =>
      this.#failed('sounds-not-erased', error),
    );
  }

  /** Organizations that have a folder here. */
  async organizations(): Promise<OrganizationId[]> {
    return (await readdir(this.#folder)).filter(isUuid);
  }

  /** Every sound of an organization, with the time of its last change in milliseconds since the epoch. */
  async list(organizationId: OrganizationId): Promise<{ id: string; isMusic: boolean; changedAt: number }[]> {
    const found: { id: string; isMusic: boolean; changedAt: number }[] = [];
    for (const [folder, isMusic] of [
      [this.#folderOf(organizationId), false],
      [join(this.#folderOf(organizationId), 'music'), true],
    ] as const) {
      for (const name of (await readdir(folder).catch(unlessMissing)) ?? []) {
        const id = name.replace(/\.wav$/, '');
        if (!isUuid(id)) continue;
        const { mtimeMs } = (await stat(join(folder, name)).catch(unlessMissing)) ?? { mtimeMs: Date.now() };
        found.push({ id, isMusic, changedAt: mtimeMs });
      }
    }
    return found;
  }

  #folderOf(organizationId: OrganizationId): string {
    if (!isUuid(organizationId)) throw new TypeError(`not an organization: ${JSON.stringify(organizationId)}`);
    return join(this.#folder, organizationId);
  }

  #spooled(recording: string): string {
    if (!/^r-[0-9a-f-]{36}$/.test(recording)) throw new TypeError(`not a recording: ${JSON.stringify(recording)}`);
    return join(this.#folder, 'spool/recording', `${recording}.wav`);
  }

  async #placeFor(file: FileRef): Promise<string> {
    const path = this.pathOf(file);
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    return path;
  }

  #failed(event: string, error: unknown): void {
    this.#log.warn(event, { error: String(error) });
  }
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** The engine writes the lengths when it closes the file; one that died in the middle leaves zeros, which players take for the truth. */
async function mendHeader(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const header = Buffer.alloc(HEADER);
    await file.read(header, 0, HEADER, 0);
    const isPlain = header.toString('latin1', 0, 4) === 'RIFF' && header.toString('latin1', 36, 40) === 'data';
    if (!isPlain || header.readUInt32LE(40) === bytes - HEADER) return;
    header.writeUInt32LE(bytes - 8, 4);
    header.writeUInt32LE(bytes - HEADER, 40);
    await file.write(header, 0, HEADER, 0);
  } finally {
    await file.close();
  }
}
