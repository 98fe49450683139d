/**
 * What the use cases need stored. `packages/data` implements it on Postgres.
 *
 * Each function given to `Stores` runs in one transaction, which commits when it resolves (with a refusal too: refuse
 * before the first write) and rolls back when it throws.
 * All of them throw `StoreUnavailable` within some 2 s when the database does not answer. Every method names its
 * organization although the transaction is confined to one: one mistake alone must not show a row to a stranger.
 */
import type { Cdr, TraceStep } from '../call/record.ts';
import type { SoundFile } from '../files/files.ts';
import type { Session } from '../persons/person.ts';
import type { PersonStore, UserStore } from '../persons/stores.ts';
import type { Rate } from '../spending/rates.ts';
import type { Message, Waiting } from '../voicemail/box.ts';
import type { WebhookStore } from '../webhooks/store.ts';
import type { Actor, Scope } from './actor.ts';
import type { Act, AuditEntry, AuditFilter, Author } from './audit-entry.ts';
import type { SpokenLanguage } from './language.ts';
import type {
  Device,
  Extension,
  ExtensionControl,
  Limits,
  MusicChoice,
  OrganizationId,
  Retention,
  RevisionContent,
  Route,
  Trunk,
} from './organization.ts';
import type { Quota, Quotas } from './quotas.ts';
import type {
  ApiKey,
  BucketStart,
  CallCounts,
  CallFilter,
  CallsByDirection,
  CallTotals,
  DeviceChange,
  ExtensionCounts,
  FileFilter,
  OrganizationFilter,
  RevisionView,
  TrunkCounts,
} from './views.ts';

/** The database does not answer, or not in time. Whether the last transaction was committed is not known then. */
export class StoreUnavailable extends Error {
  /** The refusal's id. */
  readonly id = 'database-unavailable';

  constructor(cause?: unknown) {
    super('the database does not answer', { cause });
    this.name = 'StoreUnavailable';
  }
}

/** What stands in the organization's own row. */
export interface OrganizationRow {
  id: OrganizationId;
  slug: string;
  name: string;
  country: string;
  isSuspended: boolean;
  timeZone: string;
  language: SpokenLanguage;
  limits: Limits;
  retention: Retention;
  quotas: Quotas;
  allowedCountries: string[];
  /** Its admins' addresses, who are told what of `alerts/` concerns it. */
  alertMailTo: string[];
  /** Changes with the logo; null: there is none. */
  logoTag: string | null;
  defaultNumber: string | null;
  currentRevision: number;
  createdAt: number;
  /** When it was deleted; it may still be restored. */
  deletedAt: number | null;
}
export type OrganizationPatch = Partial<Omit<OrganizationRow, 'id' | 'slug' | 'createdAt'>>;

export type DeviceRow = Required<Device> & { organizationId: OrganizationId; createdAt: number };
export interface NumberRow {
  number: string;
  /** Extension the draft leads it to; it may be gone from the draft. */
  extensionId: string | null;
}
export interface KeyRow {
  id: string;
  name: string;
  organizationId: OrganizationId | null;
  scopes: Scope[];
  secretSha256: string;
  lastUsedAt: number | null;
}

/** Part of a list: what follows `after` in the order of the list's key, at most `limit`. */
export interface Slice {
  after: string | null;
  limit: number;
}

export interface Logo {
  type: 'image/png' | 'image/jpeg' | 'image/webp';
  content: Buffer;
}

export interface OrganizationStore {
  /** By slug. */
  list(filter: OrganizationFilter, slice: Slice): Promise<OrganizationRow[]>;
  get(id: OrganizationId): Promise<OrganizationRow | null>;
  /** By slug or id; none that was deleted. */
  named(slugOrId: string): Promise<OrganizationRow | null>;
  /** Same, and holds off all other changes of this organization until the transaction ends. */
  lock(id: OrganizationId): Promise<OrganizationRow | null>;
  /** False when the slug is taken. */
  create(row: OrganizationRow): Promise<boolean>;
  update(id: OrganizationId, patch: OrganizationPatch): Promise<void>;
  logo(id: OrganizationId): Promise<Logo | null>;
  /** Null takes it away. */
  putLogo(id: OrganizationId, logo: Logo | null): Promise<void>;
  /** With all that is its own, its records too; it must have been deleted. */
  erase(id: OrganizationId): Promise<void>;
  /** How many of these it has; extensions those of the draft. */
  count(id: OrganizationId, of: Quota): Promise<number>;
}

