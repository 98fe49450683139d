/** What a call asks of its surroundings, and what it lends to the files that do a part of its work. */
import type { Cause, Engine, LegId, PlayId, RecordId } from '@littlepbx/engine/port';
import type { Files } from '../files/files.ts';
import type { Clock, Ids, Log } from '../ports.ts';
import type { Charge } from '../spending/charge.ts';
import type { SpokenLanguage } from '../tenancy/language.ts';
import type { Device, Extension, Organization } from '../tenancy/organization.ts';
import type { BoxCounts, Boxes } from '../voicemail/box.ts';
import type { Call } from './call.ts';
import type { CallState } from './call-state.ts';
import type { OutboundLimits } from './outbound.ts';
import type { FinishedCall, TraceStep } from './record.ts';
import type { TraceStepKind } from './trace-step.ts';

/** What a call asks of its surroundings; the registry is the only one that provides it. */
export interface CallWorld {
  engine: Engine;
  clock: Clock;
  ids: Ids;
  log: Log;
  files: Files;
  boxes: Boxes;
  boxCounts: BoxCounts;
  /** The language itself where its sounds are there, else English. */
  spoken(language: SpokenLanguage): SpokenLanguage;
  /** The organization as it is now: what acts at once is read here, never from the pinned one. */
  now(organizationId: string): Organization | null;
  devicesOf(extensionId: string): readonly Device[];
  /** Events of this leg, playback or recording come to the call from now on. */
  attach(id: LegId | PlayId | RecordId, call: Call): void;
  /** The call needs nothing more from the set-up capacity: all INVITEs are out, or it ended. */
  settled(call: Call): void;
  ended(call: Call, record: FinishedCall): void;
  /** Whether this caller may be held for an announcement; takes one of the organization's places for it. */
  mayAnnounce(call: Call): boolean;
  outbound: OutboundLimits;
  spending: {
    extend(organization: Organization, charge: Charge): Record<string, string> | null;
    /** Organization as pinned. */
    settle(organization: Organization, charge: Charge, at: number): void;
  };
  /** The state changed outside of an event. */
  changed(call: Call): void;
}

/** For the files that do a part of a call's work: `ringing.ts`, `transfer.ts`, `recording.ts`, `announcement.ts`, `charges.ts`. */
export interface CallParts {
  state: CallState;
  engine: Engine;
  ids: Ids;
  /** Events of this leg, playback or recording come to the call from now on. */
  attach(id: LegId | PlayId | RecordId): void;
  /** Hangs up a leg that the call needs no more. */
  letGo(leg: LegId, cause: Cause): void;
  /** The leg ended, never was, or belongs to another call now. */
  gone(leg: LegId): void;
  trace(step: TraceStepKind, detail: NonNullable<TraceStep['detail']>, leg?: LegId): void;
  /** What a machine talks to the anchor in. @param called extension that it reached, if any */
  language(called: Extension | null): SpokenLanguage;
  /** "gone" and a lost engine need no care: both come back as events or in the next snapshot. */
  send(verb: Promise<unknown>): void;
  /** The state changed outside of an event. */
  changed(): void;
}
