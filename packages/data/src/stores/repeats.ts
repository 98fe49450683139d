import type { RepeatStore } from '@littlepbx/core/tenancy/stores';
import { sql } from 'kysely';
import type { Cipher } from '../cipher.ts';
import type { Transaction } from '../tenant-db.ts';

const isOver = sql<boolean>`created_at < now() - interval '24 hours'`;

export function repeatStore(trx: Transaction, cipher: Pick<Cipher, 'encrypt' | 'decrypt'>): RepeatStore {
  return {
    async find(organizationId, authorId, key) {
      const name = `${organizationId} ${authorId} ${key}`;
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(trx);
      const row = await trx
        .selectFrom('repeat')
        .select(['fingerprint', 'answer_encrypted'])
        .where('organization_id', 'is not distinct from', organizationId)
        .where('author_id', '=', authorId)
        .where('key', '=', key)
        .where(sql<boolean>`NOT (${isOver})`)
        .executeTakeFirst();
      if (!row) return null;
      return {
        fingerprint: row.fingerprint,
        value: JSON.parse(cipher.decrypt(`repeat:${authorId}`, row.answer_encrypted)),
      };
    },
    async keep(organizationId, authorId, key, { fingerprint, value }) {
      await trx
        .deleteFrom('repeat')
        .where('organization_id', 'is not distinct from', organizationId)
        .where(isOver)
        .execute();
      const answer_encrypted = cipher.encrypt(`repeat:${authorId}`, JSON.stringify(value));
      await trx
        .insertInto('repeat')
        .values({ organization_id: organizationId, author_id: authorId, key, fingerprint, answer_encrypted })
        .execute();
    },
  };
}
