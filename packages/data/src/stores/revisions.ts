import type { Extension, RevisionContent } from '@littlepbx/core/tenancy/organization';
import type { RevisionStore } from '@littlepbx/core/tenancy/stores';
import type { Transaction } from '../tenant-db.ts';

/** What was applied before extensions had a language, or could be left undisturbed, says nothing of it. */
export function appliedContent(content: unknown): RevisionContent {
  // What was published before there was a choice of music played its own.
  const { extensions, routes, music = 'own' } = content as RevisionContent;
  const complete = ({ language = null, doNotDisturb = false, ...e }: Extension): Extension => ({
    ...e,
    language,
    doNotDisturb,
  });
  return { extensions: extensions.map(complete), routes, music };
}

export function revisionStore(trx: Transaction): RevisionStore {
  const revisions = (organizationId: string) =>
    trx.selectFrom('revision').where('organization_id', '=', organizationId);
  return {
    async list(organizationId, { after, limit }) {
      let query = revisions(organizationId)
        .select(['number', 'applied_at', 'applied_by_name', 'note'])
        .orderBy('number', 'desc')
        .limit(limit);
      if (after !== null) query = query.where('number', '<', Number(after));
      const rows = await query.execute();
      return rows.map((row) => ({
        number: row.number,
        appliedAt: row.applied_at.getTime(),
        appliedBy: row.applied_by_name,
        note: row.note,
      }));
    },
    async content(organizationId, number) {
      const row = await revisions(organizationId).select('content').where('number', '=', number).executeTakeFirst();
      return row ? appliedContent(row.content) : null;
    },
    async last(organizationId) {
      const row = await revisions(organizationId)
        .select('number')
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.number ?? 0;
    },
    async insert(organizationId, row, by, content) {
      await trx
        .insertInto('revision')
        .values({
          organization_id: organizationId,
          number: row.number,
          content: JSON.stringify(content),
          applied_at: new Date(row.appliedAt),
          applied_by: by,
          applied_by_name: row.appliedBy,
          note: row.note,
        })
        .execute();
    },
  };
}
