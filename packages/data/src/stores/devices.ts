import type { DeviceRow, DeviceStore } from '@littlepbx/core/tenancy/stores';
import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { patternOf } from './search.ts';

function deviceRow(row: Selectable<Database['device']>): DeviceRow {
  return {
    username: row.username,
    organizationId: row.organization_id,
    extensionId: row.extension_id,
    name: row.name,
    transport: row.transport,
    digest: row.digest,
    digestMd5: row.digest_md5,
    digestSha256: row.digest_sha256,
    suspension: row.suspension,
    createdAt: row.created_at.getTime(),
  };
}

function columns(row: DeviceRow): Insertable<Database['device']> {
  return {
    username: row.username,
    organization_id: row.organizationId,
    extension_id: row.extensionId,
    name: row.name,
    transport: row.transport,
    digest: row.digest,
    digest_md5: row.digestMd5,
    digest_sha256: row.digestSha256,
    suspension: row.suspension && JSON.stringify(row.suspension),
    created_at: new Date(row.createdAt),
  };
}

/** Rows per INSERT: Postgres takes 65,535 parameters in one statement. */
const BATCH = 2_000;

export function deviceStore(trx: Transaction): DeviceStore {
  return {
    async list(organizationId, { after, limit }, { extensionId, search }) {
      let query = trx
        .selectFrom('device')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('username')
        .limit(limit);
      if (extensionId !== undefined) query = query.where('extension_id', '=', extensionId);
      if (after !== null) query = query.where('username', '>', after);
      if (search !== undefined) {
        const pattern = patternOf(search);
        const ofNumber = trx
          .selectFrom('extension')
          .select('id')
          .where('organization_id', '=', organizationId)
          .where('number', 'ilike', pattern);
        query = query.where((is) =>
          is.or([is('name', 'ilike', pattern), is('username', 'ilike', pattern), is('extension_id', 'in', ofNumber)]),
        );
      }
      return (await query.execute()).map(deviceRow);
    },
    async all(organizationId) {
      const rows = await trx
        .selectFrom('device')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('username')
        .execute();
      return rows.map(deviceRow);
    },
    async find(username) {
      const row = await trx.selectFrom('device').selectAll().where('username', '=', username).executeTakeFirst();
      return row ? deviceRow(row) : null;
    },
    async insert(row) {
      const result = await trx
        .insertInto('device')
        .values(columns(row))
        .onConflict((c) => c.column('username').doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    async insertAll(all) {
      for (let i = 0; i < all.length; i += BATCH) {
        await trx
          .insertInto('device')
          .values(all.slice(i, i + BATCH).map(columns))
          .execute();
      }
    },
    async update(organizationId, username, patch) {
      const set: Updateable<Database['device']> = {};
      if (patch.name !== undefined) set.name = patch.name;
      if (patch.transport !== undefined) set.transport = patch.transport;
      if (patch.digest !== undefined) set.digest = patch.digest;
      if (patch.digestMd5 !== undefined) set.digest_md5 = patch.digestMd5;
      if (patch.suspension !== undefined) set.suspension = patch.suspension && JSON.stringify(patch.suspension);
      if (patch.digestSha256 !== undefined) set.digest_sha256 = patch.digestSha256;
      if (Object.keys(set).length === 0) return;
      await trx
        .updateTable('device')
        .set(set)
        .where('organization_id', '=', organizationId)
        .where('username', '=', username)
        .execute();
    },
    async delete(organizationId, username) {
      await trx
        .deleteFrom('device')
        .where('organization_id', '=', organizationId)
        .where('username', '=', username)
        .execute();
    },
    async usernames(organizationId, extensionId) {
      let query = trx.selectFrom('device').select('username').where('organization_id', '=', organizationId);
      if (extensionId !== undefined) query = query.where('extension_id', '=', extensionId);
      return (await query.execute()).map((row) => row.username);
    },
    async deleteAllBut(organizationId, extensionIds) {
      let query = trx.deleteFrom('device').where('organization_id', '=', organizationId).returning('username');
      if (extensionIds.length > 0) query = query.where('extension_id', 'not in', extensionIds);
      return (await query.execute()).map((row) => row.username);
    },
  };
}
