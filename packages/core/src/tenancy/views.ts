/** What the API shows, and what may be asked of it: organizations, extensions, devices and the rest, without their secrets. */
import type { AlertSettings, Thresholds } from '../alerts/settings.ts';
import type { Cdr } from '../call/record.ts';
import type { FileKind, SoundFile } from '../files/files.ts';
import type { MailServer } from '../mail/mail.ts';
import type { Language, Membership, Person, Role } from '../persons/person.ts';
import type { Invitation } from '../persons/stores.ts';
import type { Rate } from '../spending/rates.ts';
import type { Webhook } from '../webhooks/webhook.ts';
import type { Scope } from './actor.ts';
import type { Author } from './audit-entry.ts';
import type { LineProblem } from './extension-csv.ts';
import type {
  AnomalyThresholds,
  Device,
  Extension,
  Limits,
  MusicChoice,
  OffHours,
  Organization,
  OrganizationId,
  Retention,
  RevisionContent,
  Trunk,
} from './organization.ts';
import type { Quotas } from './quotas.ts';
import type { VoicemailBoxRow } from './stores.ts';

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

export interface MusicView {
  /** In the draft. */
  music: MusicChoice;
  appliedMusic: MusicChoice;
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
  alertMailTo: string[];
  /** Address of it. */
  logo: string | null;
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
  what: 'extension' | 'route' | 'music';
  /** Of the extension; of a route its number; of the music `music`. */
  id: string;
  /** Extension number or E.164 number; of the music `on hold`. */
  name: string;
  before: Partial<Extension> | { extension: string } | { music: MusicChoice } | null;
  after: Partial<Extension> | { extension: string } | { music: MusicChoice } | null;
  /** Devices of an extension that go: of an added one with a discard of the draft, of a removed one with an apply. */
  devices?: number;
  /** When and by whom it was touched last; null: longer ago than the audit log goes. */
  changedAt: number | null;
  changedBy: Pick<Author, 'kind' | 'id' | 'name'> | null;
}

/** An apply that waits until no call is in progress. */
export interface WaitingApplyView {
  askedAt: number;
  askedBy: string;
  /** Applied then at the latest. */
  deadline: number;
  note: string | null;
  /** Who is told by mail. */
  email: string | null;
}

export interface DraftView {
  organizationId: OrganizationId;
  /** What is applied. */
  revision: number;
  changes: DraftChange[];
  waiting: WaitingApplyView | null;
  /** Phones that apply takes away, with their extensions. */
  removedDevices: { username: string; name: string; extension: string }[];
}

/** What going back to an earlier revision would do now. */
export interface RollbackView extends Pick<DraftView, 'organizationId' | 'revision' | 'changes' | 'removedDevices'> {
  /** Changes that wait in the draft and would be lost. */
  dropped: number;
  notRestored: NotRestored[];
}

/** What of an earlier revision cannot be had again. */
export interface NotRestored {
  /** `phones`: with the messages, deleted with their extension; else a number that is no longer the organization's. */
  what: 'phones' | 'outbound-number' | 'number';
  extension: string | null;
  number: string | null;
}

/** @property extension number or id; of a `user`, and of nobody else */
export interface RoleWish {
  role: Role;
  extension?: string;
}

/** What an actor may know of who is bound to one extension. */
export interface OwnThings {
  /** Of the extension. */
  id: string;
  /** As it is in effect; null: it is not. */
  number: string | null;
  /** Usernames. */
  devices: string[];
}

/** A person as the operator sees it. */
export type UserView = Omit<Person, 'theme'> & { memberships: Membership[] };
export interface NewUser {
  email: string;
  name: string;
  language?: Language;
  isOperator?: boolean;
  memberships?: ({ org: string } & RoleWish)[];
  /** Left out: one is made. */
  password?: string;
}
export type UserChange = Partial<Pick<Person, 'name' | 'isOperator' | 'isSuspended'>> & { hasTwoFactor?: false };
/** `link`: only when it was not mailed. */
export type SentInvitation = Invitation & { isMailed: boolean; link: string | null };
export type OpenInvitation = Omit<Invitation, 'id' | 'organizationId' | 'createdAt'> & {
  slug: string;
  companyName: string;
};

export type NewOrganization = Pick<Organization, 'slug' | 'name' | 'country'> &
  Partial<Pick<Organization, 'timeZone' | 'language' | 'allowedCountries'>> & {
    alertMailTo?: string[];
    limits?: LimitsChange;
    quotas?: Partial<Quotas>;
    /** What it starts with, applied at once. */
    extensions?: NewExtension[];
    /** The first one is shown on calls to the outside. */
    numbers?: { number: string; extension?: string | null }[];
    trunk?: NewTrunk;
    /** Invites its admin. */
    admin?: { email: string; language?: Language };
    /** Makes a key for its admin. */
    hasAdminKey?: boolean;
  };
export type OrganizationChange = Partial<
  Pick<Organization, 'name' | 'country' | 'timeZone' | 'language' | 'allowedCountries' | 'defaultNumber'>
