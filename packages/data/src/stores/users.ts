import type { Invitation, OrganizationUser, UserStore } from '@littlepbx/core/persons/stores';
import type { Selectable } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';

function invitationOf(row: Selectable<Database['invitation']>): Invitation {
  return {
    id: row.id,
    organizationId: row.organization_id,
    email: row.email,
    role: row.role,
    extensionId: row.extension_id,
    language: row.language,
    invitedBy: row.invited_by,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  };
}

export function userStore(trx: Transaction): UserStore {
  const users = (organizationId: string) =>
    trx
      .selectFrom('membership as m')
      .innerJoin('person as p', 'p.id', 'm.person_id')
      .leftJoin('extension as e', 'e.id', 'm.extension_id')
      .select(['p.id', 'p.name', 'p.email', 'm.role', 'm.extension_id', 'e.number as extension'])
      .select(['p.has_two_factor', 'p.is_suspended', 'm.created_at'])
      .where('m.organization_id', '=', organizationId);
  type Row = Awaited<ReturnType<ReturnType<typeof users>['executeTakeFirstOrThrow']>>;
  const userOf = (row: Row): OrganizationUser => ({
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    extensionId: row.extension_id,
    extension: row.extension,
    hasTwoFactor: row.has_two_factor,
    isSuspended: row.is_suspended,
    joinedAt: row.created_at.getTime(),
  });
  const invitations = (organizationId: string) =>
    trx.selectFrom('invitation').selectAll().where('organization_id', '=', organizationId);
  return {
    async list(organizationId, { after, limit }) {
      let query = users(organizationId).orderBy('p.email').limit(limit);
      if (after !== null) query = query.where('p.email', '>', after);
      return (await query.execute()).map(userOf);
    },
    async get(organizationId, personId) {
      if (!isUuid(personId)) return null;
      const row = await users(organizationId).where('p.id', '=', personId).executeTakeFirst();
      return row ? userOf(row) : null;
    },
    async put(organizationId, personId, { role, extensionId }) {
      const set = { role, extension_id: extensionId };
      await trx
        .insertInto('membership')
        .values({ organization_id: organizationId, person_id: personId, ...set })
        .onConflict((c) => c.columns(['organization_id', 'person_id']).doUpdateSet(set))
        .execute();
    },
    async remove(organizationId, personId) {
      await trx
        .deleteFrom('membership')
        .where('organization_id', '=', organizationId)
        .where('person_id', '=', personId)
        .execute();
    },
    async countAdmins(organizationId) {
      const { n } = await trx
        .selectFrom('membership as m')
        .innerJoin('person as p', 'p.id', 'm.person_id')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('m.organization_id', '=', organizationId)
        .where('m.role', '=', 'admin')
        .where('p.is_suspended', '=', false)
        .executeTakeFirstOrThrow();
      return n;
    },
    async invitations(organizationId, { after, limit }) {
      let query = invitations(organizationId).orderBy('email').limit(limit);
      if (after !== null) query = query.where('email', '>', after);
      return (await query.execute()).map(invitationOf);
    },
    async invitation(organizationId, id) {
      if (!isUuid(id)) return null;
      const row = await invitations(organizationId).where('id', '=', id).executeTakeFirst();
      return row ? invitationOf(row) : null;
    },
    async invitationByToken(tokenSha256) {
      const row = await trx
        .selectFrom('invitation')
        .selectAll()
        .where('token_sha256', '=', tokenSha256)
        .executeTakeFirst();
      return row ? invitationOf(row) : null;
    },
    async countInvitations(organizationId) {
      const { n } = await trx
        .selectFrom('invitation')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('organization_id', '=', organizationId)
        .executeTakeFirstOrThrow();
      return n;
    },
    async invite(invitation, tokenSha256) {
      const { id, organizationId, email, role, extensionId, language, invitedBy, createdAt, expiresAt } = invitation;
      const row = {
        id,
        role,
        extension_id: extensionId,
        language,
        invited_by: invitedBy,
        token_sha256: tokenSha256,
        created_at: new Date(createdAt),
        expires_at: new Date(expiresAt),
      };
      await trx
        .insertInto('invitation')
        .values({ organization_id: organizationId, email, ...row })
        .onConflict((c) => c.columns(['organization_id', 'email']).doUpdateSet(row))
        .execute();
    },
    async revoke(organizationId, id) {
      if (!isUuid(id)) return false;
      const gone = await trx
        .deleteFrom('invitation')
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      return gone.numDeletedRows === 1n;
    },
  };
}
