/**
 * Sounds that people upload, made into what the engine plays: WAV, 8 kHz, mono, 16 bit, like its own prompts. (16 kHz
 * would double the storage for the calls of few phones.)
 *
 * Nothing of an upload is believed. It is written to a file of ours as it arrives, up to a limit, typed by its first
 * bytes, and decoded by sox in a process of its own that is locked in (`decoder.ts`). sox is told the type, so it guesses nothing and reads no playlist;
 * it knows no Opus, which opusdec decodes for it under the same limits.
 *
 * Uploads at once: 8 in all, 2 of one organization; one is decoded at a time, after the calls' work (nice).
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BYTES_PER_MS,
  type FileRef,
  MAX_UPLOAD,
  MAX_UPLOAD_DURATION,
  type SoundIntake,
  type TakenSound,
  type UploadRefusal,
} from '@littlepbx/core/files/files';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import { Decoder } from './decoder.ts';
import type { SoundFolder } from './sound-folder.ts';

const AT_ONCE = 8;
const AT_ONCE_OF_ONE = 2;
const MAX_OUTPUT = MAX_UPLOAD_DURATION * BYTES_PER_MS + 1_000_000;
/** Opus may be in stereo. */
const LIMITS = ['--cpu=30', `--as=${512 * 1024 ** 2}`, `--fsize=${2 * MAX_OUTPUT}`, '--nofile=32', '--core=0'];

type Outcome = { ok: true; value: TakenSound } | { ok: false; refusal: UploadRefusal };
const refuse = (refusal: UploadRefusal): { ok: false; refusal: UploadRefusal } => ({ ok: false, refusal });

export class FileIntake implements SoundIntake {
  readonly #folder: SoundFolder;
  readonly #incoming: string;
  readonly #decoder = new Decoder(LIMITS);
  readonly #busy = new Map<OrganizationId, number>();
  #decoding: Promise<unknown> = Promise.resolve();

  /** @param incoming folder for what is on its way, on the file system of the sounds; made and emptied by `open` */
  constructor(folder: SoundFolder, incoming: string) {
    this.#folder = folder;
    this.#incoming = incoming;
  }

  /**
   * Removes what an earlier brain left half done.
   * @param hidden folders that decoding has no business in
   * @returns whether they are hidden from it
   */
  async open(hidden: string[] = []): Promise<boolean> {
    await mkdir(this.#incoming, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#incoming)) await unlink(join(this.#incoming, name));
    return this.#decoder.hide(hidden);
  }

  async take(organizationId: OrganizationId, sound: AsyncIterable<Uint8Array>): Promise<Outcome> {
    const own = this.#busy.get(organizationId) ?? 0;
    let all = 0;
    for (const count of this.#busy.values()) all += count;
    if (own >= AT_ONCE_OF_ONE || all >= AT_ONCE) return refuse('too-many-uploads');
    this.#busy.set(organizationId, own + 1);
    const [raw, wav] = ['raw', 'wav'].map((suffix) => join(this.#incoming, `${randomUUID()}.${suffix}`)) as [
      string,
      string,
    ];
    let outcome: Outcome | undefined;
    try {
      outcome = await this.#receive(sound, raw, wav);
      return outcome;
    } finally {
      const left = (this.#busy.get(organizationId) ?? 1) - 1;
      if (left > 0) this.#busy.set(organizationId, left);
      else this.#busy.delete(organizationId);
      await unlink(raw).catch(() => {});
      if (!outcome?.ok) await unlink(wav).catch(() => {});
    }
  }

  async #receive(sound: AsyncIterable<Uint8Array>, raw: string, wav: string): Promise<Outcome> {
    const file = await open(raw, 'wx+', 0o600);
    let head: Buffer;
    try {
      if (!(await write(sound, file))) return refuse('too-large');
      head = Buffer.alloc(64);
      const { bytesRead } = await file.read(head, 0, 64, 0);
      head = head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
    const type = typeOf(head);
    if (type === null) return refuse('not-a-sound');
    if (!(await this.#decode(type, raw, wav))) return refuse('broken-sound');
    const { size } = await stat(wav);
    const duration = Math.round((size - 44) / BYTES_PER_MS);
    if (duration > MAX_UPLOAD_DURATION) return refuse('too-long');
    // Header alone: it claimed to be a sound and held none.
    if (duration < 1) return refuse('broken-sound');
    return {
      ok: true,
      value: {
        bytes: size,
        duration,
        keep: (file: FileRef) => this.#folder.put(wav, file),
        drop: () => unlink(wav).catch(() => {}),
      },
    };
  }

  /** One at a time. */
  #decode(type: string, raw: string, wav: string): Promise<boolean> {
    const turn = this.#decoding.then(() => (type === 'opus' ? this.#opus(raw, wav) : this.#sox(type, raw, wav)));
    this.#decoding = turn.catch(() => {});
    return turn;
  }

  async #opus(raw: string, wav: string): Promise<boolean> {
    // By this suffix it writes WAV.
    const decoded = `${raw}.wav`;
    try {
      const isDecoded = await this.#decoder.run('opusdec', '--quiet', '--rate', '8000', raw, decoded);
      return isDecoded && (await this.#sox('wav', decoded, wav));
    } finally {
      await unlink(decoded).catch(() => {});
    }
  }

  #sox(type: string, raw: string, wav: string): Promise<boolean> {
    const format = ['-t', 'wav', '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed-integer', '--comment', ''];
    const cut = ['trim', '0', String(MAX_UPLOAD_DURATION / 1000 + 1)];
    return this.#decoder.run('sox', '-V1', '--no-dither', '-t', type, raw, ...format, wav, ...cut);
  }
}

/** False when there is more than may be. */
async function write(sound: AsyncIterable<Uint8Array>, file: FileHandle): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of sound) {
    bytes += chunk.length;
    if (bytes > MAX_UPLOAD) return false;
    await file.writeFile(chunk);
  }
  return true;
}

/** What it is by its first bytes, in sox's words but for `opus`; null for what we do not take. */
export function typeOf(head: Buffer): string | null {
  const text = (from: number, to: number) => head.toString('latin1', from, to);
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WAVE') return 'wav';
  if (text(0, 4) === 'fLaC') return 'flac';
  if (text(0, 4) === 'OggS') {
    if (text(28, 36) === 'OpusHead') return 'opus';
    return text(28, 35) === '\x01vorbis' ? 'vorbis' : null;
  }
  if (text(0, 4) === 'FORM' && /^AIF[FC]$/.test(text(8, 12))) return 'aiff';
  // An MPEG frame: 11 bits of sync, then a version and a layer that exist; or the tag that stands before.
  if (text(0, 3) === 'ID3') return 'mp3';
  const [first = 0, second = 0] = head;
  if (first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08 && (second & 0x06) !== 0) return 'mp3';
  return null;
}
