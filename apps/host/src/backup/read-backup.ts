/** Reads a backup from its first byte to its last, and believes nothing in it before it was looked at. */
import { migrationNames } from '@littlepbx/data/migrate';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { Failure, messageOf } from '../failure.ts';
import {
  checkVersion,
  DATA,
  DATABASE,
  END,
  type End,
  endSchema,
  MANIFEST,
  type Manifest,
  manifestSchema,
  parseEntry,
  pathOfEntry,
  Tally,
} from './format.ts';
import { unseal } from './seal.ts';

/** Who takes what is in a backup. `check` takes nothing. */
export interface Taker {
  manifest?(manifest: Manifest): Promise<void> | void;
  /** The next piece of the database's dump. */
  database?(chunk: Uint8Array): Promise<void>;
  folder?(path: string, how: Attributes): Promise<void> | void;
  /** Beginning of a file; what it returns takes the content, and null at the end of it. */
  file?(path: string, how: Attributes): Promise<(chunk: Uint8Array | null) => Promise<void>>;
}

export interface Attributes {
  mode: number;
  user: string;
  group: string;
}

/** JSON entries are small; more is no manifest. Bytes. */
const MAX_JSON = 4 * 1024 * 1024;

/** @throws Failure when it is damaged, cut off, of a newer version, or no backup */
export async function readBackup(
  file: string,
  passphrase: string | null,
  taker: Taker = {},
): Promise<{ manifest: Manifest; end: End }> {
  const decoder = createTarDecoder({ strict: true });
  const tar = await unseal(file, passphrase);
  const piped = tar.pipeTo(decoder.writable);
  piped.catch(() => {});
  const entries = decoder.readable.getReader();
  const reading = new Reading(taker);
  try {
    for (;;) {
      const { done, value } = await entries.read();
      if (done) break;
      await reading.entry(value);
    }
    await piped;
    return reading.result();
  } catch (error) {
    await entries.cancel(error).catch(() => {});
    throw error instanceof Failure || (error as { syscall?: string }).syscall
      ? error
      : new Failure(`The backup is damaged or cut off: ${messageOf(error)}`);
  }
}

class Reading {
  readonly #taker: Taker;
  readonly #tally = new Tally();
  #manifest: Manifest | null = null;
  #end: End | null = null;
  #pieces = 0;

  constructor(taker: Taker) {
    this.#taker = taker;
  }

  async entry({ header, body }: ParsedTarEntry): Promise<void> {
    const { name, size } = header;
    const isFolder = header.type === 'directory';
    if (this.#end) throw new Failure('The backup is damaged: something follows its end.');
    if (!isFolder && header.type !== 'file') throw new Failure(`The backup holds a ${header.type}, which it must not.`);
    if (name === END) {
      this.#end = parseEntry(END, endSchema, await textOf(body));
      const seen = this.#tally.end();
      if (seen.sha256 !== this.#end.sha256 || seen.entries !== this.#end.entries) {
        throw new Failure('The backup is damaged: its content does not match its checksum.');
      }
      return;
    }
    this.#tally.begin(name, isFolder ? 0 : size);
    const each = async (take: (chunk: Uint8Array) => Promise<void> | void) => {
      for await (const chunk of body) {
        this.#tally.add(chunk);
        await take(chunk);
      }
    };
    if (name === MANIFEST) {
      if (this.#manifest) throw new Failure('The backup is damaged: it has two manifests.');
      let text = Buffer.alloc(0);
      await each((chunk) => {
        text = Buffer.concat([text, chunk]);
        if (text.length > MAX_JSON) throw new Failure('This is no LittlePBX backup: its manifest is too long.');
      });
      this.#manifest = parseEntry(MANIFEST, manifestSchema, text.toString());
      checkVersion(this.#manifest, migrationNames());
      await this.#taker.manifest?.(this.#manifest);
      return;
    }
    if (!this.#manifest) throw new Failure('This is no LittlePBX backup: it does not begin with a manifest.');
    if (name.startsWith(DATABASE)) {
      this.#pieces += 1;
      if (name !== pieceName(this.#pieces))
        throw new Failure('The backup is damaged: a piece of the database is missing.');
      return each((chunk) => this.#taker.database?.(chunk));
    }
    const path = pathOfEntry(name);
    const how = { mode: header.mode ?? 0o600, user: header.uname ?? '', group: header.gname ?? '' };
    if (isFolder) return this.#taker.folder?.(path, how);
    const write = await this.#taker.file?.(path, how);
    await each((chunk) => write?.(chunk));
    await write?.(null);
  }

  result(): { manifest: Manifest; end: End } {
    if (!this.#manifest) throw new Failure('This is no LittlePBX backup: there is nothing in it.');
    if (!this.#end || this.#pieces === 0) throw new Failure('The backup is cut off: its end is missing.');
    return { manifest: this.#manifest, end: this.#end };
  }
}

async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Name of the n-th piece of the dump, from 1. */
export const pieceName = (n: number): string => `${DATABASE}${String(n).padStart(6, '0')}`;

/** Name of the entry of a file of DATA. */
export const entryName = (path: string): string => `${DATA}${path}`;
