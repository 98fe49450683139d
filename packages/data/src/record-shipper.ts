/**
 * Brings records of ended calls from the local journal to Postgres: in batches, at least once, and in Postgres at most
 * once. Nothing runs while there is nothing to send.
 */
import type { Clock, Log } from '@littlepbx/core/ports';
import { StoreUnavailable } from '@littlepbx/core/tenancy/stores';
import type { LocalJournal, Outgoing } from './local/journal.ts';
import { insertCalls } from './stores/calls.ts';
import type { TenantDb } from './tenant-db.ts';

const BATCH = 500;
/** Milliseconds from one batch to the next: four a second at most, so that a batch gathers what ends meanwhile. */
const PACE = 250;
/** Milliseconds between attempts while Postgres is away, doubling from the first to the last. */
const RETRY_FIRST = 500;
const RETRY_LAST = 5_000;
const TIMEOUT = 10_000;

export interface RecordShipper {
  /** Sends what is there, now; resolves when the outbox is empty or Postgres is away. */
  drain(): Promise<void>;
  /** Ends after the batch that is on its way. What is left is sent by the next brain. */
  stop(): Promise<void>;
}

export function startRecordShipper(ports: {
  journal: LocalJournal;
  db: TenantDb;
  clock: Clock;
  log: Log;
}): RecordShipper {
  const { journal, db, clock, log } = ports;
  let retry = RETRY_FIRST;
  let cancel: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;

  const insert = (batch: Outgoing[]): Promise<void> =>
    db.asOperator(
      (trx) =>
        insertCalls(
          trx,
          batch.map(({ call }) => call),
        ),
      TIMEOUT,
    );

  /** One bad record must not hold up the others for ever. */
  async function insertOneByOne(batch: Outgoing[]): Promise<void> {
    for (const outgoing of batch) {
      try {
        await insert([outgoing]);
        journal.sent([outgoing]);
      } catch (error) {
        if (error instanceof StoreUnavailable) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        log.error('call-record-refused', { call: outgoing.call.cdr.id, reason });
        journal.refused(outgoing, reason);
      }
    }
  }

  /** True when there may be more. */
  async function ship(): Promise<boolean> {
    const batch = journal.outgoing(BATCH);
    if (batch.length === 0) return false;
    try {
      await insert(batch);
      journal.sent(batch);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      await insertOneByOne(batch);
    }
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
        log.warn('call-records-wait', {
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

  journal.onOutgoing = () => schedule(PACE);
  // Left behind by an earlier brain.
  schedule(0);

  return {
    async drain() {
      journal.flush();
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
      journal.onOutgoing = () => {};
      await running;
    },
  };
}
