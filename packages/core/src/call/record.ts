/**
 * What is kept of a call: its trace (what happened, step by step) and the CDR, which is a view of the trace.
 */
import { costOf } from '../spending/charge.ts';
import type { OrganizationId } from '../tenancy/organization.ts';
import type { CallState } from './call-state.ts';
import type { Termination } from './termination.ts';
import type { TraceStep } from './trace-step.ts';

export type { TraceStep };

/** `call-` free UUIDv7, so that it sorts by time. */
export type CallId = string;

export type CallDirection = 'internal' | 'inbound' | 'outbound';

/** Call detail record. */
export interface Cdr {
  id: CallId;
  organizationId: OrganizationId;
  direction: CallDirection;
  /** Number shown for the caller: an extension, an E.164 number, or null when withheld. */
  from: string | null;
  fromName: string | null;
  /** What was dialled. */
  to: string;
  /** Extension that placed it, when one of ours did. */
  fromExtension: string | null;
  /** Extension or number that answered, else the last one tried. */
  answeredBy: string | null;
  /** DID it came in on. */
  did: string | null;
  trunkId: string | null;
  result: Termination['result'];
  reason: Termination['reason'];
  /** Whose doing the end was. */
  blame: Termination['blame'];
  startedAt: number;
  answeredAt: number | null;
  endedAt: number;
  /** From the start to the answer, or to the end. Milliseconds. */
  ringDuration: number;
  /** From the answer to the end. Milliseconds; 0 when never answered. */
  talkDuration: number;
  /** Revision that routed it. */
  revision: number;
  /** Of its legs to the outside, by the trunk's rate deck. Millionths of `currency`. */
  cost: number;
  /** ISO 4217; null: nothing of it had a price. */
  currency: string | null;
  /** `fallback`: the engine placed it while no brain was there. */
  handledBy: 'brain' | 'fallback';
}

/** A call that ended, whole, on its way to Postgres. */
export interface FinishedCall {
  cdr: Cdr;
  trace: TraceStep[];
}

/**
 * The record of a call that ends now. A machine's clock may be set back in the middle of a call: nothing is then earlier than
 * what came before it, and no duration is negative.
 */
export function recordOf(state: CallState, termination: Termination, now: number): FinishedCall {
  const answeredAt = state.answeredAt === null ? null : Math.max(state.answeredAt, state.startedAt);
  const endedAt = Math.max(now, answeredAt ?? state.startedAt);
  const isWithheld = state.callerId.isPrivate === true && state.fromExtension === null;
  const rangUntil = answeredAt ?? endedAt;
  return {
    cdr: {
      id: state.id,
      organizationId: state.organizationId,
      direction: state.direction,
      // A carrier's caller who asked for privacy stays unknown; one of ours is known to the organization anyway.
      from: isWithheld ? null : state.callerId.number,
      fromName: isWithheld ? null : state.callerId.name,
      to: state.dialled,
      fromExtension: state.fromExtension?.number ?? null,
      answeredBy: state.answeredBy,
      did: state.did,
      trunkId: state.trunkId,
      ...termination,
      startedAt: state.startedAt,
      answeredAt,
      endedAt,
      ringDuration: rangUntil - state.startedAt,
      talkDuration: answeredAt === null ? 0 : endedAt - answeredAt,
      revision: state.revision,
      ...costOf(state.charges),
      handledBy: 'brain',
    },
    trace: state.trace,
  };
}
