import type { Scope } from '@littlepbx/core/tenancy/actor';
import type { KeyStore } from '@littlepbx/core/tenancy/stores';
import type { ApiKey } from '@littlepbx/core/tenancy/views';
import type { Selectable } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';

function keyOf(row: Omit<Selectable<Database['api_key']>, 'secret_sha256'>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    organizationId: row.organization_id,
    scopes: row.scopes as Scope[],
    createdAt: row.created_at.getTime(),
    lastUsedAt: row.last_used_at?.getTime() ?? null,
  };
}

export function keyStore(trx: Transaction): KeyStore {
  const keys = () =>
    trx.selectFrom('api_key').select(['id', 'name', 'organization_id', 'scopes', 'created_at', 'last_used_at']);
  return {
    async list(organizationId, { after, limit }) {
      let query = keys().where('organization_id', 'is not distinct from', organizationId).orderBy('id').limit(limit);
      if (after !== null) query = query.where('id', '>', after);
      return (await query.execute()).map(keyOf);
    },
    async get(id) {
      const row = await keys().where('id', '=', id).executeTakeFirst();
      return row ? keyOf(row) : null;
    },
    async insert(key, secretSha256) {
      await trx
        .insertInto('api_key')
        .values({
          id: key.id,
          organization_id: key.organizationId,
          name: key.name,
          scopes: key.scopes,
          secret_sha256: secretSha256,
          created_at: new Date(key.createdAt),
          last_used_at: null,
        })
        .execute();
    },
    async delete(id) {
      await trx.deleteFrom('api_key').where('id', '=', id).execute();
    },
  };
}
