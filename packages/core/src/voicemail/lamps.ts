/**
 * How many messages wait in each box, as Postgres last said, and the lamps of the phones by it. Asks Postgres when it is
 * told that a box changed, and the engine is told anew whenever it comes back: it keeps counts in memory only.
 */
import type { Engine } from '@littlepbx/engine/port';
import type { Log } from '../ports.ts';
import type { BoxCounts, Waiting } from './box.ts';

export interface LampsPorts {
  engine: Pick<Engine, 'messagesWaiting'>;
  log: Log;
  /** Counts of one box, or of all that have ever been used. Rejects while Postgres is away. */
  count(extensionId?: string): Promise<(Waiting & { extensionId: string })[]>;
}

const NONE: Waiting = { fresh: 0, old: 0 };

export class Lamps implements BoxCounts {
  readonly #o: LampsPorts;
  readonly #counts = new Map<string, Waiting>();
  /** Boxes to be counted, `*` for all; and those whose lamps are to be told. */
  readonly #uncounted = new Set<string>();
  readonly #untold = new Set<string>();
  #working: Promise<void> | null = null;

  constructor(ports: LampsPorts) {
    this.#o = ports;
  }

  waiting(extensionId: string): Waiting {
    return this.#counts.get(extensionId) ?? NONE;
  }

  /** Messages came or went; null: whatever happened was not heard of. */
  changed(extensionId: string | null): void {
    this.#uncounted.add(extensionId ?? '*');
    this.#work();
  }

  /** The engine may know of no message. */
  engineBack(): void {
    for (const extensionId of this.#counts.keys()) this.#untold.add(extensionId);
    this.#work();
  }

  /** Resolves when there is nothing to do for now. */
  async settled(): Promise<void> {
    while (this.#working) await this.#working;
  }

  #work(): void {
    this.#working ??= this.#all().finally(() => {
      this.#working = null;
    });
  }

  /** One after the other: lamps can wait, calls cannot. */
  async #all(): Promise<void> {
    for (;;) {
      const box = first(this.#uncounted);
      if (box !== null) {
        await this.#count(box);
        continue;
      }
      const lamp = first(this.#untold);
      if (lamp === null) return;
      const { fresh, old } = this.waiting(lamp);
      await this.#o.engine.messagesWaiting(lamp, fresh, old).catch((error: unknown) => {
        // When it is back it is told of all.
        this.#o.log.debug('lamp-not-told', { box: lamp, error: String(error) });
      });
    }
  }

  async #count(box: string): Promise<void> {
    try {
      const counts = await this.#o.count(box === '*' ? undefined : box);
      const found = new Map(counts.map(({ extensionId, fresh, old }) => [extensionId, { fresh, old }]));
      const empty = box === '*' ? [...this.#counts.keys()] : [box];
      for (const extensionId of empty) if (!found.has(extensionId)) found.set(extensionId, NONE);
      for (const [extensionId, waiting] of found) {
        const before = this.#counts.get(extensionId);
        this.#counts.set(extensionId, waiting);
        if (before?.fresh !== waiting.fresh || before.old !== waiting.old) this.#untold.add(extensionId);
      }
    } catch (error) {
      // Postgres is away: once it is back everything is counted.
      this.#o.log.debug('messages-not-counted', { error: String(error) });
    }
  }
}

function first(from: Set<string>): string | null {
  for (const one of from) {
    from.delete(one);
    return one;
  }
  return null;
}
