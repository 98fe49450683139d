/**
 * Brings what waits on local disk to Postgres: in batches, at least once, and in Postgres at most once. Nothing runs
 * while there is nothing to send.
 */
import type { Clock, Log } from '@littlepbx/core/ports';
import { StoreUnavailable } from '@littlepbx/core/tenancy/stores';

const BATCH = 500;
/** Milliseconds from one batch to the next: four a second at most, so that a batch gathers what ends meanwhile. */
const PACE = 250;
/** Milliseconds between attempts while Postgres is away, doubling from the first to the last. */
const RETRY_FIRST = 500;
const RETRY_LAST = 5_000;

/** What waits, oldest first. */
export interface Outbox<T> {
  outgoing(limit: number): T[];
  /** Postgres has them. */
  sent(outgoing: T[]): void;
  /** Postgres will never take this one: it is put aside and holds up no other. */
  refused(outgoing: T, reason: string): void;
  /** Called after something was added. */
  onOutgoing: () => void;
}

export interface Shipper {
  /** Sends what is there, now; resolves when the outbox is empty or Postgres is away. */
  drain(): Promise<void>;
  /** Ends after the batch that is on its way. What is left is sent by the next brain. */
  stop(): Promise<void>;
}

export interface Shipment<T> {
  outbox: Outbox<T>;
  /** One transaction. Doing it twice must be the same as once. */
  insert(batch: T[]): Promise<void>;
  /** Names one in the log. */
  nameOf(outgoing: T): Record<string, string>;
  /** Of its log events: `call-record` gives `call-record-refused` and `call-records-wait`. */
  what: string;
  clock: Clock;
  log: Log;
}

export function startShipper<T>({ outbox, insert, nameOf, what, clock, log }: Shipment<T>): Shipper {
  let retry = RETRY_FIRST;
  let cancel: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

  /** One bad record must not hold up the others for ever. */
  async function insertOneByOne(batch: T[]): Promise<void> {
    for (const outgoing of batch) {
      try {
        await insert([outgoing]);
      } catch (error) {
        if (error instanceof StoreUnavailable) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        log.error(`${what}-refused`, { ...nameOf(outgoing), reason });
        outbox.refused(outgoing, reason);
        continue;
      }
      outbox.sent([outgoing]);
    }
  }

  /** True when there may be more. */
  async function ship(): Promise<boolean> {
    const batch = outbox.outgoing(BATCH);
    if (batch.length === 0) return false;
    try {
      await insert(batch);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      await insertOneByOne(batch);
      return batch.length === BATCH;
    }
    // A full disk fails here: the batch comes again, and Postgres has it once.
    outbox.sent(batch);
    return batch.length === BATCH;
  }

  function schedule(delay: number): void {
    if (isStopped || cancel) return;
    cancel = clock.after(delay, () => {
      cancel = undefined;
      // What came while a batch was on its way may have missed it.
      void Promise.resolve(running).then(once);
    });
  }

  /** Never rejects. */
  function once(): Promise<void> {
    running ??= (async () => {
      try {
        const isMore = await ship();
        retry = RETRY_FIRST;
        if (isMore) schedule(PACE);
      } catch (error) {
        log.warn(`${what}s-wait`, {
          reason: error instanceof Error ? error.message : String(error),
          retryIn: retry,
        });
        schedule(retry);
        retry = Math.min(retry * 2, RETRY_LAST);
      } finally {
        running = undefined;
      }
    })();
    return running;
  }

  outbox.onOutgoing = () => schedule(PACE);
  // Left behind by an earlier brain.
  schedule(0);

  return {
    async drain() {
      await running;
      try {
        while (await ship());
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        schedule(retry);
      }
    },
    async stop() {
      isStopped = true;
      cancel?.();
      outbox.onOutgoing = () => {};
      await running;
    },
  };
}
