import type { VoicemailBoxRow, VoicemailStore } from '@littlepbx/core/tenancy/stores';
import type { Message, Waiting } from '@littlepbx/core/voicemail/box';
import { type Selectable, sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { TenantDb, Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';

type Row = Selectable<Database['voicemail_message']> & { duration: number };

function boxOf(row: Selectable<Database['voicemail_box']>): VoicemailBoxRow {
  return {
    pinHash: row.pin_hash,
    greeting: row.greeting_id,
    maxMessageInS: row.max_message_in_s,
    email: row.email,
    isSoundAttached: row.is_sound_attached,
  };
}

function messageOf(row: Row): Message {
  return {
    id: row.id,
    organizationId: row.organization_id,
    extensionId: row.extension_id,
    from: row.from_number,
    fromName: row.from_name,
    isSaved: row.is_saved,
    duration: row.duration,
    createdAt: row.created_at.getTime(),
  };
}

export function voicemailStore(trx: Transaction): VoicemailStore {
  const messages = (organizationId: string) =>
    trx
      .selectFrom('voicemail_message as m')
      .innerJoin('file as f', 'f.id', 'm.id')
      .selectAll('m')
      .select('f.duration')
      .where('m.organization_id', '=', organizationId);

  return {
    async box(organizationId, extensionId) {
      const row = await trx
        .selectFrom('voicemail_box')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('extension_id', '=', extensionId)
        .executeTakeFirst();
      return row ? boxOf(row) : null;
    },
    async boxes(organizationId) {
      const rows = await trx
        .selectFrom('voicemail_box')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .execute();
      return new Map(rows.map((row) => [row.extension_id, boxOf(row)]));
    },
    async put(organizationId, extensionId, box: VoicemailBoxRow) {
      const columns = {
        pin_hash: box.pinHash,
        greeting_id: box.greeting,
        max_message_in_s: box.maxMessageInS,
        email: box.email,
        is_sound_attached: box.isSoundAttached,
      };
      await trx
        .insertInto('voicemail_box')
        .values({ extension_id: extensionId, organization_id: organizationId, ...columns })
        .onConflict((c) => c.column('extension_id').doUpdateSet(columns))
        .execute();
    },
    async lock(organizationId, extensionId) {
      const row = await trx
        .selectFrom('voicemail_lock')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('extension_id', '=', extensionId)
        .executeTakeFirst();
      return { wrongTries: row?.wrong_tries ?? 0, lockedUntil: row?.locked_until?.getTime() ?? null };
    },
    async holdLock(organizationId, extensionId) {
      await trx
        .insertInto('voicemail_lock')
        .values({ extension_id: extensionId, organization_id: organizationId })
        .onConflict((c) => c.column('extension_id').doNothing())
        .execute();
      const row = await trx
        .selectFrom('voicemail_lock')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('extension_id', '=', extensionId)
        .forUpdate()
        .executeTakeFirstOrThrow();
      return { wrongTries: row.wrong_tries, lockedUntil: row.locked_until?.getTime() ?? null };
    },
    async setLock(organizationId, extensionId, { wrongTries, lockedUntil }) {
      await trx
        .updateTable('voicemail_lock')
        .set({ wrong_tries: wrongTries, locked_until: lockedUntil === null ? null : new Date(lockedUntil) })
        .where('organization_id', '=', organizationId)
        .where('extension_id', '=', extensionId)
        .execute();
    },
    async all(organizationId, extensionId) {
      const rows = await messages(organizationId)
        .where('m.extension_id', '=', extensionId)
        .orderBy('m.created_at')
        .orderBy('m.id')
        .limit(1000)
        .execute();
      return rows.map(messageOf);
    },
    async list(organizationId, extensionId, { isSaved }, { after, limit }) {
      let query = messages(organizationId)
        .where('m.extension_id', '=', extensionId)
        .orderBy('m.created_at', 'desc')
        .orderBy('m.id', 'desc')
        .limit(limit);
      if (isSaved !== undefined) query = query.where('m.is_saved', '=', isSaved);
      if (after !== null) {
        const colon = after.indexOf(':');
        const [at, id] = [new Date(Number(after.slice(0, colon))), after.slice(colon + 1)];
        if (!isUuid(id)) return [];
        query = query.where(sql<boolean>`(m.created_at, m.id) < (${at}, ${id}::uuid)`);
      }
      return (await query.execute()).map(messageOf);
    },
    async message(organizationId, id) {
      if (!isUuid(id)) return null;
      const row = await messages(organizationId).where('m.id', '=', id).executeTakeFirst();
      return row ? messageOf(row) : null;
    },
    async setSaved(organizationId, id, isSaved) {
      await trx
        .updateTable('voicemail_message')
        .set({ is_saved: isSaved })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('is_saved', '!=', isSaved)
        .execute();
    },
    async waiting(organizationId, extensionId) {
      const [row] = await counted(trx, extensionId, organizationId);
      return row ?? { fresh: 0, old: 0 };
    },
    async summaries(organizationId, extensionIds) {
      if (extensionIds.length === 0) return new Map();
      const rows = await counts(trx)
        .select(sql<Date>`max(created_at)`.as('latestAt'))
        .where('organization_id', '=', organizationId)
        .where('extension_id', 'in', extensionIds)
        .execute();
      return new Map(
        rows.map(({ extensionId, latestAt, ...waiting }) => [
          extensionId,
          { ...waiting, latestAt: latestAt.getTime() },
        ]),
      );
    },
    async deleteAllBut(organizationId, extensionIds) {
      const others =
        extensionIds.length > 0 ? sql<boolean>`extension_id <> ALL (${extensionIds}::uuid[])` : sql<boolean>`true`;
      for (const table of ['voicemail_box', 'voicemail_lock'] as const) {
        await trx.deleteFrom(table).where('organization_id', '=', organizationId).where(others).execute();
      }
      const gone = await trx
        .selectFrom('voicemail_message')
        .select('id')
        .where('organization_id', '=', organizationId)
        .where(others)
        .execute();
      if (gone.length === 0) return [];
      const ids = gone.map(({ id }) => id);
      await trx.deleteFrom('file').where('organization_id', '=', organizationId).where('id', 'in', ids).execute();
      return ids;
    },
  };
}

type Counted = Waiting & { extensionId: string };

const counts = (trx: Transaction) =>
  trx
    .selectFrom('voicemail_message')
    .select([
      'extension_id as extensionId',
      sql<number>`count(*) FILTER (WHERE NOT is_saved)`.as('fresh'),
      sql<number>`count(*) FILTER (WHERE is_saved)`.as('old'),
    ])
    .groupBy('extension_id');

async function counted(trx: Transaction, extensionId?: string, organizationId?: string): Promise<Counted[]> {
  let query = counts(trx);
  if (extensionId !== undefined) query = query.where('extension_id', '=', extensionId);
  if (organizationId !== undefined) query = query.where('organization_id', '=', organizationId);
  return query.execute();
}

/** Messages of one box, or of all that were ever used: a lamp may burn for messages that are gone. @throws StoreUnavailable */
export function countMessages(db: TenantDb, extensionId?: string): Promise<Counted[]> {
  return db.asOperator(async (trx) => {
    const counts = await counted(trx, extensionId);
    if (extensionId !== undefined) return counts;
    const known = new Set(counts.map((count) => count.extensionId));
    const boxes = await trx.selectFrom('voicemail_box').select('extension_id').execute();
    const empty = boxes.map((box) => box.extension_id).filter((id) => !known.has(id));
    return [...counts, ...empty.map((id) => ({ extensionId: id, fresh: 0, old: 0 }))];
  });
}
