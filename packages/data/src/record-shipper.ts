/** Brings records of ended calls from the local journal to Postgres. */
import type { Clock, Log } from '@littlepbx/core/ports';
import type { LocalJournal } from './local/journal.ts';
import { type Shipper, startShipper } from './shipper.ts';
import { insertCalls } from './stores/calls.ts';
import type { TenantDb } from './tenant-db.ts';

/** Milliseconds. */
const TIMEOUT = 10_000;

export function startRecordShipper(ports: { journal: LocalJournal; db: TenantDb; clock: Clock; log: Log }): Shipper {
  const { journal, db, clock, log } = ports;
  const shipper = startShipper({
    outbox: journal,
    insert: (batch) =>
      db.asOperator(
        (trx) =>
          insertCalls(
            trx,
            batch.map(({ call }) => call),
          ),
        TIMEOUT,
      ),
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
