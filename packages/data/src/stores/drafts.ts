import { isDeepStrictEqual } from 'node:util';
import { EMPTY_CONTENT } from '@littlepbx/core/config/diff';
import type { Extension, MusicChoice } from '@littlepbx/core/tenancy/organization';
import type { Contents, DraftStore } from '@littlepbx/core/tenancy/stores';
import { type Insertable, type Selectable, sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';
import { appliedContent } from './revisions.ts';
import { patternOf } from './search.ts';

function extensionOf(row: Selectable<Database['extension']>): Extension {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    ringTimeInS: row.ring_time_in_s,
    doNotDisturb: row.do_not_disturb,
    forwardAlways: row.forward_always,
    forwardBusy: row.forward_busy,
    forwardNoAnswer: row.forward_no_answer,
    outboundNumber: row.outbound_number,
    language: row.language,
  };
}

function columns(organizationId: string, e: Extension): Insertable<Database['extension']> {
  return {
    id: e.id,
    organization_id: organizationId,
    number: e.number,
    name: e.name,
    ring_time_in_s: e.ringTimeInS,
    do_not_disturb: e.doNotDisturb,
    forward_always: e.forwardAlways,
    forward_busy: e.forwardBusy,
    forward_no_answer: e.forwardNoAnswer,
    outbound_number: e.outboundNumber,
    language: e.language,
  };
}

/** Rows per INSERT: Postgres takes 65,535 parameters in one statement. */
const BATCH = 2_000;

export function draftStore(trx: Transaction): DraftStore {
  const extensions = (ids: string[]) =>
    trx.selectFrom('extension').selectAll().where('organization_id', 'in', ids).orderBy('number').execute();
  const draftRoutes = (ids: string[]) =>
    trx.selectFrom('draft_route').selectAll().where('organization_id', 'in', ids).orderBy('e164').execute();

  async function routes(organizationId: string) {
    const rows = await draftRoutes([organizationId]);
    return rows.map((row) => ({ number: row.e164, extensionId: row.extension_id }));
  }

  async function route(organizationId: string, number: string, extensionId: string | null): Promise<void> {
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
  }

  async function music(organizationId: string): Promise<MusicChoice> {
    const row = await trx
      .selectFrom('draft_music')
      .select('music')
      .where('organization_id', '=', organizationId)
      .executeTakeFirst();
    return row?.music ?? 'own';
  }

  async function setMusic(organizationId: string, choice: MusicChoice): Promise<void> {
    if ((await music(organizationId)) === choice) return;
    await trx
      .insertInto('draft_music')
      .values({ organization_id: organizationId, music: choice })
      .onConflict((c) => c.column('organization_id').doUpdateSet({ music: choice }))
      .execute();
  }

  /** An extension that is there already is changed. */
  async function insertExtensions(organizationId: string, all: Extension[]): Promise<void> {
    for (let i = 0; i < all.length; i += BATCH) {
      const rows = all.slice(i, i + BATCH).map((e) => columns(organizationId, e));
      const { id, organization_id, ...set } = rows[0]!;
      await trx
        .insertInto('extension')
        .values(rows)
        .onConflict((c) =>
          c.column('id').doUpdateSet(Object.fromEntries(Object.keys(set).map((k) => [k, sql.ref(`excluded.${k}`)]))),
        )
        .execute();
    }
  }

  return {
    routes,

    async content(organizationId) {
      const rows = await extensions([organizationId]);
      return {
        extensions: rows.map(extensionOf),
        routes: await routes(organizationId),
        music: await music(organizationId),
      };
    },

    async contents(ids) {
      const found = new Map<string, Contents>(
        ids.map((id) => [
          id,
          { draft: { extensions: [], routes: [], music: 'own' }, applied: EMPTY_CONTENT, numbers: [] },
        ]),
      );
      if (ids.length === 0) return found;
      for (const row of await extensions(ids)) found.get(row.organization_id)?.draft.extensions.push(extensionOf(row));
      for (const row of await draftRoutes(ids)) {
        found.get(row.organization_id)?.draft.routes.push({ number: row.e164, extensionId: row.extension_id });
      }
      for (const row of await trx.selectFrom('draft_music').selectAll().where('organization_id', 'in', ids).execute()) {
        const contents = found.get(row.organization_id);
        if (contents) contents.draft.music = row.music;
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
        if (contents) contents.applied = appliedContent(row.content);
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
      const owned = await trx
        .selectFrom('number')
        .select('e164')
        .where('organization_id', '=', organizationId)
        .execute();
      const numbers = new Set(owned.map((row) => row.e164));
      // A caller ID that is no longer the organization's own is dropped, as it was at the release of the number.
      const own = (e: Extension): Extension =>
        e.outboundNumber === null || numbers.has(e.outboundNumber) ? e : { ...e, outboundNumber: null };
      // Only what differs is written: the audit log tells changes, not that everything went and came again.
      const now = (await extensions([organizationId])).map(extensionOf);
      const wanted = new Map(content.extensions.map((e) => [e.id, own(e)]));
      // A number may pass from one extension to another, so a row that gives up its own goes first.
      const leaving = now.filter((e) => wanted.get(e.id)?.number !== e.number).map((e) => e.id);
      if (leaving.length > 0)
        await trx.deleteFrom('extension').where('id', '=', sql<string>`ANY(${leaving})`).execute();
      const staying = new Map(now.filter((e) => !leaving.includes(e.id)).map((e) => [e.id, e]));
      const differing = [...wanted.values()].filter((e) => !isDeepStrictEqual(e, staying.get(e.id)));
      await insertExtensions(organizationId, differing);

      const routesNow = new Map((await routes(organizationId)).map((r) => [r.number, r.extensionId]));
      const kept = new Map(content.routes.filter((r) => numbers.has(r.number)).map((r) => [r.number, r.extensionId]));
      for (const number of routesNow.keys()) if (!kept.has(number)) await route(organizationId, number, null);
      for (const [number, extensionId] of kept) {
        if (routesNow.get(number) !== extensionId) await route(organizationId, number, extensionId);
      }
      await setMusic(organizationId, content.music);
    },

    async listExtensions(organizationId, { after, limit }, search) {
      let query = trx
        .selectFrom('extension')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('number')
        .limit(limit);
      if (after !== null) query = query.where('number', '>', after);
      if (search !== undefined) {
        const pattern = patternOf(search);
        query = query.where((is) => is.or([is('number', 'ilike', pattern), is('name', 'ilike', pattern)]));
      }
      return (await query.execute()).map(extensionOf);
    },

    async extensionNumbers(organizationIds, extensionIds) {
      const rows = await trx
        .selectFrom('extension')
        .select(['id', 'number'])
        .where('organization_id', '=', sql<string>`ANY(${organizationIds})`)
        .where('id', '=', sql<string>`ANY(${extensionIds})`)
        .execute();
      const numbers = new Map(rows.map(({ id, number }) => [id, number]));
      const others = extensionIds.filter((id) => !numbers.has(id));
      if (others.length === 0) return numbers;
      const applied = await sql<{ id: string; number: string }>`
        SELECT e->>'id' AS id, e->>'number' AS number
        FROM organization o
        JOIN revision r ON r.organization_id = o.id AND r.number = o.current_revision
        CROSS JOIN jsonb_array_elements(r.content->'extensions') e
        WHERE o.id = ANY(${organizationIds}) AND e->>'id' = ANY(${others})`.execute(trx);
      for (const { id, number } of applied.rows) numbers.set(id, number);
      return numbers;
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

    route,
    music,
    setMusic,
  };
}
