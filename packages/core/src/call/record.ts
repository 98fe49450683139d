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
  /** Extensions that talked before, and handed it on; written only: it is found by them, and counted as theirs. */
  handedOnBy?: string[];
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

/** When a call began, was answered and ended; and what follows from it. */
export type CallTimes = Pick<Cdr, 'startedAt' | 'answeredAt' | 'endedAt' | 'ringDuration' | 'talkDuration'>;

/**
 * A machine's clock may be set back in the middle of a call: nothing is earlier than what came before it, and no duration is
 * negative.
 */
export function timesOf(call: { startedAt: number; answeredAt: number | null; endedAt: number }): CallTimes {
  const { startedAt } = call;
  const answeredAt = call.answeredAt === null ? null : Math.max(call.answeredAt, startedAt);
  const endedAt = Math.max(call.endedAt, answeredAt ?? startedAt);
  return {
    startedAt,
    answeredAt,
    endedAt,
    ringDuration: (answeredAt ?? endedAt) - startedAt,
    talkDuration: answeredAt === null ? 0 : endedAt - answeredAt,
  };
}

/** The record of a call that ends now. */
export function recordOf(state: CallState, termination: Termination, now: number): FinishedCall {
  const isWithheld = state.callerId.isPrivate === true && state.fromExtension === null;
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
      answeredBy: state.answeredBy ?? state.lastTried ?? null,
      ...(state.handedOnBy ? { handedOnBy: state.handedOnBy } : {}),
      did: state.did,
      trunkId: state.trunkId,
      ...termination,
      ...timesOf({ startedAt: state.startedAt, answeredAt: state.answeredAt, endedAt: now }),
      revision: state.revision,
      ...costOf(state.charges),
      handledBy: 'brain',
    },
    trace: state.trace,
  };
}
