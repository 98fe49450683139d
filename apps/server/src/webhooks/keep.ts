/** What has to be done about deliveries now and then: old ones go, and what nobody sends is sent after all. */
import type { Clock, Log } from '@littlepbx/core/ports';
import type { Stores } from '@littlepbx/core/tenancy/stores';

/** Milliseconds. */
const LOOK_EVERY = 600_000;
const KEPT_FOR = 30 * 86_400_000;
const BATCH = 500;
/** A delivery whose time was so long ago should have been tried. */
const OVERDUE = 600_000;

/** Begins at once; the returned function ends it. */
export function keepDeliveries(o: { stores: Pick<Stores, 'asOperator'>; clock: Clock; log: Log }): () => void {
  const { stores, clock, log } = o;
  let cancel = () => {};
  let isStopped = false;

  async function look(): Promise<void> {
    const before = clock.now() - KEPT_FOR;
    while (!isStopped && (await stores.asOperator(({ webhooks }) => webhooks.prune(before, BATCH))) === BATCH);
    const found = await stores.asOperator(({ webhooks }) => webhooks.mend(clock.now() - OVERDUE));
    if (found > 0) log.warn('webhook-deliveries-mended', { count: found });
  }

  const again = (): void => {
    void look()
      // Postgres is away, which others tell of.
      .catch((error: unknown) => log.debug('webhook-deliveries-not-kept', { error: String(error) }))
      .finally(() => {
        if (!isStopped) cancel = clock.after(LOOK_EVERY, again);
      });
  };
  again();
  return () => {
    isStopped = true;
    cancel();
  };
}
