/**
 * An organization as the call logic sees it: one immutable object, replaced whole when anything of it changes.
 * A call pins the object it began with (its `revision` decides routing), and reads `registry.organization(id)` again
 * only for what acts at once: limits, suspension, countries, devices, trunks.
 */
import { isIP } from 'node:net';
import type { Codec, Digest } from '@littlepbx/engine/directory';
import type { BoxSettings } from '../voicemail/box.ts';
import type { SpokenLanguage } from './language.ts';

/** UUID. */
export type OrganizationId = string;

/** What calls to the outside may use by the clock hour and by the day. Zero allows none. */
export interface SpendingCaps {
  /** Minutes of talking. */
  minutesPerHour: number;
  minutesPerDay: number;
  /** Millionths of the currency of the trunk's rate deck. */
  moneyPerHour: number;
  moneyPerDay: number;
}

/** When the caps are lower, by the organization's wall clock. */
export interface OffHours {
  /** Night: from this hour (0 to 23) to that one; the same twice: no night. */
  fromHour: number;
  toHour: number;
  /** Saturday and Sunday too. */
  hasWeekends: boolean;
  /** What of the caps may be used in off hours, 0 to 100. */
  percent: number;
}

/** From where on a phone that calls outside is suspended by itself. Zero: not watched. */
export interface AnomalyThresholds {
  /** Calls of one phone in an hour to a country that the organization first called in the last 24 hours. */
  callsToNewCountry: number;
  /** Answered calls of one phone that last less than 15 s, in a minute. */
  shortCallsPerMinute: number;
  /** Calls of one phone at the same time to numbers that begin alike. */
  parallelCallsToPrefix: number;
  /** Cost of one phone's calls in ten minutes, millionths. */
  moneyPerTenMinutes: number;
}

/** Limits that act at once. Zero means none at all, so a limit is never "unlimited by accident". */
export interface Limits extends SpendingCaps {
  /** Calls in progress, inside ones included. */
  concurrentCalls: number;
  /** New calls per second (token bucket with one second of burst). */
  callsPerSecond: number;
  /** Sounds it may store: recordings, voicemail, greetings, prompts, music. Bytes. */
  storageBytes: number;
  offHours: OffHours;
  anomaly: AnomalyThresholds;
}

/** What a new organization gets when the operator says nothing: a small office. */
export const DEFAULT_LIMITS: Limits = {
  concurrentCalls: 30,
  callsPerSecond: 10,
  minutesPerHour: 1_000,
  minutesPerDay: 5_000,
  moneyPerHour: 20_000_000,
  moneyPerDay: 100_000_000,
  storageBytes: 1024 ** 3,
  offHours: { fromHour: 20, toHour: 7, hasWeekends: true, percent: 50 },
  anomaly: {
    callsToNewCountry: 5,
    shortCallsPerMinute: 10,
    parallelCallsToPrefix: 5,
    moneyPerTenMinutes: 10_000_000,
  },
};

/** An extension's own, of calls to the outside on its behalf; null: the organization's alone. */
export type ExtensionLimits = {
  [K in 'concurrentCalls' | 'callsPerSecond' | keyof SpendingCaps]: number | null;
};

export const NO_EXTENSION_LIMITS: ExtensionLimits = {
  concurrentCalls: null,
  callsPerSecond: null,
  minutesPerHour: null,
  minutesPerDay: null,
  moneyPerHour: null,
  moneyPerDay: null,
};

/** Nobody calls by it but emergency services, and it is not rung. */
export interface Suspension {
  /** `system`: what watches the calls. What the operator did, only the operator takes back. */
  by: 'operator' | 'organization' | 'system';
  reason: string;
  at: number;
}

/** What acts at once of an extension, and is in no revision. */
export interface ExtensionControl {
  extensionId: string;
  limits: ExtensionLimits;
  suspension: Suspension | null;
}

/** How long what was recorded is kept. Days; 0: for ever. */
export interface Retention {
  recordingsInDays: number;
  voicemailInDays: number;
}

export interface Extension {
  /** UUID; stays when the number changes. */
  id: string;
  /** 2 to 8 digits, unique in the organization. */
  number: string;
  name: string;
  /** How long its devices ring. Seconds, 5 to 120. */
  ringTimeInS: number;
  /** Its devices do not ring: whoever calls meets what one meets when it is busy. Missing in what an older brain cached. */
  doNotDisturb: boolean;
  /** Extension number or outside number, as the user would dial it, or `VOICEMAIL`; null = no forwarding. */
  forwardAlways: string | null;
  forwardBusy: string | null;
  forwardNoAnswer: string | null;
  /** One of the organization's own numbers (E.164) shown on calls to the outside; null = the organization's default. */
  outboundNumber: string | null;
  /** Of what machines say to it, and of its voicemail box to callers from outside; null = the organization's. */
  language: SpokenLanguage | null;
}

