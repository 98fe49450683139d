/**
 * `Files` on local disk and SQLite: works while Postgres is away, and survives `kill -9` at any step. How much an
 * organization has stored is known in memory: as Postgres last said, and what came and went here since.
 */
import {
  BYTES_PER_MS,
  type ExpectedSound,
  type FileDisk,
  type FileRef,
  type Files,
  type SoundFile,
} from '@littlepbx/core/files/files';
import type { Log } from '@littlepbx/core/ports';
import type { Organization, OrganizationId } from '@littlepbx/core/tenancy/organization';
import type { LocalSounds } from '../local/sounds.ts';
import type { SoundFolder } from './sound-folder.ts';

/** What sounds leave free on disk: journal and database write on. Bytes. */
const RESERVE = 64 * 1024 ** 2;

export class RecordedSounds implements Files, FileDisk {
  readonly #folder: SoundFolder;
  readonly #local: LocalSounds;
  readonly #log: Log;
  #used = new Map<OrganizationId, number>();
  readonly #taking = new Map<string, Promise<SoundFile | null>>();

  constructor({ folder, local, log }: { folder: SoundFolder; local: LocalSounds; log: Log }) {
    this.#folder = folder;
    this.#local = local;
    this.#log = log;
  }

  room({ id, limits }: Pick<Organization, 'id' | 'limits'>): number {
    return Math.max(0, Math.floor((limits.storageBytes - this.used(id)) / BYTES_PER_MS));
  }

  diskRoom(): number {
    try {
      return Math.max(0, Math.floor((this.#folder.free() - RESERVE) / BYTES_PER_MS));
    } catch (error) {
      this.#log.warn('disk-not-seen', { error: String(error) });
      return 0;
    }
  }

  /** Bytes stored, as far as is known. */
  used(id: OrganizationId): number {
    return this.#used.get(id) ?? 0;
  }

  expect(sound: ExpectedSound): void {
    this.#local.expect(sound);
  }

  takeOver(id: ExpectedSound['id']): Promise<SoundFile | null> {
    const running = this.#taking.get(id);
    if (running) return running;
    const taking = this.#take(id).finally(() => this.#taking.delete(id));
    this.#taking.set(id, taking);
    return taking;
  }

  async discard(id: ExpectedSound['id']): Promise<void> {
    await this.#folder.drop(id);
    this.#local.forget(id);
  }

  kept({ organizationId, bytes }: SoundFile): void {
    this.stored(organizationId, bytes);
  }

  async remove(files: (FileRef & { bytes?: number })[]): Promise<void> {
    await this.#folder.remove(files);
    for (const { organizationId, bytes = 0 } of files) this.stored(organizationId, -bytes);
  }

  copy(from: FileRef, to: FileRef): Promise<boolean> {
    return this.#folder.copy(from, to);
  }

  async erase(organizationId: OrganizationId): Promise<void> {
    await this.#folder.erase(organizationId);
    this.#used.delete(organizationId);
  }

  /** Whether Postgres is yet to be told of this sound. */
  isExpected(id: string): boolean {
    return this.#local.expected(`r-${id}`) !== null || this.#local.outgoing(100_000).some(({ file }) => file.id === id);
  }

  /** Takes over what was recorded in calls that are no more. To be called after a start, and now and then. */
  async sweep(isLive: (callId: string) => boolean): Promise<void> {
    for (const sound of this.#local.allExpected()) {
      if (isLive(sound.callId)) continue;
      try {
        const file = await this.takeOver(sound.id);
        this.#log.info('recording-found', { recording: sound.id, call: sound.callId, bytes: file?.bytes ?? 0 });
      } catch (error) {
        // A full disk, say. It stays expected, and keeps no other one from being found.
        this.#log.warn('recording-not-taken-over', { recording: sound.id, error: String(error) });
      }
    }
  }

  /** What Postgres knows of; what it has not been told yet is added here. */
  usageIs(known: ReadonlyMap<OrganizationId, number>): void {
    this.#used = new Map(known);
    for (const { file } of this.#local.outgoing(100_000)) this.stored(file.organizationId, file.bytes);
  }

  /** Something came (or, with a negative number, went). */
  stored(id: OrganizationId, bytes: number): void {
    this.#used.set(id, Math.max(0, this.used(id) + bytes));
  }

  async #take(id: ExpectedSound['id']): Promise<SoundFile | null> {
    const expected = this.#local.expected(id);
    if (!expected) return null;
    const { organizationId, kind, callId, details, at, minDuration = 0 } = expected;
    const ref = { id: id.slice(2), organizationId, kind };
    const measured = await this.#folder.take(id, ref);
    if (!measured || measured.duration < minDuration) {
      if (measured) await this.#folder.remove([ref]);
      this.#local.forget(id);
      return null;
    }
    const file: SoundFile = { ...ref, name: null, callId, details, ...measured, createdAt: at };
    this.#local.taken(id, file);
    this.stored(organizationId, file.bytes);
    return file;
  }
}
