/**
 * What the legs of a call to the outside use, taken from the caps a minute at a time (`spending/`).
 *
 *     begin ──> answered ── 10 s before the paid time is over ──> extended ──> …
 *                  │                                    └─ refused: a beep; tried again when it is over ──> the call ends
 *                  └── the leg ends ──> settled
 *
 * Ending the call where its paid time does was chosen over a maximum duration given to the engine: money that another call
 * gives back meanwhile lets this one go on, and raising a cap helps calls in progress too.
 */
import { type LegId, playId } from '@littlepbx/engine/port';
import type { Clock } from '../ports.ts';
import type { Charge } from '../spending/charge.ts';
import type { CallParts } from './call-parts.ts';
import type { Reason } from './termination.ts';

/** How long before the end of the paid time more is asked for, and the beep heard. Milliseconds. */
const LEAD = 10_000;

/** The call around it. `state.charges` is this file's alone. */
export interface ChargedCall extends CallParts {
  clock: Clock;
  /** Takes the next minute; else what stands against it. */
  extend(charge: Charge): Record<string, string> | null;
  settle(charge: Charge, at: number): void;
  over(reason: Reason): void;
}

export class Charges {
  readonly #call: ChargedCall;
  readonly #timers = new Map<string, () => void>();

  constructor(call: ChargedCall) {
    this.#call = call;
  }

  /** The leg is on its way to the carrier. */
  begin(leg: LegId, charge: Omit<Charge, 'leg'>): void {
    this.#call.state.charges.push({ leg, ...charge });
  }

  answered(leg: LegId): void {
    const charge = this.#of(leg);
    if (!charge || charge.answeredAt !== null) return;
    charge.answeredAt = this.#call.clock.now();
    this.#arm(charge);
  }

  ended(leg: LegId, at = this.#call.clock.now()): void {
    const charge = this.#of(leg);
    if (!charge) return;
    this.#disarm(leg);
    this.#call.settle(charge, at);
  }

  /** The call is over. */
  endedAll(at: number): void {
    for (const { leg } of this.#call.state.charges) this.ended(leg as LegId, at);
  }

  /** The leg goes on in another call, and its charge with it. */
  handOver(leg: LegId, to: Charges): void {
    const charge = this.#of(leg);
    if (!charge) return;
    this.#disarm(leg);
    const { state } = this.#call;
    state.charges = state.charges.filter((other) => other !== charge);
    to.#call.state.charges.push(charge);
    to.#arm(charge);
  }

  /** A new brain goes on. What was talked while none was there is taken now. */
  adopt(): void {
    for (const charge of this.#call.state.charges) this.#arm(charge);
  }

  #of(leg: LegId): Charge | undefined {
    return this.#call.state.charges.find((charge) => charge.leg === leg && charge.endedAt === null);
  }

  #arm(charge: Charge): void {
    if (charge.answeredAt === null || charge.endedAt !== null) return;
    this.#wait(charge, charge.answeredAt + charge.granted - LEAD, () => this.#extend(charge));
  }

  #extend(charge: Charge): void {
    const refusal = this.#call.extend(charge);
    this.#call.changed();
    if (!refusal) return this.#arm(charge);
    const { state, engine, ids } = this.#call;
    this.#call.trace('spend-limit-near', refusal, charge.leg as LegId);
    if (state.bridge) {
      this.#call.send(engine.play(state.bridge, [{ kind: 'tone', name: 'beep' }], playId(ids.next())));
    }
    this.#call.changed();
    this.#wait(charge, charge.answeredAt! + charge.granted, () => {
      if (this.#call.extend(charge) === null) {
        this.#call.changed();
        this.#arm(charge);
      } else this.#call.over('spend-limit');
    });
  }

  #wait(charge: Charge, until: number, then: () => void): void {
    this.#disarm(charge.leg);
    const { clock } = this.#call;
    this.#timers.set(charge.leg, clock.after(Math.max(0, until - clock.now()), then));
  }

  #disarm(leg: string): void {
    this.#timers.get(leg)?.();
    this.#timers.delete(leg);
  }
}