/** A forward to the extension's own voicemail box. */
export const VOICEMAIL = 'voicemail';

/** Where a DID leads. Only extensions so far; later any flow node. */
export interface Route {
  /** E.164. */
  number: string;
  extensionId: string;
}

/** What who is held hears: the organization's own music, where there is any, or the stock. */
export type MusicChoice = 'own' | 'stock';

/** What Apply publishes: routing, and nothing that acts at once. */
export interface RevisionContent {
  extensions: Extension[];
  routes: Route[];
  music: MusicChoice;
}

export interface Revision {
  /** 1, 2, 3 … per organization; 0 = nothing applied yet. */
  number: number;
  content: RevisionContent;
}

export interface Device {
  username: string;
  extensionId: string;
  name: string;
  transport: 'any' | 'tls';
  /** What its challenges offer; missing in what an older brain cached: `md5`. */
  digest?: Digest;
  suspension: Suspension | null;
  /** Both are kept whatever `digest` says, so changing it needs no new password. */
  digestMd5: string;
  digestSha256: string;
}

/** A carrier connection. An organization has at most one that is inbound and one that is outbound; one may be both. */
export interface Trunk {
  /** UUID. */
  id: string;
  name: string;
  isInbound: boolean;
  isOutbound: boolean;
  host: string;
  port: number | null;
  transport: 'udp' | 'tcp' | 'tls';
  register: boolean;
  username: string | null;
  authUsername: string | null;
  /** In the clear in memory only; encrypted in Postgres. */
  password: string | null;
  outboundProxy: string | null;
  fromUser: string | null;
  fromDomain: string | null;
  /** By TLS: the carrier must show a certificate for `host`. */
  verifyCertificate: boolean;
  /** PEM of the authority it is of, where the machine does not know it. */
  certificateAuthority: string | null;
  codecs: Codec[];
  addresses: string[];
}

export interface RateDeckName {
  trunkId: string;
  version: number;
}

export interface Organization {
  id: OrganizationId;
  /** Short name in URLs and commands, `[a-z][a-z0-9-]{1,30}`. */
  slug: string;
  name: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  isSuspended: boolean;
  /** IANA name; its hours and days are those of the caps, and what is spoken. */
  timeZone: string;
  /** Of what machines say, and of mails. */
  language: SpokenLanguage;
  limits: Limits;
  /** Of the extensions that have any. */
  controls: ExtensionControl[];
  /** Countries its calls may go to; starts with its own alone. */
  allowedCountries: string[];
  /** Shown on calls to the outside when the extension names none; one of `numbers`. */
  defaultNumber: string | null;
  /** E.164 numbers assigned by the operator. */
  numbers: string[];
  /** Voicemail boxes that were set up; missing in what an older brain cached. */
  boxes?: BoxSettings[];
  revision: Revision;
  devices: Device[];
  trunks: Trunk[];
  /** There is music of its own; missing in what an older brain cached. */
  hasMusic?: boolean;
  /** Which decks its trunks have; what is in them stands beside the organizations, since it may be long. */
  rateDecks: RateDeckName[];
  /** Rises with every change of any of the above (one sequence over the installation). */
  version: number;
}

/**
 * Addresses that a trunk's calls come from. A registering one is known by its registration (`line` in our Contact); for a
 * carrier that drops it from the request URI, an address given as host counts as listed.
 */
export function carrierAddresses(trunk: Pick<Trunk, 'addresses' | 'host'>): string[] {
  return trunk.addresses.length === 0 && isIP(trunk.host) ? [trunk.host] : trunk.addresses;
}

const controls = new WeakMap<readonly ExtensionControl[], Map<string, ExtensionControl>>();

export function controlOf(organization: Pick<Organization, 'controls'>, extensionId: string): ExtensionControl | null {
  let byId = controls.get(organization.controls);
  if (!byId) {
    byId = new Map(organization.controls.map((control) => [control.extensionId, control]));
    controls.set(organization.controls, byId);
  }
  return byId.get(extensionId) ?? null;
}
