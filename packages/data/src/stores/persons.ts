import type { Membership, Person, Session } from '@littlepbx/core/persons/person';
import type { PersonStore } from '@littlepbx/core/persons/stores';
import { type Selectable, sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';

type Row = Omit<Selectable<Database['person']>, 'email_verified' | 'updated_at'>;

function personOf(row: Row): Person {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    language: row.language,
    theme: row.theme,
    isOperator: row.is_operator,
    isSuspended: row.is_suspended,
    hasTwoFactor: row.has_two_factor,
    createdAt: row.created_at.getTime(),
  };
}

/** A row of `session_by_token`. */
export interface SessionLine {
  session_id: string;
  expires_at: Date;
  person: Omit<Row, 'created_at'> & { created_at: string };
  memberships: {
    organization_id: string;
    slug: string;
    name: string;
    role: Membership['role'];
    extension_id: string | null;
    time_zone: string;
    is_suspended: boolean;
    logo_tag: string | null;
  }[];
}

export function sessionOf({ session_id, expires_at, person, memberships }: SessionLine): Session {
  return {
    id: session_id,
    expiresAt: expires_at.getTime(),
    person: personOf({ ...person, created_at: new Date(person.created_at) }),
    memberships: memberships.map((m) => ({
      organizationId: m.organization_id,
      slug: m.slug,
      companyName: m.name,
      role: m.role,
      extensionId: m.extension_id,
      timeZone: m.time_zone,
      isSuspended: m.is_suspended,
      logoTag: m.logo_tag,
    })),
  };
}

export function personStore(trx: Transaction): PersonStore {
  const persons = () =>
    trx
      .selectFrom('person')
      .select([
        'id',
        'email',
        'name',
        'language',
        'theme',
        'is_operator',
        'is_suspended',
        'has_two_factor',
        'created_at',
      ]);
  return {
    async list({ email }, { after, limit }) {
      let query = persons().orderBy('email').limit(limit);
      if (email !== undefined) query = query.where('email', '=', email);
      if (after !== null) query = query.where('email', '>', after);
      return (await query.execute()).map(personOf);
    },
    async get(id) {
      if (!isUuid(id)) return null;
      const row = await persons().where('id', '=', id).executeTakeFirst();
      return row ? personOf(row) : null;
    },
    async byEmail(email) {
      const row = await persons().where('email', '=', email).executeTakeFirst();
      return row ? personOf(row) : null;
    },
    async memberships(ids) {
      const all = new Map<string, Membership[]>(ids.map((id) => [id, []]));
      if (ids.length === 0) return all;
      const rows = await trx
        .selectFrom('membership as m')
        .innerJoin('organization as o', 'o.id', 'm.organization_id')
        .select(['m.person_id', 'm.role', 'm.extension_id', 'o.id', 'o.slug', 'o.name', 'o.time_zone'])
        .select(['o.is_suspended', 'o.logo_tag'])
        .where('m.person_id', 'in', ids)
        .where('o.deleted_at', 'is', null)
        .orderBy('o.name')
        .orderBy('o.slug')
        .execute();
      for (const row of rows) {
        all.get(row.person_id)?.push({
          organizationId: row.id,
          slug: row.slug,
          companyName: row.name,
          role: row.role,
          extensionId: row.extension_id,
          timeZone: row.time_zone,
          isSuspended: row.is_suspended,
          logoTag: row.logo_tag,
        });
      }
      return all;
    },
    async insert(person, passwordHash) {
      const made = await trx
        .insertInto('person')
        .values({
          id: person.id,
          email: person.email,
          name: person.name,
          language: person.language,
          theme: person.theme,
          is_operator: person.isOperator,
          is_suspended: person.isSuspended,
          has_two_factor: person.hasTwoFactor,
          created_at: new Date(person.createdAt),
        })
        .onConflict((c) => c.column('email').doNothing())
        .executeTakeFirst();
      if (made.numInsertedOrUpdatedRows !== 1n) return false;
      await trx
        .insertInto('person_account')
        .values({
          id: sql<string>`uuidv7()`,
          person_id: person.id,
          provider_id: 'credential',
          account_id: person.id,
          password: passwordHash,
        })
        .execute();
      return true;
    },
    async update(id, { name, language, theme, isOperator, isSuspended }) {
      await trx
        .updateTable('person')
        .set({
          updated_at: new Date(),
          ...(name === undefined ? {} : { name }),
          ...(language === undefined ? {} : { language }),
          ...(theme === undefined ? {} : { theme }),
          ...(isOperator === undefined ? {} : { is_operator: isOperator }),
          ...(isSuspended === undefined ? {} : { is_suspended: isSuspended }),
        })
        .where('id', '=', id)
        .execute();
    },
    async setPassword(id, hash) {
      await trx
        .updateTable('person_account')
        .set({ password: hash, updated_at: new Date() })
        .where('person_id', '=', id)
        .where('provider_id', '=', 'credential')
        .execute();
    },
    async useCode(id, code) {
      const used = await trx
        .updateTable('person_two_factor')
        // More than are good at any one time.
        .set({ used_codes: sql<string[]>`(array_prepend(${code}, used_codes))[1:5]` })
        .where('person_id', '=', id)
        .where(sql<boolean>`NOT used_codes @> ARRAY[${code}]`)
        .executeTakeFirst();
      return used.numUpdatedRows === 1n;
    },
    async removeTwoFactor(id) {
      await trx.deleteFrom('person_two_factor').where('person_id', '=', id).execute();
      await trx.updateTable('person').set({ has_two_factor: false }).where('id', '=', id).execute();
    },
    async sessions(id) {
      const rows = await trx
        .selectFrom('person_session')
        .select(['id', 'address', 'user_agent', 'created_at', 'expires_at'])
        .where('person_id', '=', id)
        .where('expires_at', '>', sql<Date>`now()`)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        address: row.address,
        userAgent: row.user_agent,
        loggedInAt: row.created_at.getTime(),
        expiresAt: row.expires_at.getTime(),
      }));
    },
    async endSessions(id, but) {
      let ended = trx.deleteFrom('person_session').where('person_id', '=', id);
      if (but !== undefined) ended = ended.where('id', '!=', but);
      await ended.execute();
    },
    async tidySessions(id) {
      await trx
        .deleteFrom('person_session')
        .where('person_id', '=', id)
        .where('expires_at', '<', sql<Date>`now()`)
        .execute();
    },
    async delete(id) {
      // First: the audit log names a membership by the person's address.
      await trx.deleteFrom('membership').where('person_id', '=', id).execute();
      await trx.deleteFrom('person').where('id', '=', id).execute();
    },
  };
}
