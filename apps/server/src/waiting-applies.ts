/**
 * Applies what waits until its organization has no call in progress, or for its deadline. Postgres is asked every second
 * what waits, so that a brain that comes later goes on with it; what is done is decided there, under a lock.
 */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import type { Clock, Log } from '@littlepbx/core/ports';
import type { Administration } from '@littlepbx/core/tenancy/administration';
import type { Stores } from '@littlepbx/core/tenancy/stores';

export interface WaitingApplySources {
  stores: Pick<Stores, 'asOperator'>;
  administration: Pick<Administration, 'applyWaiting'>;
  /** Earlier calls must have been adopted: else every organization looks idle. */
  registry: Pick<CallRegistry, 'calls'>;
  clock: Clock;
  log: Log;
}

/** Milliseconds. */
const LOOK_EVERY = 1_000;

/** Begins to look; the returned function ends it. */
export function watchWaitingApplies({ stores, administration, registry, clock, log }: WaitingApplySources): () => void {
  let cancel = () => {};
  let isStopped = false;

  async function look(): Promise<void> {
    const waiting = await stores.asOperator(({ waitingApplies }) => waitingApplies.all());
    if (waiting.length === 0) return;
    const busy = new Set(registry.calls().map((call) => call.state.organizationId));
    for (const { organizationId, deadline } of waiting) {
      if (isStopped || (busy.has(organizationId) && deadline > clock.now())) continue;
      const outcome = await administration.applyWaiting(organizationId);
      if (outcome.ok && outcome.value) {
        log.info('waiting-apply-done', {
          organizationId,
          revision: outcome.value.number,
          isIdle: !busy.has(organizationId),
        });
      }
    }
  }

  const again = (): void => {
    if (isStopped) return;
    cancel = clock.after(LOOK_EVERY, () => {
      look()
        // Postgres is away, which others tell of.
        .catch((error: unknown) => log.debug('waiting-applies-not-read', { error: String(error) }))
        .finally(again);
    });
  };
  again();
  return () => {
    isStopped = true;
    cancel();
  };
}
