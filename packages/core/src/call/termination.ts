/**
 * How a call ends, as data. One table maps Q.850 causes to it; the CDR, metrics and the caller's ear all read it.
 * Q.850 and SIP meet in RFC 3398, sections 7.2 and 8.2.6.
 */
import { CAUSE, type Cause } from '@littlepbx/engine/port';

/** What became of the call, from the caller's point of view. */
export const RESULTS = ['answered', 'voicemail', 'busy', 'no-answer', 'cancelled', 'refused', 'failed'] as const;
export type Result = (typeof RESULTS)[number];

/** Why, in stable kebab-case. Never reused for something else. */
export const REASONS = [
  'caller-hung-up',
  'callee-hung-up',
  'busy',
  'do-not-disturb',
  'no-answer',
  'no-device-registered',
  'rejected-by-callee',
  'unknown-number',
  'unknown-did',
  'not-your-carrier',
  'no-trunk',
  'number-invalid',
  'unallocated-number',
  'country-not-allowed',
  'premium-number-blocked',
  'emergency-without-trunk',
  'too-many-calls',
  'too-many-calls-per-second',
  'overload',
  'organization-suspended',
  'extension-suspended',
  'device-suspended',
  'spend-limit',
  'no-rate',
  'forward-loop',
  'caller-id-not-owned',
  'carrier-congestion',
  'carrier-unreachable',
  'carrier-refused',
  'media-lost',
  'engine-lost',
  'brain-restarted',
  'hung-up-by-admin',
  'draining',
  'stopped-by-operator',
  'transferred',
  'message-left',
  'no-message-left',
  'voicemail-full',
  'max-duration',
  'fallback',
  'internal-error',
] as const;
export type Reason = (typeof REASONS)[number];

/** Whose doing it was: a person at either end, our customer's settings, the carrier, or us. */
export type Blame = 'caller' | 'callee' | 'organization' | 'carrier' | 'platform';

export interface Termination {
  result: Result;
  reason: Reason;
  blame: Blame;
}

/** The cause that tells the caller about it; the engine turns it into a SIP status and, where it can, a tone. */
const CAUSE_OF: Partial<Record<Reason, Cause>> = {
  busy: CAUSE.busy,
  'do-not-disturb': CAUSE.busy,
  'no-answer': CAUSE.noAnswer,
  // 20, subscriber absent: 480. Not 18, whose 408 a phone takes for a server that does not answer.
  'no-device-registered': 20,
  'rejected-by-callee': CAUSE.rejected,
  'unknown-number': CAUSE.unallocated,
  'unknown-did': CAUSE.unallocated,
  'not-your-carrier': CAUSE.unallocated,
  'no-trunk': CAUSE.notAllowed,
  'number-invalid': CAUSE.invalidNumber,
  'unallocated-number': CAUSE.unallocated,
  'country-not-allowed': CAUSE.notAllowed,
  'premium-number-blocked': CAUSE.notAllowed,
  'emergency-without-trunk': CAUSE.congestion,
  'too-many-calls': CAUSE.congestion,
  'too-many-calls-per-second': CAUSE.overload,
  overload: CAUSE.overload,
  draining: CAUSE.overload,
  'organization-suspended': CAUSE.notAllowed,
  'extension-suspended': CAUSE.notAllowed,
  'device-suspended': CAUSE.notAllowed,
  'spend-limit': CAUSE.notAllowed,
  'no-rate': CAUSE.notAllowed,
  'forward-loop': CAUSE.congestion,
  'caller-id-not-owned': CAUSE.notAllowed,
  'carrier-congestion': CAUSE.congestion,
  'carrier-unreachable': CAUSE.congestion,
  'carrier-refused': CAUSE.rejected,
  'media-lost': CAUSE.mediaTimeout,
  'internal-error': CAUSE.temporaryFailure,
};

export function causeOf(reason: Reason): Cause {
  return CAUSE_OF[reason] ?? CAUSE.normal;
}

/** What a leg that was rung and never answered says about the attempt, by the cause it ended with. */
export function attemptFailed(cause: Cause, far: 'device' | 'trunk'): Termination {
  switch (cause) {
    case CAUSE.busy:
      return { result: 'busy', reason: 'busy', blame: 'callee' };
    case CAUSE.noAnswer:
    case CAUSE.noUserResponse:
      if (far === 'trunk' && cause === CAUSE.noUserResponse) break;
      return { result: 'no-answer', reason: 'no-answer', blame: 'callee' };
    case CAUSE.rejected:
      return far === 'device'
        ? { result: 'busy', reason: 'rejected-by-callee', blame: 'callee' }
        : { result: 'failed', reason: 'carrier-refused', blame: 'carrier' };
    case CAUSE.unallocated:
    case 2:
    case 3:
    case 22:
      return far === 'trunk'
        ? { result: 'failed', reason: 'unallocated-number', blame: 'caller' }
        : { result: 'failed', reason: 'no-device-registered', blame: 'callee' };
    case CAUSE.invalidNumber:
      return { result: 'failed', reason: 'number-invalid', blame: 'caller' };
  }
  if (far === 'device') return { result: 'no-answer', reason: 'no-device-registered', blame: 'callee' };
  return cause === CAUSE.noUserResponse || cause === CAUSE.outOfOrder || cause === 38
    ? { result: 'failed', reason: 'carrier-unreachable', blame: 'carrier' }
    : { result: 'failed', reason: 'carrier-congestion', blame: 'carrier' };
}
