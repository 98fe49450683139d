/** The least brain there can be: one connection to the engine, which notes every event. It decides nothing. */
import assert from 'node:assert/strict';
import type { Cause, Engine, EngineEvent, LegId, LegSource, PlayId, RecordId } from '../src/port.ts';

export type EventOf<T extends EngineEvent['type']> = Extract<EngineEvent, { type: T }>;

export class Brain {
  readonly engine: Engine;
  readonly events: EngineEvent[] = [];
  /** Legs asked for by `originate` and `snoop`; each must end once, as announced ones must. */
  readonly asked = new Set<LegId>();
  /** Acts on an event in the moment it comes, as a real brain does. */
  react: ((event: EngineEvent) => void) | null = null;

  constructor(engine: Engine) {
    this.engine = engine;
    engine.onEvent((event) => {
      this.events.push(event);
      this.react?.(event);
    });
  }

  of<T extends EngineEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Legs announced by this source, oldest first. */
  newLegs(isFrom: (source: LegSource) => boolean): EventOf<'leg:new'>[] {
    return this.of('leg:new').filter(({ source }) => isFrom(source));
  }

  hasBeen(leg: LegId, state: 'ringing' | 'early-media' | 'answered'): boolean {
    return this.of('leg:state').some((event) => event.leg === leg && event.state === state);
  }

  /** Cause a leg ended with; null while it lasts. */
  causeOf(leg: LegId): Cause | null {
    return this.of('leg:ended').find((event) => event.leg === leg)?.cause ?? null;
  }

  hasEnded(leg: LegId): boolean {
    return this.causeOf(leg) !== null;
  }

  digitsOf(leg: LegId): string {
    return this.of('leg:dtmf')
      .filter((event) => event.leg === leg)
      .map(({ digit }) => digit)
      .join('');
  }

  mediaEnd(id: PlayId | RecordId): EventOf<'media:ended'> | undefined {
    return this.of('media:ended').find((event) => event.id === id);
  }

  /** Every leg ended exactly once, every medium at most once. */
  assertNoEventTwice(): void {
    const ended = this.of('leg:ended').map(({ leg }) => leg);
    assert.deepEqual(ended, [...new Set(ended)], 'a leg ended twice');
    const media = this.of('media:ended').map(({ id }) => id);
    assert.deepEqual(media, [...new Set(media)], 'a playback or recording ended twice');
  }

  /** Legs that were announced or asked for and have not ended. */
  unended(): LegId[] {
    const all = new Set([...this.of('leg:new').map(({ leg }) => leg), ...this.asked]);
    return [...all].filter((leg) => !this.hasEnded(leg));
  }
}
