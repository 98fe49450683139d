import type { NumberStore } from '@littlepbx/core/tenancy/stores';
import type { Transaction } from '../tenant-db.ts';
import { patternOf } from './search.ts';

export function numberStore(trx: Transaction): NumberStore {
  const numbers = (organizationId: string) =>
    trx
      .selectFrom('number as n')
      .leftJoin('draft_route as r', 'r.e164', 'n.e164')
      .select(['n.e164 as number', 'r.extension_id as extensionId'])
      .where('n.organization_id', '=', organizationId);
  return {
    async list(organizationId, { after, limit }, search) {
      let query = numbers(organizationId).orderBy('n.e164').limit(limit);
      if (after !== null) query = query.where('n.e164', '>', after);
      if (search !== undefined) query = query.where('n.e164', 'ilike', patternOf(search));
      return query.execute();
    },
    async get(organizationId, number) {
      return (await numbers(organizationId).where('n.e164', '=', number).executeTakeFirst()) ?? null;
    },
    async all(organizationId) {
      const rows = await trx
        .selectFrom('number')
        .select('e164')
        .where('organization_id', '=', organizationId)
        .orderBy('e164')
        .execute();
      return rows.map((row) => row.e164);
    },
    async assign(organizationId, number) {
      // A conflict with a number that row-level security hides is a conflict all the same, and says no more.
      const result = await trx
        .insertInto('number')
        .values({ e164: number, organization_id: organizationId })
        .onConflict((c) => c.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    async release(organizationId, number) {
      await trx.deleteFrom('number').where('organization_id', '=', organizationId).where('e164', '=', number).execute();
    },
  };
}
