import type { Extension, RevisionContent } from '@littlepbx/core/tenancy/organization';
import type { Contents, DraftStore } from '@littlepbx/core/tenancy/stores';
import { type Insertable, type Selectable, sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';

function extensionOf(row: Selectable<Database['extension']>): Extension {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    ringTimeInS: row.ring_time_in_s,
    forwardAlways: row.forward_always,
    forwardBusy: row.forward_busy,
    forwardNoAnswer: row.forward_no_answer,
    outboundNumber: row.outbound_number,
  };
}

function columns(organizationId: string, e: Extension): Insertable<Database['extension']> {
  return {
    id: e.id,
    organization_id: organizationId,
    number: e.number,
    name: e.name,
    ring_time_in_s: e.ringTimeInS,
    forward_always: e.forwardAlways,
    forward_busy: e.forwardBusy,
    forward_no_answer: e.forwardNoAnswer,
    outbound_number: e.outboundNumber,
  };
}

/** Rows per INSERT: Postgres takes 65,535 parameters in one statement. */
const BATCH = 5_000;

export function draftStore(trx: Transaction): DraftStore {
  const extensions = (ids: string[]) =>
    trx.selectFrom('extension').selectAll().where('organization_id', 'in', ids).orderBy('number').execute();
  const draftRoutes = (ids: string[]) =>
    trx.selectFrom('draft_route').selectAll().where('organization_id', 'in', ids).orderBy('e164').execute();

  async function routes(organizationId: string) {
    const rows = await draftRoutes([organizationId]);
    return rows.map((row) => ({ number: row.e164, extensionId: row.extension_id }));
  }

  return {
    routes,

    async content(organizationId) {
      const rows = await extensions([organizationId]);
      return { extensions: rows.map(extensionOf), routes: await routes(organizationId) };
    },

    async contents(ids) {
      const found = new Map<string, Contents>(
        ids.map((id) => [
          id,
          { draft: { extensions: [], routes: [] }, applied: { extensions: [], routes: [] }, numbers: [] },
        ]),
      );
      if (ids.length === 0) return found;
      for (const row of await extensions(ids)) found.get(row.organization_id)?.draft.extensions.push(extensionOf(row));
      for (const row of await draftRoutes(ids)) {
        found.get(row.organization_id)?.draft.routes.push({ number: row.e164, extensionId: row.extension_id });
      }
      const applied = await trx
        .selectFrom('organization as o')
        .innerJoin('revision as r', (join) =>
          join.onRef('r.organization_id', '=', 'o.id').onRef('r.number', '=', 'o.current_revision'),
        )
        .select(['o.id', 'r.content'])
        .where('o.id', 'in', ids)
        .execute();
      for (const row of applied) {
        const contents = found.get(row.id);
        if (contents) contents.applied = row.content as RevisionContent;
      }
      const numbers = await trx
        .selectFrom('number')
        .select(['organization_id', 'e164'])
        .where('organization_id', 'in', ids)
        .orderBy('e164')
        .execute();
      for (const row of numbers) found.get(row.organization_id)?.numbers.push(row.e164);
      return found;
    },

    async replace(organizationId, content) {
      await trx.deleteFrom('draft_route').where('organization_id', '=', organizationId).execute();
      await trx.deleteFrom('extension').where('organization_id', '=', organizationId).execute();
      const owned = await trx
        .selectFrom('number')
        .select('e164')
        .where('organization_id', '=', organizationId)
        .execute();
      const numbers = new Set(owned.map((row) => row.e164));
      // A caller ID that is no longer the organization's own is dropped, as it was at the release of the number.
      const own = (e: Extension): Extension =>
        e.outboundNumber === null || numbers.has(e.outboundNumber) ? e : { ...e, outboundNumber: null };
      for (let i = 0; i < content.extensions.length; i += BATCH) {
        const rows = content.extensions.slice(i, i + BATCH).map((e) => columns(organizationId, own(e)));
        await trx.insertInto('extension').values(rows).execute();
      }
      const kept = content.routes.filter((route) => numbers.has(route.number));
      for (let i = 0; i < kept.length; i += BATCH) {
        const rows = kept.slice(i, i + BATCH).map((route) => ({
          e164: route.number,
          organization_id: organizationId,
          extension_id: route.extensionId,
        }));
        await trx.insertInto('draft_route').values(rows).execute();
      }
    },

    async listExtensions(organizationId, { after, limit }) {
      let query = trx
        .selectFrom('extension')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('number')
        .limit(limit);
      if (after !== null) query = query.where('number', '>', after);
      return (await query.execute()).map(extensionOf);
    },

    async extension(organizationId, numberOrId) {
      const row = await trx
        .selectFrom('extension')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where(isUuid(numberOrId) ? 'id' : 'number', '=', numberOrId)
        .executeTakeFirst();
      return row ? extensionOf(row) : null;
    },

    async insertExtension(organizationId, extension) {
      await trx.insertInto('extension').values(columns(organizationId, extension)).execute();
    },

    async updateExtension(organizationId, extension) {
      const { id, organization_id, ...set } = columns(organizationId, extension);
      await trx
        .updateTable('extension')
        .set(set)
        .where('organization_id', '=', organization_id)
        .where('id', '=', id)
        .execute();
    },

    async deleteExtension(organizationId, id) {
      await trx.deleteFrom('extension').where('organization_id', '=', organizationId).where('id', '=', id).execute();
    },

    async route(organizationId, number, extensionId) {
      if (extensionId === null) {
        await trx
          .deleteFrom('draft_route')
          .where('organization_id', '=', organizationId)
          .where('e164', '=', number)
          .execute();
        return;
      }
      await trx
        .insertInto('draft_route')
        .values({ e164: number, organization_id: organizationId, extension_id: extensionId })
        .onConflict((c) => c.column('e164').doUpdateSet({ extension_id: sql`excluded.extension_id` }))
        .execute();
    },
  };
}