export interface Contents {
  draft: RevisionContent;
  /** Empty while nothing is applied. */
  applied: RevisionContent;
  /** E.164, in order. */
  numbers: string[];
}

export interface DraftStore {
  /** The whole draft, in the order of numbers. */
  content(organizationId: OrganizationId): Promise<RevisionContent>;
  /** Draft, applied content and numbers of many organizations at once; an entry for each id. */
  contents(ids: OrganizationId[]): Promise<Map<OrganizationId, Contents>>;
  /** Replaces it. Routes of numbers that the organization does not have are left out. */
  replace(organizationId: OrganizationId, content: RevisionContent): Promise<void>;
  /** By extension number. */
  listExtensions(organizationId: OrganizationId, slice: Slice, search?: string): Promise<Extension[]>;
  /** Numbers by the ids of these extensions: the draft's, else the applied one. What is in neither is left out. */
  extensionNumbers(organizationIds: OrganizationId[], extensionIds: string[]): Promise<Map<string, string>>;
  /** By number or id. */
  extension(organizationId: OrganizationId, numberOrId: string): Promise<Extension | null>;
  insertExtension(organizationId: OrganizationId, extension: Extension): Promise<void>;
  updateExtension(organizationId: OrganizationId, extension: Extension): Promise<void>;
  deleteExtension(organizationId: OrganizationId, id: string): Promise<void>;
  route(organizationId: OrganizationId, number: string, extensionId: string | null): Promise<void>;
  routes(organizationId: OrganizationId): Promise<Route[]>;
  music(organizationId: OrganizationId): Promise<MusicChoice>;
  setMusic(organizationId: OrganizationId, choice: MusicChoice): Promise<void>;
}

export interface DeviceStore {
  /** By username; of one extension, or all. */
  list(
    organizationId: OrganizationId,
    slice: Slice,
    filter: { extensionId?: string; search?: string },
  ): Promise<DeviceRow[]>;
  /** In whatever organization the transaction may see. */
  find(username: string): Promise<DeviceRow | null>;
  /** By username. */
  all(organizationId: OrganizationId): Promise<DeviceRow[]>;
  /** False when the username is taken. */
  insert(row: DeviceRow): Promise<boolean>;
  insertAll(rows: DeviceRow[]): Promise<void>;
  update(
    organizationId: OrganizationId,
    username: string,
    patch: DeviceChange & Partial<Pick<Device, 'digestMd5' | 'digestSha256' | 'suspension'>>,
  ): Promise<void>;
  delete(organizationId: OrganizationId, username: string): Promise<void>;
  /** Of one extension, or all. */
  usernames(organizationId: OrganizationId, extensionId?: string): Promise<string[]>;
  /** Deletes devices of all other extensions than these; returns their usernames. */
  deleteAllBut(organizationId: OrganizationId, extensionIds: string[]): Promise<string[]>;
}

export interface NumberStore {
  /** By number. */
  list(organizationId: OrganizationId, slice: Slice, search?: string): Promise<NumberRow[]>;
  get(organizationId: OrganizationId, number: string): Promise<NumberRow | null>;
  /** All of them, E.164. */
  all(organizationId: OrganizationId): Promise<string[]>;
  /** False when anybody has it. */
  assign(organizationId: OrganizationId, number: string): Promise<boolean>;
  release(organizationId: OrganizationId, number: string): Promise<void>;
}

export interface TrunkStore {
  /** By id, which is the order of creation. */
  list(organizationId: OrganizationId, slice: Slice): Promise<Trunk[]>;
  all(organizationId: OrganizationId): Promise<Trunk[]>;
  get(organizationId: OrganizationId, id: string): Promise<Trunk | null>;
  insert(organizationId: OrganizationId, trunk: Trunk): Promise<void>;
  update(organizationId: OrganizationId, trunk: Trunk): Promise<void>;
  delete(organizationId: OrganizationId, id: string): Promise<void>;
}

export interface StoredDeck {
  version: number;
  currency: string;
  importedAt: number;
  /** By prefix. */
  rates: Rate[];
}

