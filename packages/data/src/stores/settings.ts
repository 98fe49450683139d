import type { SettingStore } from '@littlepbx/core/tenancy/stores';
import { sql } from 'kysely';
import type { Cipher } from '../cipher.ts';
import type { Transaction } from '../tenant-db.ts';

export function settingStore(trx: Transaction, cipher: Pick<Cipher, 'encrypt' | 'decrypt'>): SettingStore {
  return {
    async lock(name) {
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`setting ${name}`}, 0))`.execute(trx);
    },
    async get(name) {
      const row = await trx
        .selectFrom('operator_setting')
        .select(['content', 'secret_encrypted'])
        .where('name', '=', name)
        .executeTakeFirst();
      if (!row) return null;
      const sealed = row.secret_encrypted;
      return { content: row.content, secret: sealed && cipher.decrypt(`setting:${name}`, sealed) };
    },
    async put(name, content, secret) {
      const row = {
        content: JSON.stringify(content),
        secret_encrypted: secret === null ? null : cipher.encrypt(`setting:${name}`, secret),
        changed_at: new Date(),
      };
      await trx
        .insertInto('operator_setting')
        .values({ name, ...row })
        .onConflict((c) => c.column('name').doUpdateSet(row))
        .execute();
    },
    async delete(name) {
      const result = await trx.deleteFrom('operator_setting').where('name', '=', name).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
}
