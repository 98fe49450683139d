/**
 * Sounds that belong to an organization: call recordings, voicemail messages, greetings, prompts, music. Each is a WAV
 * file (8 kHz, mono, 16 bit) under a name of ours, outside of the engine's own folders, with a row in Postgres.
 *
 * What the engine records goes through here:
 *
 *     expect ── the engine records into its spool ── takeOver: moved, noted on local disk ── registered in Postgres
 *        └── discard: nobody wants it
 *
 * A recording is expected before the engine is told of it, so none is lost: what no call takes over, since its brain
 * died or the call is gone, is taken over by the next sweep.
 */
import type { RecordId } from '@littlepbx/engine/port';
import type { Organization, OrganizationId } from '../tenancy/organization.ts';

export const FILE_KINDS = ['recording', 'voicemail', 'greeting', 'prompt', 'music'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** A sound's plain facts for whoever made it: whose box, who spoke. Never secrets. */
export type FileDetails = Record<string, string | number | boolean | null>;

export interface SoundFile {
  /** UUID, and the file's name; of a recording, its `RecordId` without the prefix. */
  id: string;
  organizationId: OrganizationId;
  kind: FileKind;
  /** As the person named it who uploaded it; null for what the engine recorded. */
  name: string | null;
  /** Call it was recorded in. */
  callId: string | null;
  details: FileDetails;
  bytes: number;
  /** Milliseconds. */
  duration: number;
  createdAt: number;
}

/** What is enough to find a sound on disk. */
export type FileRef = Pick<SoundFile, 'id' | 'organizationId' | 'kind'>;

/** A recording that the engine is about to make. */
export interface ExpectedSound {
  id: RecordId;
  organizationId: OrganizationId;
  kind: FileKind;
  callId: string;
  details: FileDetails;
  /** When it began. Milliseconds since the epoch. */
  at: number;
  /** Shorter ones are thrown away. Milliseconds. */
  minDuration?: number;
}

/** 8 kHz, mono, 16 bit. */
export const BYTES_PER_MS = 16;

/** Recorded sounds, as calls see them. Asks no database. */
export interface Files {
  /** How much more sound fits into the organization's storage. Milliseconds; 0: it is full, and the caller must hear so. */
  room(organization: Pick<Organization, 'id' | 'limits'>): number;
  /** How much sound the disk itself takes beside what the system needs to go on. Milliseconds. */
  diskRoom(): number;
  /** Written to disk when it returns. To be called before the engine is told to record. */
  expect(sound: ExpectedSound): void;
  /**
   * The recording has ended: its file is the organization's from now on. Safe to call twice, and after a restart.
   * Resolves to null when nothing was recorded, or it had been taken over before.
   */
  takeOver(id: RecordId): Promise<SoundFile | null>;
  /** The recording has ended and nobody wants it. */
  discard(id: RecordId): Promise<void>;
}

/** Sounds on disk, as the use cases see them. What cannot be removed now is found by the next sweep. */
export interface FileDisk {
  /** An upload is in its place, and its row is written. */
  kept(file: SoundFile): void;
  /** Their rows are gone. `bytes` where they are known. */
  remove(files: (FileRef & { bytes?: number })[]): Promise<void>;
  /** The same bytes under another name, at no cost; false when there is no such file. */
  copy(from: FileRef, to: FileRef): Promise<boolean>;
  /** All of an organization that is no more. */
  erase(organizationId: OrganizationId): Promise<void>;
}

/** What may be uploaded at most. Bytes as they come, and milliseconds of sound. */
export const MAX_UPLOAD = 64 * 1024 ** 2;
export const MAX_UPLOAD_DURATION = 30 * 60_000;

export type UploadRefusal = 'too-many-uploads' | 'too-large' | 'too-long' | 'not-a-sound' | 'broken-sound';

/** An uploaded sound as the engine plays it, not yet in its place. One of `keep` and `drop` must be called. */
export interface TakenSound {
  bytes: number;
  /** Milliseconds. */
  duration: number;
  keep(file: FileRef): Promise<void>;
  drop(): Promise<void>;
}

/** Makes of what people upload what the engine plays. */
export interface SoundIntake {
  take(
    organizationId: OrganizationId,
    sound: AsyncIterable<Uint8Array>,
  ): Promise<{ ok: true; value: TakenSound } | { ok: false; refusal: UploadRefusal }>;
}
