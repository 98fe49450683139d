/**
 * The use cases behind the API: who may do what to an organization, its extensions, devices, numbers, trunks,
 * drafts and revisions. Expected outcomes are values (`Outcome`); exceptions are faults. Each use case starts with
 * the access check, and what is not yours looks exactly like what is not there.
 *
 * Two implementations of the storage are possible behind `stores.ts`; Postgres is the one that exists.
 */

import type { AlertSettings, Thresholds } from '../alerts/settings.ts';
import type { Cdr, TraceStep } from '../call/record.ts';
import type { FileKind, SoundFile } from '../files/files.ts';
import type { MailServer } from '../mail/mail.ts';
import type { Finding } from '../spending/anomaly.ts';
import type { Rate } from '../spending/rates.ts';
import type { Message } from '../voicemail/box.ts';
import type { Act, AuditEntry, AuditFilter, Origin } from './audit-entry.ts';
import type { LineProblem } from './extension-csv.ts';
import type {
  AnomalyThresholds,
  Device,
  Extension,
  ExtensionLimits,
  Limits,
  OffHours,
  Organization,
  OrganizationId,
  Retention,
  Revision,
  RevisionContent,
  Suspension,
  Trunk,
} from './organization.ts';
import type { Quotas } from './quotas.ts';
import type { VoicemailBoxRow } from './stores.ts';

/** What an API key may do. `read` on a resource is implied by `write` on it. */
export const ALL_SCOPES = [
  'organizations:read',
  'organizations:write',
  'extensions:read',
  'extensions:write',
  'devices:read',
  'devices:write',
  'numbers:read',
  'numbers:write',
  'trunks:read',
  'trunks:write',
  'revisions:read',
  'revisions:write',
  'calls:read',
  'calls:write',
  'files:read',
  'files:write',
  'voicemail:read',
  'voicemail:write',
  'keys:read',
  'keys:write',
  'audit:read',
  'system:read',
  'system:write',
  'bans:read',
  'bans:write',
] as const;
export type Scope = (typeof ALL_SCOPES)[number];

/** Who is asking, as authenticated. `organizationId` null: the operator, who may name any organization. */
export interface Actor {
  keyId: string;
  keyName: string;
  organizationId: OrganizationId | null;
  scopes: ReadonlySet<Scope>;
  /** Where the request came from, for the audit log. */
  origin?: Origin;
}

/** A refusal that the asker can act on. `id` is stable kebab-case and becomes the problem+json type. */
export interface Refusal {
  id:
    | 'not-found'
    | 'forbidden'
    | 'invalid'
    | 'conflict'
    | 'number-taken'
    | 'slug-taken'
    | 'in-use'
    | 'quota-reached'
    | 'draft-invalid'
    | 'storage-full'
    | 'sound-invalid'
    | 'too-large'
    | 'too-many-uploads'
    | 'mail-not-configured'
    | 'mail-not-sent'
    | 'database-unavailable';
  message: string;
  /** Dotted path of the offending input, and why; named one by one. */
  fields?: { field: string; reason: string }[];
}

export type Outcome<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export interface Page {
  /** 1 to 200. */
  limit: number;
  /** Opaque; from the last answer's `nextCursor`. */
  cursor: string | null;
}
export interface Paged<T> {
  items: T[];
  nextCursor: string | null;
}

/** Shown once, never stored in the clear. */
export interface DeviceCredentials {
  username: string;
  password: string;
}

export interface ApiKey {
  id: string;
  name: string;
  organizationId: OrganizationId | null;
  scopes: Scope[];
  createdAt: number;
  lastUsedAt: number | null;
}

export type OrganizationView = Omit<
  Organization,
  'revision' | 'devices' | 'trunks' | 'hasMusic' | 'version' | 'controls' | 'rateDecks'