export interface RateStore {
  get(organizationId: OrganizationId, trunkId: string): Promise<StoredDeck | null>;
  /** The trunk's deck is this one from now on. */
  replace(organizationId: OrganizationId, trunkId: string, deck: Omit<StoredDeck, 'version'>): Promise<void>;
  delete(organizationId: OrganizationId, trunkId: string): Promise<void>;
}

export interface ControlStore {
  get(organizationId: OrganizationId, extensionId: string): Promise<ExtensionControl | null>;
  put(organizationId: OrganizationId, control: ExtensionControl): Promise<void>;
}

export type RevisionRow = Omit<RevisionView, 'isCurrent'>;

export interface RevisionStore {
  /** Newest first; `after` is a revision number. */
  list(organizationId: OrganizationId, slice: Slice): Promise<RevisionRow[]>;
  content(organizationId: OrganizationId, number: number): Promise<RevisionContent | null>;
  /** Highest number so far; 0 when there is none. */
  last(organizationId: OrganizationId): Promise<number>;
  /** @param by id of the person or key that applied it; kept, not shown */
  insert(organizationId: OrganizationId, row: RevisionRow, by: string, content: RevisionContent): Promise<void>;
}

/** With the time on the wall at its start, `YYYY-MM-DD HH:MM:SS`. */
export interface ExportedCall {
  cdr: Cdr;
  startedLocal: string;
}

/** One at most an organization. */
export interface WaitingApplyRow {
  askedAt: number;
  /** Who asked: it is applied in that name. */
  actor: Actor;
  deadline: number;
  note: string | null;
  email: string | null;
}

export interface WaitingApplyStore {
  get(organizationId: OrganizationId): Promise<WaitingApplyRow | null>;
  put(organizationId: OrganizationId, row: WaitingApplyRow): Promise<void>;
  /** False when none waits. */
  delete(organizationId: OrganizationId): Promise<boolean>;
  /** Of all organizations that the transaction may see. */
  all(): Promise<{ organizationId: OrganizationId; deadline: number }[]>;
}

export interface CallStore {
  /** From the first midnight to the one after the last day; null when there is no such time zone. */
  period(from: string, to: string, timeZone: string): Promise<{ since: number; until: number } | null>;
  /** Oldest first; `after` is `<startedAt>:<id>`. */
  export(
    organizationId: OrganizationId,
    wanted: CallFilter & { timeZone: string },
    after: string | null,
    limit: number,
  ): Promise<ExportedCall[]>;
  /** By direction; those without a call are missing. */
  totals(
    organizationId: OrganizationId,
    period: { since: number; until: number },
  ): Promise<Pick<CallTotals, 'totals' | 'costs'>>;
  /** Newest first; `after` is `<startedAt>:<id>`. */
  list(organizationId: OrganizationId, filter: CallFilter, slice: Slice): Promise<Cdr[]>;
  get(organizationId: OrganizationId, id: string): Promise<{ cdr: Cdr; trace: TraceStep[] } | null>;
}

interface Period {
  since: number;
  until: number;
  timeZone: string;
}

export interface StatisticsStore {
  /** Hours in which a call began, in order. `day`: when the day that it is of begins. */
  byHour(
    organizationId: OrganizationId,
    period: Period,
  ): Promise<(CallCounts & CallsByDirection & BucketStart & { day: number; hourOfDay: number })[]>;
  /** All hours or days of the period. */
  series(period: Period, by: 'hour' | 'day'): Promise<BucketStart[]>;
  byExtension(organizationId: OrganizationId, period: Period): Promise<ExtensionCounts[]>;
  byTrunk(organizationId: OrganizationId, period: Period): Promise<TrunkCounts[]>;
}

/** What was answered to requests that may be sent again; for a day. By who asked, null: the operator's own. */
export interface RepeatStore {
  /** Holds off others with the same key until the transaction ends. */
  find(organizationId: OrganizationId | null, authorId: string, key: string): Promise<KeptAnswer | null>;
  keep(organizationId: OrganizationId | null, authorId: string, key: string, answer: KeptAnswer): Promise<void>;
}

export interface KeptAnswer {
  fingerprint: string;
  /** JSON; it may hold secrets. */
  value: unknown;
}

