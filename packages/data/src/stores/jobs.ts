import type { JobRow, JobStore } from '@littlepbx/core/tenancy/stores';
import { type Selectable, sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';

function jobRow(row: Selectable<Database['job']>): JobRow {
  return {
    id: row.id,
    organizationId: row.organization_id,
    payload: row.payload,
    createdAt: row.created_at.getTime(),
    attempts: row.attempts,
    runAt: row.run_at.getTime(),
    lastError: row.last_error,
    failedAt: row.failed_at?.getTime() ?? null,
  };
}

/** Nobody is at work on it. */
const isFree = sql<boolean>`(taken_until IS NULL OR taken_until < now())`;

export function jobStore(trx: Transaction): JobStore {
  return {
    async add({ id: own, kind, organizationId, payload, runAt }) {
      const at = runAt === undefined ? sql<Date>`now()` : sql<Date>`to_timestamp(${runAt / 1000})`;
      const { id } = await trx
        .insertInto('job')
        .values({
          id: own ?? sql<string>`uuidv7()`,
          organization_id: organizationId,
          kind,
          payload: JSON.stringify(payload),
          run_at: at,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },
    async list(kind, { after, limit }) {
      const query = trx.selectFrom('job').selectAll().where('kind', '=', kind).orderBy('id').limit(limit);
      return (await (after === null ? query : query.where('id', '>', after)).execute()).map(jobRow);
    },
    async count(kind) {
      const counts = await trx
        .selectFrom('job')
        .select([
          sql<number>`count(*) FILTER (WHERE failed_at IS NULL)`.as('waiting'),
          sql<number>`count(*) FILTER (WHERE failed_at IS NOT NULL)`.as('failed'),
        ])
        .where('kind', '=', kind)
        .executeTakeFirstOrThrow();
      return counts;
    },
    async retry(kind, id) {
      if (!isUuid(id)) return false;
      await trx
        .updateTable('job')
        .set({ run_at: sql<Date>`now()`, attempts: 0, failed_at: null, taken_until: null })
        .where('kind', '=', kind)
        .where('id', '=', id)
        .where(isFree)
        .execute();
      const found = await trx.selectFrom('job').select('id').where('kind', '=', kind).where('id', '=', id).execute();
      return found.length > 0;
    },
    async delete(kind, id) {
      if (!isUuid(id)) return false;
      const result = await trx.deleteFrom('job').where('kind', '=', kind).where('id', '=', id).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
}