> & {
  quotas: Quotas;
  appliedRevision: number;
  /** Differences between the draft and the applied revision. */
  pendingChanges: number;
  /** Bytes of sounds stored, of `limits.storageBytes`. */
  storageUsed: number;
  retention: Retention;
  createdAt: number;
  /** When it was deleted; it may still be restored. */
  deletedAt: number | null;
};
/** A trunk without its password. */
export type TrunkView = Omit<Trunk, 'password'> & { hasPassword: boolean };
export type DeviceView = Omit<Required<Device>, 'digestMd5' | 'digestSha256'> & {
  extension: string;
  createdAt: number;
};
export interface NumberView {
  number: string;
  /** Extension number it leads to in the draft. */
  extension: string | null;
  /** Extension number it leads to now. */
  appliedExtension: string | null;
}
export interface RevisionView {
  number: number;
  appliedAt: number;
  /** Name of the key, as it was then. */
  appliedBy: string;
  isCurrent: boolean;
  note: string | null;
}
export interface DraftChange {
  kind: 'added' | 'changed' | 'removed';
  what: 'extension' | 'route';
  /** Extension number or E.164 number. */
  name: string;
  before: Partial<Extension> | { extension: string } | null;
  after: Partial<Extension> | { extension: string } | null;
}

export type NewOrganization = Pick<Organization, 'slug' | 'name' | 'country'> &
  Partial<Pick<Organization, 'timeZone' | 'allowedCountries'>> & {
    limits?: LimitsChange;
    quotas?: Partial<Quotas>;
    /** What it starts with, applied at once. */
    extensions?: NewExtension[];
    /** The first one is shown on calls to the outside. */
    numbers?: { number: string; extension?: string | null }[];
    trunk?: NewTrunk;
    /** Makes a key for its admin. */
    hasAdminKey?: boolean;
  };
export type OrganizationChange = Partial<
  Pick<Organization, 'name' | 'country' | 'timeZone' | 'allowedCountries' | 'defaultNumber'>
> & { limits?: LimitsChange; quotas?: Partial<Quotas>; retention?: Partial<Retention> };
/** What is left out stays as it was. */
export type LimitsChange = Partial<Omit<Limits, 'offHours' | 'anomaly'>> & {
  offHours?: Partial<OffHours>;
  anomaly?: Partial<AnomalyThresholds>;
};
export interface SuspensionWish {
  /** What becomes of calls in progress. */
  calls: 'end' | 'keep';
  reason?: string;
}
export type NewExtension = Pick<Extension, 'number' | 'name'> & Partial<Omit<Extension, 'id' | 'number' | 'name'>>;
export type ExtensionChange = Partial<Omit<Extension, 'id'>>;
export type DeviceChange = Partial<Pick<Device, 'name' | 'transport' | 'digest'>>;
export type NewTrunk = Pick<Trunk, 'name' | 'host'> & Partial<Omit<Trunk, 'id' | 'name' | 'host'>>;
export type TrunkChange = Partial<Omit<Trunk, 'id'>>;

/** The operator's mail server without its password. */
export type MailServerView = Omit<MailServer, 'password'> & { hasPassword: boolean };
/** What is left out has its default; the password stays while host and user name do. */
export type MailServerChange = Pick<MailServer, 'host' | 'fromAddress'> & Partial<MailServer>;
export type AlertSettingsChange = Partial<Omit<AlertSettings, 'thresholds'>> & { thresholds?: Partial<Thresholds> };
/** A mail that has not gone out. */
export interface QueuedMailView {
  id: string;
  organizationId: OrganizationId | null;
  to: string[];
  subject: string;
  createdAt: number;
  attempts: number;
  nextAttemptAt: number;
  lastError: string | null;
  /** When it was given up; null while it waits. */
  failedAt: number | null;
}

export interface OrganizationExport {
  exportedAt: number;
  organization: OrganizationView;
  /** The draft's. */
  extensions: Extension[];
  devices: DeviceView[];
  numbers: NumberView[];
  trunks: TrunkView[];
  revisions: (RevisionView & { content: RevisionContent })[];
  keys: ApiKey[];
  files: FileView[];
}

export interface ExtensionImport {
  /** A table, see `extension-csv.ts`. */
  csv: string;
  /** Says what would be done, and does nothing. */
  isDryRun?: boolean;
  /** Extensions that are there are changed; else they are refused. */
  mayUpdate?: boolean;
}
export interface ExtensionImportReport {
  /** Below the titles. */
  lines: number;
  created: number;
  changed: number;
  unchanged: number;
  /** Empty unless it was a dry run. */
  problems: LineProblem[];
  /** What was made, with passwords that nobody shows again. */
  devices: { extension: string; name: string; username: string; password: string }[];
}

export interface CallFilter {
  from?: string;
  to?: string;
  /** Milliseconds since the epoch. */
  since?: number;
  until?: number;
  result?: Cdr['result'];
  direction?: Cdr['direction'];
}

