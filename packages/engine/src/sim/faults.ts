/**
 * What may go wrong between switch and brain, for property tests. A test decides the fate of each event and verb as it
 * comes; nothing here is random unless the test makes it so (`randomFates`).
 */
import type { Engine, EngineEvent } from '../port.ts';
import { createRandom } from './random.ts';

export interface EventFate {
  /** 0: lost, 2: doubled. Default 1. */
  copies?: number;
  /** Extra delay. Milliseconds. */
  late?: number;
}

export interface VerbFate {
  /** Extra delay before the switch carries it out. Milliseconds. */
  late?: number;
  /** `before`: rejected and not carried out. `after`: carried out, and rejected all the same (the answer was lost). */
  fails?: 'before' | 'after';
}

export type Verb = Exclude<keyof Engine, 'name' | 'onEvent' | 'start' | 'stop' | 'version'>;

export interface Faults {
  /** `engine:lost` and `engine:back` are never asked about: they come from the connection, not over it. */
  event?: (event: EngineEvent) => EventFate;
  verb?: (verb: Verb) => VerbFate;
  /**
   * What an event cannot overtake. `all` (default): nothing is overtaken, as on one socket; `leg`: a leg's own events
   * keep their order; `none`: a late event is overtaken by any later one.
   */
  order?: 'all' | 'leg' | 'none';
}

export interface FaultOdds {
  /** Probabilities, 0 to 1. */
  lost?: number;
  doubled?: number;
  late?: number;
  /** Longest extra delay. Milliseconds. */
  lateUpTo?: number;
  verbFails?: number;
  order?: NonNullable<Faults['order']>;
}

/** Faults that strike at random, the same for the same seed. */
export function randomFates(seed: number, odds: FaultOdds): Faults {
  const random = createRandom(seed);
  const { lost = 0, doubled = 0, late = 0, lateUpTo = 500, verbFails = 0, order = 'all' } = odds;
  const lateness = () => (random.chance(late) ? random.between(1, lateUpTo) : 0);
  return {
    order,
    event: () => ({ copies: random.chance(lost) ? 0 : random.chance(doubled) ? 2 : 1, late: lateness() }),
    verb: () => ({
      late: lateness(),
      ...(random.chance(verbFails) ? { fails: random.chance(0.5) ? 'before' : 'after' } : {}),
    }),
  };
}
