/**
 * Makes the brain's own suspensions last: the brain acts at once and from memory, and here Postgres and the engine are told
 * until they have heard. An order survives the brain.
 */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import type { Clock, Log, SuspensionOrders } from '@littlepbx/core/ports';
import type { Finding } from '@littlepbx/core/spending/anomaly';
import type { Administration } from '@littlepbx/core/tenancy/administration';

/** Milliseconds. */
const RETRY = 1000;

export interface SuspensionKeeper {
  order(finding: Finding): void;
  /** Repeats what an earlier brain did not bring to an end. */
  start(): void;
}

export function createSuspensionKeeper(o: {
  orders: SuspensionOrders;
  administration: () => Pick<Administration, 'suspendByItself'>;
  registry: () => Pick<CallRegistry, 'suspend' | 'suspensionKept'>;
  clock: Clock;
  log: Log;
}): SuspensionKeeper {
  async function attempt(finding: Finding): Promise<void> {
    const outcome = await o
      .administration()
      .suspendByItself(finding)
      .catch((error: unknown) => ({ ok: false as const, refusal: { message: String(error) } }));
    if (outcome.ok) {
      o.orders.done(finding);
      o.registry().suspensionKept(finding);
      return;
    }
    o.log.warn('suspension-waits', { ...finding, error: outcome.refusal.message });
    o.clock.after(RETRY, () => void attempt(finding));
  }

  return {
    order(finding) {
      try {
        o.orders.add(finding);
      } catch (error) {
        // A full disk: Postgres is told all the same, by this brain alone.
        o.log.error('suspension-not-on-disk', { ...finding, error: String(error) });
      }
      void attempt(finding);
    },
    start() {
      for (const finding of o.orders.pending()) o.registry().suspend(finding);
    },
  };
}
