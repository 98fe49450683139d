/** What a refused caller inside hears before the hang-up, as stock prompts. Carriers get the SIP status alone. */
import type { Media } from '@littlepbx/engine/port';
import type { Reason } from './termination.ts';

const PROMPTS: Partial<Record<Reason, string[]>> = {
  'unknown-number': ['ss-noservice', 'check-number-dial-again'],
  'unknown-did': ['ss-noservice'],
  'number-invalid': ['cannot-complete-as-dialed', 'check-number-dial-again'],
  'unallocated-number': ['ss-noservice', 'check-number-dial-again'],
  'country-not-allowed': ['im-sorry', 'cannot-complete-as-dialed'],
  'premium-number-blocked': ['im-sorry', 'cannot-complete-as-dialed'],
  'organization-suspended': ['im-sorry', 'feature-not-avail-line'],
  'no-trunk': ['im-sorry', 'feature-not-avail-line'],
  'caller-id-not-owned': ['im-sorry', 'feature-not-avail-line'],
  'emergency-without-trunk': ['im-sorry', 'feature-not-avail-line'],
  'too-many-calls': ['simul-call-limit-reached', 'please-try-call-later'],
  'too-many-calls-per-second': ['all-circuits-busy-now', 'please-try-call-later'],
  'forward-loop': ['im-sorry', 'cannot-complete-as-dialed'],
  'carrier-congestion': ['all-circuits-busy-now', 'please-try-call-later'],
  'carrier-unreachable': ['all-circuits-busy-now', 'please-try-call-later'],
  'carrier-refused': ['im-sorry', 'cannot-complete-as-dialed'],
};

/** Null when the SIP status says it all (busy, no answer) or there is no room for an announcement (overload). */
export function announcementFor(reason: Reason): Media[] | null {
  return PROMPTS[reason]?.map((name) => ({ kind: 'prompt' as const, name })) ?? null;
}