/** A sound as its admin sees it: what voicemail boxes hold is theirs alone. */
export type FileView = SoundFile & { kind: Exclude<FileKind, 'voicemail'> };
export interface FileFilter {
  kind?: FileView['kind'];
  /** Recordings of this call. */
  call?: string;
}

export type VoicemailBoxView = Omit<VoicemailBoxRow, 'pinHash'> & {
  hasPin: boolean;
  /** Milliseconds since the epoch; null: not locked. */
  lockedUntil: number | null;
  newMessages: number;
  oldMessages: number;
};
export type VoicemailBoxChange = Partial<Omit<VoicemailBoxRow, 'pinHash'>> & {
  /** Null takes it away. */
  pin?: string | null;
  isLocked?: false;
};

/** Days of a calendar, `YYYY-MM-DD`, the first and the last. */
export interface CallPeriod {
  from: string;
  to: string;
  /** IANA name; UTC when left out. */
  timeZone?: string;
}

export interface CallTotals {
  /** Milliseconds since the epoch; `until` is no part of it. */
  since: number;
  until: number;
  timeZone: string;
  totals: { direction: Cdr['direction']; calls: number; answered: number; talkDuration: number }[];
}

/** `org` is a slug or a UUID everywhere; a foreign one is `not-found`. */
export interface Administration {
  /**
   * `token` as sent; null for every kind of wrong. Takes the same time for known and unknown keys. Rejects with an
   * Error whose `id` is `database-unavailable` while Postgres is away and the key is not remembered.
   */
  authenticate(token: string): Promise<Actor | null>;

  /** Id of the organization, if the actor may name it; asks for no scope. For what the brain itself answers (live calls). */
  resolveOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationId>>;

  listOrganizations(actor: Actor, page: Page): Promise<Outcome<Paged<OrganizationView>>>;
  getOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationView>>;
  /** With all that it starts with, or not at all. `adminToken`: shown this once. */
  createOrganization(
    actor: Actor,
    o: NewOrganization,
  ): Promise<Outcome<OrganizationView & { adminToken: string | null }>>;
  updateOrganization(actor: Actor, org: string, change: OrganizationChange): Promise<Outcome<OrganizationView>>;
  /**
   * It can be restored for 7 days, unless it is erased now. Calls go on.
   * @param confirm its short name again
   */
  deleteOrganization(
    actor: Actor,
    org: string,
    how: { confirm: string; isErasedNow: boolean },
  ): Promise<Outcome<OrganizationId>>;
  restoreOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationView>>;
  /** All that is known of it, without secrets and without its calls. */
  exportOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationExport>>;
  /** The job `ERASE_JOB`. */
  eraseOrganization(payload: unknown): Promise<void>;