export interface FileStore {
  /** Newest first, without voicemail; `after` is `<createdAt>:<id>`. */
  list(organizationId: OrganizationId, filter: FileFilter, slice: Slice): Promise<SoundFile[]>;
  get(organizationId: OrganizationId, id: string): Promise<SoundFile | null>;
  insert(file: SoundFile): Promise<void>;
  /** False when it is not there. */
  delete(organizationId: OrganizationId, id: string): Promise<boolean>;
  /** Bytes stored by each; those that store nothing are missing. */
  used(ids: OrganizationId[]): Promise<Map<OrganizationId, number>>;
}

/** What stands in a voicemail box's own row. */
export interface VoicemailBoxRow {
  pinHash: string | null;
  /** Sound that greets; null: stock prompts. */
  greeting: string | null;
  /** Seconds. */
  maxMessageInS: number;
  /** Where new messages are told. */
  email: string | null;
  isSoundAttached: boolean;
}

/** Wrong PINs in a row. */
export interface VoicemailLock {
  wrongTries: number;
  /** Milliseconds since the epoch. */
  lockedUntil: number | null;
}

/** Messages come by `files`: with each sound of the kind `voicemail`, and go with it. */
export interface VoicemailStore {
  /** Null while nothing was set. */
  box(organizationId: OrganizationId, extensionId: string): Promise<VoicemailBoxRow | null>;
  /** By extension; those that nothing was set of are missing. */
  boxes(organizationId: OrganizationId): Promise<Map<string, VoicemailBoxRow>>;
  put(organizationId: OrganizationId, extensionId: string, box: VoicemailBoxRow): Promise<void>;
  lock(organizationId: OrganizationId, extensionId: string): Promise<VoicemailLock>;
  /** Same, and holds off everybody else's try until the transaction ends. */
  holdLock(organizationId: OrganizationId, extensionId: string): Promise<VoicemailLock>;
  setLock(organizationId: OrganizationId, extensionId: string, lock: VoicemailLock): Promise<void>;
  /** Oldest first. */
  all(organizationId: OrganizationId, extensionId: string): Promise<Message[]>;
  /** Newest first; `after` is `<createdAt>:<id>`. */
  list(
    organizationId: OrganizationId,
    extensionId: string,
    filter: { isSaved?: boolean },
    slice: Slice,
  ): Promise<Message[]>;
  message(organizationId: OrganizationId, id: string): Promise<Message | null>;
  setSaved(organizationId: OrganizationId, id: string, isSaved: boolean): Promise<void>;
  waiting(organizationId: OrganizationId, extensionId: string): Promise<Waiting>;
  /** Of these boxes; empty ones are missing. `latestAt` in milliseconds since the epoch. */
  summaries(
    organizationId: OrganizationId,
    extensionIds: string[],
  ): Promise<Map<string, Waiting & { latestAt: number }>>;
  /** Deletes the boxes of all other extensions than these, with their messages; returns the ids of their sounds. */
  deleteAllBut(organizationId: OrganizationId, extensionIds: string[]): Promise<string[]>;
}