> & { limits?: LimitsChange; quotas?: Partial<Quotas>; retention?: Partial<Retention>; alertMailTo?: string[] };
export type ExpectingOrganizationChange = OrganizationChange & { expected?: OrganizationChange };
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
/** What of an extension everybody of its organization may know. */
export type Colleague = Pick<Extension, 'number' | 'name'>;

export type NewExtension = Pick<Extension, 'number' | 'name'> & Partial<Omit<Extension, 'id' | 'number' | 'name'>>;
/** What the author of a change saw before, see `stale.ts`. */
export interface Expecting<T> {
  expected?: Partial<T>;
}
export type ExtensionChange = Partial<Omit<Extension, 'id'>> & Expecting<Omit<Extension, 'id'>>;
export type DeviceSettings = Pick<Device, 'name' | 'transport' | 'digest'>;
export type DeviceChange = Partial<DeviceSettings>;
export type NewTrunk = Pick<Trunk, 'name' | 'host'> & Partial<Omit<Trunk, 'id' | 'name' | 'host'>>;
/** `currency` where the trunk has no rates yet. */
export type NewRate = Omit<Rate, 'prefix'> & { currency?: string } & Expecting<Omit<Rate, 'prefix'>>;
export type TrunkChange = Partial<Omit<Trunk, 'id'>>;
export type ExpectingTrunkChange = TrunkChange & Expecting<Omit<Trunk, 'id' | 'password'>>;

/** The operator's mail server without its password. */
export type MailServerView = Omit<MailServer, 'password'> & { hasPassword: boolean };
/** What is left out has its default; the password stays while host and user name do. */
export type MailServerChange = Pick<MailServer, 'host' | 'fromAddress'> & Partial<MailServer>;
/** Of no server all is null. */
export type SeenMailServer = { [K in keyof Omit<MailServer, 'password'>]: MailServer[K] | null };
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
  webhooks: Webhook[];
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

export interface OrganizationFilter {
  /** Part of a name, short name or number. */
  search?: string;
}

export interface CallFilter {
  from?: string;
  to?: string;
  /** Number of an extension that placed it, was dialled, or answered. */
  extension?: string;
  /** Same, and the other extension's forwards are not found by `search`: what its user may see. */
  own?: string;
  /** Part of a number or name at either end. */
  search?: string;
  /** Beside `search`: numbers of the extensions whose name, as it is in effect, has it. */
  named?: string[];
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
export interface VoicemailBoxSummary {
  extensionId: string;
  /** Its number. */
  extension: string;
  name: string;
  newMessages: number;
  oldMessages: number;
  /** When the newest message came, milliseconds since the epoch; null: there is none. */
  latestAt: number | null;
}
export type VoicemailBoxSettings = Omit<VoicemailBoxRow, 'pinHash'>;
export type VoicemailBoxChange = Partial<VoicemailBoxSettings> &
  Expecting<VoicemailBoxSettings> & {
    /** Null takes it away. */
    pin?: string | null;
    isLocked?: false;
  };

/** Days of a calendar, `YYYY-MM-DD`, the first and the last. */
export interface CallPeriod {
  from: string;
  to: string;
  /** IANA name; the organization's when left out. */
  timeZone?: string;
}

export interface CallTotals {
  /** Milliseconds since the epoch; `until` is no part of it. */
  since: number;
  until: number;
  timeZone: string;
  totals: { direction: Cdr['direction']; calls: number; answered: number; talkDuration: number }[];
  /** Millionths, by currency. */
  costs: { currency: string; cost: number }[];
}

/** Calls of some days, or of them those alone that fit. */
export type CallExport = CallPeriod & Pick<CallFilter, 'extension' | 'search' | 'result' | 'direction'>;

export interface StatisticsQuery extends CallPeriod {
  by: 'hour' | 'day';
}

/** What became of calls. Durations in milliseconds, of all calls together; waiting for an answer of those that got one. */
export interface CallCounts {
  calls: number;
  answered: number;
  voicemail: number;
  /** Nobody answered, or it was busy. */
  missed: number;
  /** The caller gave up. */
  abandoned: number;
  failed: number;
  talkDuration: number;
  ringDuration: number;
}
export type CallsByDirection = Record<Cdr['direction'], number>;

/** When it begins: milliseconds since the epoch, and the clock on the wall with its difference to UTC. */
export interface BucketStart {
  at: number;
  local: string;
}
export type StatisticsBucket = BucketStart & CallCounts;

export interface ExtensionCounts {
  extension: string;
  placed: number;
  received: number;
  answered: number;
  missed: number;
  talkDuration: number;
}
export interface TrunkCounts {
  trunkId: string;
  inbound: number;
  outbound: number;
  answered: number;
  failed: number;
  talkDuration: number;
}

export interface Statistics {
  since: number;
  until: number;
  timeZone: string;
  totals: CallCounts & CallsByDirection;
  buckets: StatisticsBucket[];
  busiestHour: (BucketStart & { calls: number }) | null;
  hoursOfDay: (CallCounts & { hour: number })[];
  extensions: ExtensionCounts[];
  trunks: (TrunkCounts & { name: string | null })[];
}
