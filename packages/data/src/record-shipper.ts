/** Brings records of ended calls from the local journal to Postgres. */
import type { FinishedCall } from '@littlepbx/core/call/record';
import type { Clock, Log } from '@littlepbx/core/ports';
import type { LocalJournal } from './local/journal.ts';
import { type Shipper, startShipper } from './shipper.ts';
import { insertCalls } from './stores/calls.ts';
import type { TenantDb } from './tenant-db.ts';

/** Milliseconds. */
const TIMEOUT = 10_000;

export interface RecordShipment {
  journal: LocalJournal;
  db: TenantDb;
  clock: Clock;
  log: Log;
  /** Postgres has them. */
  onRecorded?: (calls: FinishedCall[]) => void;
}

export function startRecordShipper({ journal, db, clock, log, onRecorded }: RecordShipment): Shipper {
  const shipper = startShipper({
    outbox: journal,
    async insert(batch) {
      const calls = batch.map(({ call }) => call);
      await db.asOperator((trx) => insertCalls(trx, calls), TIMEOUT);
      onRecorded?.(calls);
    },
    nameOf: ({ call }) => ({ call: call.cdr.id }),
    what: 'call-record',
    clock,
    log,
  });
  return {
    ...shipper,
    async drain() {
      journal.flush();
      await shipper.drain();
    },
  };
}
