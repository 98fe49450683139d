/**
 * What a refused caller inside hears before the hang-up, as stock prompts. A carrier gets the SIP status alone, but for
 * whom nobody is meant to reach any more: its caller hears that.
 */
import { type PlayId, playId } from '@littlepbx/engine/port';
import type { Clock } from '../ports.ts';
import type { CallParts } from './call-parts.ts';
import { inLanguage } from './phrases.ts';
import type { Reason, Termination } from './termination.ts';

/** Longest time that a refused caller is held for it. Milliseconds. */
const GUARD = 15_000;

const PROMPTS: Partial<Record<Reason, string[]>> = {
  'unknown-number': ['ss-noservice', 'check-number-dial-again'],
  'unknown-did': ['ss-noservice'],
  'number-invalid': ['cannot-complete-as-dialed', 'check-number-dial-again'],
  'unallocated-number': ['ss-noservice', 'check-number-dial-again'],
  'country-not-allowed': ['im-sorry', 'cannot-complete-as-dialed'],
  'premium-number-blocked': ['im-sorry', 'cannot-complete-as-dialed'],
  'organization-suspended': ['im-sorry', 'feature-not-avail-line'],
  'extension-suspended': ['im-sorry', 'feature-not-avail-line'],
  'device-suspended': ['im-sorry', 'feature-not-avail-line'],
  'spend-limit': ['im-sorry', 'cannot-complete-as-dialed', 'please-try-call-later'],
  'no-rate': ['im-sorry', 'cannot-complete-as-dialed'],
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

const PROMPTS_OUTSIDE: Partial<Record<Reason, string[]>> = {
  'organization-suspended': ['ss-noservice'],
  'extension-suspended': ['ss-noservice'],
};

/** Null when the SIP status says it all (busy, no answer) or there is no room for an announcement (overload). */
function announcementFor(reason: Reason, to: 'device' | 'trunk'): string[] | null {
  return (to === 'device' ? PROMPTS : PROMPTS_OUTSIDE)[reason] ?? null;
}

/** The call around it. `state.refusal` is this file's alone. */
export interface AnnouncingCall extends CallParts {
  clock: Clock;
  /** Takes one of the organization's places for it. */
  mayAnnounce(): boolean;
  begins(): void;
  end(termination: Termination): void;
}

export class Announcement {
  readonly #call: AnnouncingCall;
  #playing: PlayId | null = null;
  #cancelGuard: () => void = () => {};

  constructor(call: AnnouncingCall) {
    this.#call = call;
  }

  /** Says why, then ends the call. False when there is nothing to say, or no room for it. */
  begin(why: Termination): boolean {
    const { state, engine, ids, clock } = this.#call;
    const party = state.parties[state.anchor];
    const prompts = party ? announcementFor(why.reason, party.kind) : null;
    if (!prompts || !this.#call.mayAnnounce()) return false;
    state.refusal = why;
    this.#call.begins();
    this.#playing = playId(ids.next());
    this.#call.attach(this.#playing);
    const media = inLanguage(
      prompts.map((name) => ({ kind: 'prompt', name })),
      this.#call.language(null),
    );
    this.#call.send(engine.play(state.anchor, media, this.#playing));
    this.#cancelGuard = clock.after(GUARD, () => this.#call.end(why));
    return true;
  }

  /** False when the playback is not this one. */
  ended(id: string): boolean {
    if (id !== this.#playing) return false;
    this.#call.end(this.#call.state.refusal!);
    return true;
  }

  stop(): void {
    this.#playing = null;
    this.#cancelGuard();
  }
}