export interface KeyStore {
  /** By id; null lists the operator's. */
  list(organizationId: OrganizationId | null, slice: Slice): Promise<ApiKey[]>;
  get(id: string): Promise<ApiKey | null>;
  insert(key: ApiKey, secretSha256: string): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Who touched a thing last. */
export interface LastTouch {
  resource: string;
  resourceId: string;
  at: number;
  author: Pick<Author, 'kind' | 'id' | 'name'>;
}

export interface AuditStore {
  /**
   * Of the whole thing, or of one field of it; of what lies within a field of JSON by its path (`content.mailTo`). Things that
   * the log knows nothing of are missing. Null: of the installation.
   */
  lastTouched(
    organizationId: OrganizationId | null,
    things: readonly (Pick<LastTouch, 'resource' | 'resourceId'> & { field?: string })[],
  ): Promise<LastTouch[]>;
  /** Newest first; `after` is an id. Null: of all that the transaction may see. */
  list(organizationId: OrganizationId | null, filter: AuditFilter, slice: Slice): Promise<AuditEntry[]>;
  /** Changes of tables are noted by the database itself. Null: of the installation. */
  note(organizationId: OrganizationId | null, act: Act): Promise<void>;
}

/** Work to be done once the transaction is committed, at least once. `kind` names the worker that `main.ts` gave it. */
export interface NewJob {
  /** UUID; left out: a new one. */
  id?: string;
  kind: string;
  /** Null: the operator's. */
  organizationId: OrganizationId | null;
  /** JSON. */
  payload: object;
  /** Milliseconds since the epoch; at once when left out. */
  runAt?: number;
}

export interface JobRow {
  id: string;
  organizationId: OrganizationId | null;
  payload: unknown;
  createdAt: number;
  /** How often it was tried. */
  attempts: number;
  /** When it is tried next. */
  runAt: number;
  lastError: string | null;
  /** When it was given up. */
  failedAt: number | null;
}

export interface JobStore {
  add(job: NewJob): Promise<string>;
  /** Waiting and given up, by id, which is the order of creation. */
  list(kind: string, slice: Slice): Promise<JobRow[]>;
  count(kind: string): Promise<{ waiting: number; failed: number }>;
  /** To be tried at once, as if it were new; one that runs at this moment goes on. False when there is none. */
  retry(kind: string, id: string): Promise<boolean>;
  delete(kind: string, id: string): Promise<boolean>;
}

/** What the operator set for the whole installation. Only `asOperator` sees any. */
export interface SettingStore {
  /** Until the transaction ends: of two that change a setting the second sees what the first made of it. */
  lock(name: string): Promise<void>;
  get(name: string): Promise<{ content: unknown; secret: string | null } | null>;
  /** @param secret kept encrypted */
  put(name: string, content: object, secret: string | null): Promise<void>;
  delete(name: string): Promise<boolean>;
}

/** The aggregates, as one transaction sees them. */
export interface StoreSet {
  organizations: OrganizationStore;
  drafts: DraftStore;
  devices: DeviceStore;
  numbers: NumberStore;
  trunks: TrunkStore;
  rates: RateStore;
  controls: ControlStore;
  revisions: RevisionStore;
  waitingApplies: WaitingApplyStore;
  calls: CallStore;
  repeats: RepeatStore;
  statistics: StatisticsStore;
  files: FileStore;
  voicemail: VoicemailStore;
  keys: KeyStore;
  persons: PersonStore;
  users: UserStore;
  audit: AuditStore;
  jobs: JobStore;
  webhooks: WebhookStore;
  settings: SettingStore;
}

export interface Stores {
  /**
   * One transaction that sees and changes nothing but this organization.
   * @param author who the audit log says did it; the system when left out
   * @param isLong much at once: it may take some 12 s
   */
  withOrganization<T>(
    id: OrganizationId,
    fn: (stores: StoreSet) => Promise<T>,
    author?: Author,
    isLong?: boolean,
  ): Promise<T>;
  /** Same for an organization named by slug or id; null when there is none. For the operator. */
  withNamedOrganization<T>(
    slugOrId: string,
    fn: (stores: StoreSet, id: OrganizationId) => Promise<T>,
    author?: Author,
    isLong?: boolean,
  ): Promise<T | null>;
  /** One transaction that sees all organizations. */
  asOperator<T>(fn: (stores: StoreSet) => Promise<T>, author?: Author, isLong?: boolean): Promise<T>;
  /** Before anybody is known. */
  key(id: string): Promise<KeyRow | null>;
  /** The session of this token; null when it is over, or when its person or all of its organizations are suspended. */
  session(token: string): Promise<Session | null>;
  /** The key was used at this time, milliseconds since the epoch. */
  keyUsed(id: string, at: number): Promise<void>;
}

/** Randomness and digests, so that core's tests are repeatable. */
export interface Secrets {
  /** `length` characters of `alphabet`, cryptographically random. */
  random(length: number, alphabet: string): string;
  /** Lower-case hex. */
  md5(text: string): string;
  sha256(text: string): string;
  /** Slow on purpose (scrypt): a PIN is short. */
  hashPin(pin: string): Promise<string>;
  isPin(pin: string, hash: string): Promise<boolean>;
  /** Slower yet: a password opens everything. */
  hashPassword(password: string): Promise<string>;
  isPassword(password: string, hash: string): Promise<boolean>;
  /** Takes the same time wherever they differ. */
  equal(a: string, b: string): boolean;
}
