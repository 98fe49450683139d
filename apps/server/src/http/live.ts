/** What the API asks of the running brain: calls in progress and the state of the engine. `main.ts` plugs it in. */
import type { CallDirection, CallId, TraceStep } from '@littlepbx/core/call/record';
import type { Alert } from '@littlepbx/core/ports';
import type { Cap, Tally } from '@littlepbx/core/spending/account';
import type { SpokenLanguage } from '@littlepbx/core/tenancy/language';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import type { DeviceRegistration, TrunkRegistration } from '@littlepbx/engine/directory';
import type { Known } from './known.ts';

/** A call in progress, as its organization sees it. */
export interface LiveCall {
  id: CallId;
  direction: CallDirection;
  from: string | null;
  fromName: string | null;
  to: string;
  fromExtension: string | null;
  did: string | null;
  trunkId: string | null;
  state: 'ringing' | 'talking' | 'held';
  /** Who answered, or who is being rung. */
  with: string | null;
  startedAt: number;
  answeredAt: number | null;
  isRecorded: boolean;
  revision: number;
}

/**
 * `gone`: no such call of that organization (any more). `not-now`: the call is in no state for it.
 * `nowhere`: the number leads nowhere. `engine-away`: nobody is there to do it. `storage-full`: the organization has no
 * room for a recording; `disk-full`: the machine has none.
 */
export type LiveOutcome = 'ok' | 'gone' | 'not-now' | 'nowhere' | 'engine-away' | 'storage-full' | 'disk-full';

export interface Health {
  /** Version of LittlePBX. */
  version: string;
  startedAt: number;
  engine: { isConnected: boolean; name: string; version: string | null };
  database: { isConnected: boolean; version: string | null };
  organizations: number;
  calls: number;
  callsInSetup: number;
  registrations: number;
  recordsWaiting: number;
  isDraining: boolean;
  languages: LanguageState[];
  /** Milliseconds. */
  eventLoopLag: { mean: number; p99: number; max: number };
}

/** What the brain sees of its machine and of the engine's work. */
export interface MachineState {
  /** One for each file system, with what lies on it. */
  disks: { holds: string[]; free: number; size: number }[];
  certificateExpiresAt: number | null;
  /** Bytes. */
  memory: number;
  /** Null: the engine does not say. */
  engineTasks: number | null;
  engineRequests: number;
}

/** Whether machines can speak a language. */
export interface LanguageState {
  language: SpokenLanguage;
  /** `missing`: nobody has tried to fetch it yet; English is spoken meanwhile, as while `fetching` and when that `failed`. */
  state: 'there' | 'missing' | 'fetching' | 'failed';
  /** While it is being fetched. */
  percent: number | null;
  /** Why it failed. */
  reason: string | null;
  /** Whether somebody is to hear it. */
  isWanted: boolean;
}

/** Whether a phone says that it is there. Both unknown: nobody asked it lately. */
export interface Answering {
  /** Milliseconds; null: not known. */
  roundTrip: number | null;
  /** It was asked, and did not answer. It is rung all the same. */
  isSilent: boolean;
}

/** A device's live registration, and what is known of how it answers. */
export type SeenRegistration = DeviceRegistration & Answering;

/** What was used of the caps; see the contract's `Usage`. */
export interface Usage {
  timeZone: string;
  currency: string | null;
  isOffHours: boolean;
  hour: Tally & { since: number };
  day: Tally & { since: number };
  callsInProgress: number;
  caps: { id: Cap['id']; isOffHours: boolean; used: number; limit: number }[];
  extensions: { extensionId: string; extension: string | null; hour: Tally; day: Tally; callsInProgress: number }[];
  alerts: Pick<Alert, 'id' | 'at' | 'detail'>[];
}

export interface Live {
  /** Oldest first. */
  liveCalls(organizationId: OrganizationId): LiveCall[];
  /** Null: there is no such call of that organization (any more). */
  liveCall(organizationId: OrganizationId, callId: CallId): LiveCall | null;
  /** What happened to it up to now, step by step. Null: as of `liveCall`. */
  trace(organizationId: OrganizationId, callId: CallId): readonly TraceStep[] | null;
  /** Null: the brain does not know it. */
  usage(organizationId: OrganizationId): Usage | null;
  /** Usernames of devices that take part in a call. */
  devicesInCalls(organizationId: OrganizationId): ReadonlySet<string>;
  hangUp(organizationId: OrganizationId, callId: CallId): Promise<LiveOutcome>;
  transfer(organizationId: OrganizationId, callId: CallId, to: string): Promise<LiveOutcome>;
  record(organizationId: OrganizationId, callId: CallId, on: boolean): Promise<LiveOutcome>;
  /** By username. Asked for with every list of devices, so it may be up to a second old. */
  registrations(): Promise<Known<SeenRegistration>>;
  /** Of one device, which is asked whether it is there unless it was lately: that may take some seconds. */
  registration(username: string): Promise<SeenRegistration | null>;
  /** Somebody looks at these phones: they are asked whether they are there, now and then. */
  look(organizationId: OrganizationId, registrations: Iterable<DeviceRegistration>): void;
  /** By trunk id; only trunks that register. */
  trunkStates(): Promise<ReadonlyMap<string, TrunkRegistration>>;
  /** Refuses new calls, or takes them again; `stopCalls` ends those in progress. */
  drain(on: boolean, stopCalls: boolean): void;
  /** Read from memory: probes ask for it all the time. */
  health(): Health;
  machine(): Promise<MachineState>;
}
