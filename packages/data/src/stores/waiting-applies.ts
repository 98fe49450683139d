import type { Actor, Scope } from '@littlepbx/core/tenancy/actor';
import type { WaitingApplyStore } from '@littlepbx/core/tenancy/stores';
import type { Transaction } from '../tenant-db.ts';

/** JSON knows no sets. */
const stored = (actor: Actor): string => JSON.stringify({ ...actor, scopes: [...actor.scopes] });

export function waitingApplyStore(trx: Transaction): WaitingApplyStore {
  return {
    async get(organizationId) {
      const row = await trx
        .selectFrom('waiting_apply')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .executeTakeFirst();
      if (!row) return null;
      const actor = { ...row.actor, scopes: new Set(row.actor.scopes as Scope[]) };
      return {
        askedAt: row.asked_at.getTime(),
        actor,
        deadline: row.deadline.getTime(),
        note: row.note,
        email: row.email,
      };
    },
    async put(organizationId, { askedAt, actor, deadline, note, email }) {
      const row = {
        asked_at: new Date(askedAt),
        actor: stored(actor),
        asked_by: actor.name,
        deadline: new Date(deadline),
        note,
        email,
      };
      await trx
        .insertInto('waiting_apply')
        .values({ organization_id: organizationId, ...row })
        .onConflict((c) => c.column('organization_id').doUpdateSet(row))
        .execute();
    },
    async delete(organizationId) {
      const result = await trx
        .deleteFrom('waiting_apply')
        .where('organization_id', '=', organizationId)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    async all() {
      const rows = await trx
        .selectFrom('waiting_apply as w')
        .innerJoin('organization as o', 'o.id', 'w.organization_id')
        .select(['w.organization_id', 'w.deadline'])
        .where('o.deleted_at', 'is', null)
        .execute();
      return rows.map((row) => ({ organizationId: row.organization_id, deadline: row.deadline.getTime() }));
    },
  };
}