  /** The draft's extensions. Addressed by number or id. */
  listExtensions(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<Extension>>>;
  getExtension(actor: Actor, org: string, extension: string): Promise<Outcome<Extension>>;
  createExtension(actor: Actor, org: string, e: NewExtension): Promise<Outcome<Extension>>;
  updateExtension(actor: Actor, org: string, extension: string, change: ExtensionChange): Promise<Outcome<Extension>>;
  deleteExtension(actor: Actor, org: string, extension: string): Promise<Outcome<null>>;

  /** All of a table into the draft, or nothing. */
  importExtensions(actor: Actor, org: string, table: ExtensionImport): Promise<Outcome<ExtensionImportReport>>;
  exportExtensions(actor: Actor, org: string): Promise<Outcome<{ csv: string }>>;

  listDevices(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<DeviceView>>>;
  getDevice(actor: Actor, username: string): Promise<Outcome<DeviceView>>;
  createDevice(
    actor: Actor,
    org: string,
    d: { extension: string } & DeviceChange,
  ): Promise<Outcome<DeviceView & DeviceCredentials>>;
  updateDevice(actor: Actor, username: string, change: DeviceChange): Promise<Outcome<DeviceView>>;
  /** @param calls in progress end when left out: whoever had the password is out. */
  resetDevicePassword(
    actor: Actor,
    username: string,
    calls?: 'end' | 'keep',
  ): Promise<Outcome<DeviceView & DeviceCredentials>>;
  deleteDevice(actor: Actor, username: string): Promise<Outcome<null>>;

  listNumbers(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<NumberView>>>;
  getNumber(actor: Actor, org: string, number: string): Promise<Outcome<NumberView>>;
  /** Operator only: assigns a number that nobody has. National or E.164 writing. */
  assignNumber(
    actor: Actor,
    org: string,
    n: { number: string; extension?: string | null },
  ): Promise<Outcome<NumberView>>;
  /** Where it leads, in the draft. */
  routeNumber(actor: Actor, org: string, number: string, extension: string | null): Promise<Outcome<NumberView>>;
  releaseNumber(actor: Actor, org: string, number: string): Promise<Outcome<null>>;

  listTrunks(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<TrunkView>>>;
  getTrunk(actor: Actor, org: string, trunk: string): Promise<Outcome<TrunkView>>;
  createTrunk(actor: Actor, org: string, t: NewTrunk): Promise<Outcome<TrunkView>>;
  updateTrunk(actor: Actor, org: string, trunk: string, change: TrunkChange): Promise<Outcome<TrunkView>>;
  deleteTrunk(actor: Actor, org: string, trunk: string): Promise<Outcome<null>>;

  /** Operator only, as all of rates. */
  listRates(
    actor: Actor,
    org: string,
    trunk: string,
    page: Page & { prefix?: string },
  ): Promise<Outcome<Paged<Rate> & { currency: string | null; importedAt: number | null; count: number }>>;
  /** Replaces the trunk's deck, or only says whether it could. */
  importRates(
    actor: Actor,
    org: string,
    trunk: string,
    deck: { currency: string; csv: string; isDryRun?: boolean },
  ): Promise<Outcome<{ currency: string; count: number; isDryRun: boolean }>>;
  deleteRates(actor: Actor, org: string, trunk: string): Promise<Outcome<null>>;

  getExtensionLimits(actor: Actor, org: string, extension: string): Promise<Outcome<ExtensionLimits>>;
  /** An organization's key may only lower. */
  updateExtensionLimits(
    actor: Actor,
    org: string,
    extension: string,
    change: Partial<ExtensionLimits>,
  ): Promise<Outcome<ExtensionLimits>>;

  suspendDevice(actor: Actor, username: string, wish: SuspensionWish): Promise<Outcome<DeviceView>>;
  unsuspendDevice(actor: Actor, username: string): Promise<Outcome<DeviceView>>;
  suspendExtension(
    actor: Actor,
    org: string,
    extension: string,
    wish: SuspensionWish,
  ): Promise<Outcome<{ suspension: Suspension | null }>>;
  getExtensionSuspension(
    actor: Actor,
    org: string,
    extension: string,
  ): Promise<Outcome<{ suspension: Suspension | null }>>;
  unsuspendExtension(actor: Actor, org: string, extension: string): Promise<Outcome<{ suspension: Suspension | null }>>;
  /** Operator only. */
  suspendOrganization(actor: Actor, org: string, wish: SuspensionWish): Promise<Outcome<OrganizationView>>;
  unsuspendOrganization(actor: Actor, org: string): Promise<Outcome<OrganizationView>>;
  /** Nobody asked for it: what watches the calls found something. */
  suspendByItself(finding: Finding): Promise<Outcome<null>>;

  draftChanges(actor: Actor, org: string): Promise<Outcome<DraftChange[]>>;
  /** Validates the draft and publishes it as the next revision, in one transaction. Live when it resolves. */
  apply(actor: Actor, org: string, note?: string): Promise<Outcome<RevisionView>>;
  discardDraft(actor: Actor, org: string): Promise<Outcome<null>>;
  /** Publishes an earlier revision's content as a new one. */
  rollback(actor: Actor, org: string, revision: number): Promise<Outcome<RevisionView & { notRestored: string[] }>>;
  listRevisions(actor: Actor, org: string, page: Page): Promise<Outcome<Paged<RevisionView>>>;
  getRevision(actor: Actor, org: string, revision: number): Promise<Outcome<Revision & { content: RevisionContent }>>;

  /** Past calls, newest first. */
  listCalls(actor: Actor, org: string, filter: CallFilter, page: Page): Promise<Outcome<Paged<Cdr>>>;
  getCall(actor: Actor, org: string, id: string): Promise<Outcome<{ cdr: Cdr; trace: TraceStep[] }>>;

  /** CSV, oldest first, read while it is taken. It throws `StoreUnavailable` in the middle when the database goes away. */
  exportCalls(actor: Actor, org: string, period: CallPeriod): Promise<Outcome<AsyncIterable<string>>>;
  callTotals(actor: Actor, org: string, period: CallPeriod): Promise<Outcome<CallTotals>>;

  /** What was changed, newest first. Null lists the whole installation's, for the operator. */
  listAudit(actor: Actor, org: string | null, filter: AuditFilter, page: Page): Promise<Outcome<Paged<AuditEntry>>>;
  /** Notes an act that changed no table; asks for no scope. Null: upon the whole installation, for the operator. */
  noteAct(actor: Actor, org: string | null, act: Act): Promise<Outcome<null>>;
  /** Sounds, newest first. */
  listFiles(actor: Actor, org: string, filter: FileFilter, page: Page): Promise<Outcome<Paged<FileView>>>;
  getFile(actor: Actor, org: string, id: string): Promise<Outcome<FileView>>;
  /** @param sound the file as it comes, of whatever format; read no further than is allowed */
  uploadFile(
    actor: Actor,
    org: string,
    what: { kind: Exclude<FileView['kind'], 'recording'>; name: string },
    sound: AsyncIterable<Uint8Array>,
  ): Promise<Outcome<FileView>>;
  deleteFile(actor: Actor, org: string, id: string): Promise<Outcome<null>>;

  /** Boxes belong to extensions of the draft, by number or id. */
  getVoicemailBox(actor: Actor, org: string, extension: string): Promise<Outcome<VoicemailBoxView>>;
  updateVoicemailBox(
    actor: Actor,
    org: string,
    extension: string,
    change: VoicemailBoxChange,
  ): Promise<Outcome<VoicemailBoxView>>;
  /** Newest first. */
  listVoicemailMessages(
    actor: Actor,
    org: string,
    extension: string,
    filter: { isSaved?: boolean },
    page: Page,
  ): Promise<Outcome<Paged<Message>>>;
  getVoicemailMessage(actor: Actor, org: string, extension: string, id: string): Promise<Outcome<Message>>;
  updateVoicemailMessage(
    actor: Actor,
    org: string,
    extension: string,
    id: string,
    change: { isSaved: boolean },
  ): Promise<Outcome<Message>>;
  deleteVoicemailMessage(actor: Actor, org: string, extension: string, id: string): Promise<Outcome<null>>;

  listKeys(actor: Actor, org: string | null, page: Page): Promise<Outcome<Paged<ApiKey>>>;
  createKey(
    actor: Actor,
    org: string | null,
    k: { name: string; scopes?: Scope[] },
  ): Promise<Outcome<ApiKey & { token: string }>>;
  deleteKey(actor: Actor, id: string): Promise<Outcome<null>>;

  /** The operator's alone, like all that follows. */
  getMail(actor: Actor): Promise<Outcome<{ server: MailServerView | null; waiting: number; failed: number }>>;
  setMailServer(actor: Actor, server: MailServerChange): Promise<Outcome<MailServerView>>;
  removeMailServer(actor: Actor): Promise<Outcome<null>>;
  /** Sends one now, past the queue. */
  testMail(actor: Actor, to: string): Promise<Outcome<null>>;
  /** What waits to go out, and what was given up; oldest first. */
  listMails(actor: Actor, page: Page): Promise<Outcome<Paged<QueuedMailView>>>;
  retryMail(actor: Actor, id: string): Promise<Outcome<null>>;
  deleteMail(actor: Actor, id: string): Promise<Outcome<null>>;

  getAlertSettings(actor: Actor): Promise<Outcome<AlertSettings>>;
  /** `webhookSecret`: of a new address, shown once; else null. */
  updateAlertSettings(
    actor: Actor,
    change: AlertSettingsChange,
  ): Promise<Outcome<AlertSettings & { webhookSecret: string | null }>>;
}

/** Whose calls. */
export interface CallsOf {
  of: 'device' | 'extension' | 'organization';
  id: string;
}

/** What the brain does when an organization changed; called after the change is committed, awaited before the answer. */
export interface Publisher {
  organizationChanged(id: OrganizationId): Promise<void>;
  /** Their contacts are forgotten: a password was reset, they were suspended or deleted. */
  devicesUnregistered(usernames: string[]): Promise<void>;
  /** Calls in progress end, emergency calls excepted. */
  callsEnded(of: CallsOf): void;
  /** From now on the device may come by TLS alone: contacts that came otherwise are forgotten. Its calls go on. */
  deviceSecured(username: string): Promise<void>;
}
