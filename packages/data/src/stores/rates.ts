import type { Rate } from '@littlepbx/core/spending/rates';
import type { RateStore } from '@littlepbx/core/tenancy/stores';
import { sql } from 'kysely';
import type { Transaction } from '../tenant-db.ts';

/** As it is stored: a deck may have 50,000 of them. */
export type RateRow = [prefix: string, pricePerMinute: number, setupFee: number, first: number, increment: number];

export const rateRow = (r: Rate): RateRow => [
  r.prefix,
  r.pricePerMinute,
  r.setupFee,
  r.firstIncrementInS,
  r.incrementInS,
];

export const rateOf = ([prefix, pricePerMinute, setupFee, firstIncrementInS, incrementInS]: RateRow): Rate => ({
  prefix,
  pricePerMinute,
  setupFee,
  firstIncrementInS,
  incrementInS,
});

export function rateStore(trx: Transaction): RateStore {
  return {
    async get(organizationId, trunkId) {
      const row = await trx
        .selectFrom('rate_deck')
        .select(['version', 'currency', 'rates', 'imported_at'])
        .where('organization_id', '=', organizationId)
        .where('trunk_id', '=', trunkId)
        .executeTakeFirst();
      if (!row) return null;
      const { version, currency, rates, imported_at } = row;
      return { version, currency, importedAt: imported_at.getTime(), rates: rates.map(rateOf) };
    },
    async replace(organizationId, trunkId, { currency, importedAt, rates }) {
      const set = { currency, imported_at: new Date(importedAt), rates: JSON.stringify(rates.map(rateRow)) };
      await trx
        .insertInto('rate_deck')
        .values({ trunk_id: trunkId, organization_id: organizationId, ...set })
        .onConflict((c) =>
          c.column('trunk_id').doUpdateSet({ ...set, version: sql<number>`nextval('organization_version')` }),
        )
        .execute();
    },
    async delete(organizationId, trunkId) {
      await trx
        .deleteFrom('rate_deck')
        .where('organization_id', '=', organizationId)
        .where('trunk_id', '=', trunkId)
        .execute();
    },
  };
}
