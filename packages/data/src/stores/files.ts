import type { FileKind, SoundFile } from '@littlepbx/core/files/files';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import type { FileStore } from '@littlepbx/core/tenancy/stores';
import { type Insertable, type Selectable, sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';

function fileOf(row: Selectable<Database['file']>): SoundFile {
  return {
    id: row.id,
    organizationId: row.organization_id,
    kind: row.kind as FileKind,
    name: row.name,
    callId: row.call_id,
    details: row.details,
    bytes: row.bytes,
    duration: row.duration,
    createdAt: row.created_at.getTime(),
  };
}

function columnsOf(file: SoundFile): Insertable<Database['file']> {
  return {
    id: file.id,
    organization_id: file.organizationId,
    kind: file.kind,
    name: file.name,
    call_id: file.callId,
    details: JSON.stringify(file.details),
    bytes: file.bytes,
    duration: Math.round(file.duration),
    created_at: new Date(file.createdAt),
  };
}

export function fileStore(trx: Transaction): FileStore {
  return {
    async list(organizationId, filter, { after, limit }) {
      let query = trx
        .selectFrom('file')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit);
      query =
        filter.kind === undefined ? query.where('kind', '<>', 'voicemail') : query.where('kind', '=', filter.kind);
      if (filter.call !== undefined) query = query.where('call_id', '=', filter.call);
      if (after !== null) {
        const colon = after.indexOf(':');
        const at = new Date(Number(after.slice(0, colon)));
        query = query.where(sql<boolean>`(created_at, id) < (${at}, ${after.slice(colon + 1)}::uuid)`);
      }
      return (await query.execute()).map(fileOf);
    },
    async get(organizationId, id) {
      if (!isUuid(id)) return null;
      const row = await trx
        .selectFrom('file')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? fileOf(row) : null;
    },
    async insert(file) {
      await trx.insertInto('file').values(columnsOf(file)).execute();
    },
    async delete(organizationId, id) {
      const result = await trx
        .deleteFrom('file')
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    async used(organizationIds) {
      if (organizationIds.length === 0) return new Map();
      const rows = await trx
        .selectFrom('file')
        .select(['organization_id', sql<number>`sum(bytes)::bigint`.as('bytes')])
        .where('organization_id', 'in', organizationIds)
        .groupBy('organization_id')
        .execute();
      return new Map(rows.map((row) => [row.organization_id, row.bytes]));
    },
  };
}

/** Bytes stored by each organization that stores any. */
export async function storageUsed(trx: Transaction): Promise<Map<OrganizationId, number>> {
  const rows = await trx
    .selectFrom('file')
    .select(['organization_id', sql<number>`sum(bytes)::bigint`.as('bytes')])
    .groupBy('organization_id')
    .execute();
  return new Map(rows.map((row) => [row.organization_id, row.bytes]));
}

/**
 * Files that are there already are left as they are, so that sending a batch twice is the same as once.
 * @returns organizations that are no more; their files were left out
 */
export async function insertFiles(trx: Transaction, files: SoundFile[]): Promise<OrganizationId[]> {
  const wanted = [...new Set(files.map((file) => file.organizationId))];
  // Held until the files are in: an organization deleted meanwhile takes them with it.
  const rows = await trx
    .selectFrom('organization')
    .select('id')
    .where('id', 'in', wanted)
    .orderBy('id')
    .forKeyShare()
    .execute();
  const there = new Set(rows.map((row) => row.id));
  const welcome = files.filter((file) => there.has(file.organizationId));
  if (welcome.length > 0) {
    await trx
      .insertInto('file')
      .values(welcome.map(columnsOf))
      .onConflict((c) => c.column('id').doNothing())
      .execute();
  }
  return wanted.filter((id) => !there.has(id));
}
