/**
 * Who belongs to an organization, and who is invited to. An invitation is a link with a token, known to whoever got it by
 * mail (or, without a mail server, to whoever invited); only its SHA-256 is stored. It is good for once and for a week.
 *
 *     invited ── link opened, name and password set, or logged in ──> member
 *        ├── revoked, or invited again ──> its link is void
 *        └── a week over ──> void, until it is sent again
 */
import { queueMail } from '../mail/mail.ts';
import { INVITATION_VALID_FOR, invitationLink, invitationMail } from '../persons/mails.ts';
import {
  canonicalEmail,
  type Language,
  type Person,
  ROLE_SCOPES,
  type Session,
  weaknessOf,
} from '../persons/person.ts';
import type { Invitation, OrganizationUser } from '../persons/stores.ts';
import {
  type Access,
  type AdministrationPorts,
  authorOf,
  checkCovers,
  KEY_PATTERN,
  notFound,
  ok,
  pageOf,
  refuse,
  refuseField,
} from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import type { Author, Origin } from './audit-entry.ts';
import { mailServer } from './mail.ts';
import type { Extension, OrganizationId } from './organization.ts';
import type { Outcome } from './outcome.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import { Complaints, checkEmail, checkName } from './validation.ts';
import type { RoleWish, SentInvitation } from './views.ts';

/** Of one organization at once: each is a mail to somebody who did not ask for it. */
const INVITATIONS_AT_MOST = 100;

const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** How the audit log names a person who does something for himself. */
export function authorOfPerson(person: Person, origin: Origin): Author {
  const organizationId = person.isOperator ? null : '';
  return authorOf({ kind: 'person', id: person.id, name: person.name, organizationId, scopes: new Set(), origin });
}

/** Whether mails go out at all. */
export function hasMail(ports: AdministrationPorts): Promise<boolean> {
  return ports.stores.asOperator(async ({ settings }) => (await mailServer(settings)) !== null);
}

/** Who is named in an invitation: of a program nobody knows the name. */
export function inviterOf(actor: Pick<Actor, 'kind' | 'name'>): string | null {
  return actor.kind === 'person' ? actor.name : null;
}

/** The extension of a `user`; null: of no other role. What is wrong is added to the complaints. */
export async function extensionOf(
  c: Complaints,
  stores: StoreSet,
  organizationId: OrganizationId,
  { role, extension }: RoleWish,
  prefix = '',
): Promise<Extension | null> {
  if (role !== 'user') {
    if (extension !== undefined) c.add(`${prefix}extension`, 'is only for the role user');
    return null;
  }
  if (extension === undefined) {
    c.add(`${prefix}extension`, 'is needed');
    return null;
  }
  const found = await stores.drafts.extension(organizationId, extension);
  if (!found) c.add(`${prefix}extension`, `there is no extension ${extension.slice(0, 64)}`);
  return found;
}

/** Makes or replaces the invitation, and mails it where there is a mail server. */
export async function sendInvitation(
  { clock, ids, secrets, publicUrl }: AdministrationPorts,
  { users, jobs }: StoreSet,
  organization: Pick<OrganizationRow, 'id' | 'name'>,
  wish: Pick<Invitation, 'email' | 'role' | 'extensionId' | 'language' | 'invitedBy'> & { isMailed: boolean },
): Promise<SentInvitation> {
  const { isMailed, ...rest } = wish;
  const token = secrets.random(43, BASE62);
  const now = clock.now();
  const invitation: Invitation = {
    ...rest,
    id: ids.next(),
    organizationId: organization.id,
    createdAt: now,
    expiresAt: now + INVITATION_VALID_FOR,
  };
  await users.invite(invitation, secrets.sha256(token));
  const link = invitationLink(publicUrl, token);
  const text = { companyName: organization.name, invitedBy: wish.invitedBy, link };
  if (isMailed) await queueMail(jobs, organization.id, { to: wish.email, ...invitationMail(wish.language, text) });
  return { ...invitation, isMailed, link: isMailed ? null : link };
}

type UseCases = Pick<
  Administration,
  | 'listOrganizationUsers'
  | 'changeRole'
  | 'removeUser'
  | 'listInvitations'
  | 'invite'
  | 'resendInvitation'
  | 'revokeInvitation'
  | 'lookAtInvitation'
  | 'acceptInvitation'
>;

export function userUseCases(access: Access): UseCases {
  const { ports } = access;
  const { stores: all, clock, ids, secrets } = ports;

  const isLastAdmin = async (stores: StoreSet, id: OrganizationId, user: OrganizationUser): Promise<boolean> =>
    user.role === 'admin' && !user.isSuspended && (await stores.users.countAdmins(id)) <= 1;
  const lastAdmin = () => refuse({ id: 'last-admin', message: 'this is the only admin: make somebody else one first' });
  const linkVoid = () =>
    refuse({ id: 'link-void', message: 'this link was used already, has expired, or was replaced by a newer one' });
  const loginNeeded = (email: string) =>
    refuse({ id: 'login-needed', message: `${email} has a login already: log in with it, then accept` });

  /** The invitation of a token with its organization; null when it is void. */
  async function find(stores: StoreSet, token: string) {
    const invitation = await stores.users.invitationByToken(secrets.sha256(token));
    if (!invitation || invitation.expiresAt <= clock.now()) return null;
    const organization = await stores.organizations.get(invitation.organizationId);
    if (!organization || organization.deletedAt !== null || organization.isSuspended) return null;
    return { invitation, organization };
  }

  /** Somebody who is new comes by a password; checked and hashed outside of a transaction. */
  async function newcomer(
    invitation: Invitation,
    wish: { name?: string; password?: string; language?: Language },
  ): Promise<Outcome<{ person: Person; hash: string }>> {
    const c = new Complaints();
    const name = checkName(c, 'name', wish.name ?? '');
    const weakness = weaknessOf(wish.password ?? '', invitation.email);
    if (weakness) c.add('password', weakness);
    const invalid = c.refusal();
    if (invalid) return refuse(invalid);
    const { email } = invitation;
    const language = wish.language ?? invitation.language;
    const person: Person = {
      ...{ id: ids.next(), email, name, language, theme: 'system', createdAt: clock.now() },
      ...{ isOperator: false, isSuspended: false, hasTwoFactor: false },
    };
    return ok({ person, hash: await secrets.hashPassword(wish.password!) });
  }

  return {
    listOrganizationUsers: (actor, org, page) =>
      access.inOrganization(actor, org, { scope: 'users:read' }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.email,
          (slice) => stores.users.list(row.id, slice),
          (user) => user.email,
          (rows) => rows,
        ),
      ),

    changeRole: (actor, org, id, wish) =>
      access.inOrganization(actor, org, { scope: 'users:write', write: true }, async (stores, row) => {
        const user = await stores.users.get(row.id, id);
        if (!user) return notFound();
        const { role } = wish;
        const refused = checkCovers(actor, ROLE_SCOPES[user.role]) ?? checkCovers(actor, ROLE_SCOPES[role]);
        if (refused) return refused;
        const c = new Complaints();
        const of = await extensionOf(c, stores, row.id, wish);
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        if (role !== 'admin' && (await isLastAdmin(stores, row.id, user))) return lastAdmin();
        const is = { role, extensionId: of?.id ?? null };
        await stores.users.put(row.id, id, is);
        return ok({ ...user, ...is, extension: of?.number ?? null });
      }),

    removeUser: (actor, org, id) =>
      access.inOrganization(actor, org, { scope: 'users:write', write: true }, async (stores, row) => {
        const user = await stores.users.get(row.id, id);
        if (!user) return notFound();
        const refused = checkCovers(actor, ROLE_SCOPES[user.role]);
        if (refused) return refused;
        if (await isLastAdmin(stores, row.id, user)) return lastAdmin();
        await stores.users.remove(row.id, id);
        return ok(null);
      }),

    listInvitations: (actor, org, page) =>
      access.inOrganization(actor, org, { scope: 'users:read' }, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.email,
          (slice) => stores.users.invitations(row.id, slice),
          (invitation) => invitation.email,
          (rows) => rows,
        ),
      ),

    async invite(actor, org, wish) {
      const isMailed = await hasMail(ports);
      return access.inOrganization(actor, org, { scope: 'users:write', write: true }, async (stores, row) => {
        const refused = checkCovers(actor, ROLE_SCOPES[wish.role]);
        if (refused) return refused;
        const c = new Complaints();
        const email = canonicalEmail(checkEmail(c, 'email', wish.email));
        const extensionId = (await extensionOf(c, stores, row.id, wish))?.id ?? null;
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        const [member] = await stores.persons.list({ email }, { after: null, limit: 1 });
        if (member) return refuseField('conflict', 'email', `${email} is a user of this organization already`);
        if ((await stores.users.countInvitations(row.id)) >= INVITATIONS_AT_MOST) {
          return refuse({
            id: 'quota-reached',
            message: `${INVITATIONS_AT_MOST} are invited already; revoke some first`,
          });
        }
        const { role, language } = wish;
        const who = { email, role, extensionId, language, invitedBy: inviterOf(actor) };
        return ok(await sendInvitation(ports, stores, row, { ...who, isMailed }));
      });
    },

    async resendInvitation(actor, org, id) {
      const isMailed = await hasMail(ports);
      return access.inOrganization(actor, org, { scope: 'users:write', write: true }, async (stores, row) => {
        const found = await stores.users.invitation(row.id, id);
        if (!found) return notFound();
        const { email, role, extensionId, language, invitedBy } = found;
        const refused = checkCovers(actor, ROLE_SCOPES[role]);
        if (refused) return refused;
        const who = { email, role, extensionId, language, invitedBy };
        return ok(await sendInvitation(ports, stores, row, { ...who, isMailed }));
      });
    },

    revokeInvitation: (actor, org, id) =>
      access.inOrganization(actor, org, { scope: 'users:write', write: true }, async (stores, row) =>
        (await stores.users.revoke(row.id, id)) ? ok(null) : notFound(),
      ),

    lookAtInvitation: (token) =>
      access.guard(() =>
        all.asOperator(async (stores) => {
          const found = await find(stores, token);
          if (!found) return linkVoid();
          const { email, role, extensionId, language, invitedBy, expiresAt } = found.invitation;
          const { slug, name: companyName } = found.organization;
          return ok({ email, role, extensionId, language, invitedBy, expiresAt, slug, companyName });
        }),
      ),

    acceptInvitation: (token, wish, session: Session | null, origin) =>
      access.guard(async () => {
        const found = await all.asOperator(async (stores) => {
          const there = await find(stores, token);
          return there && { ...there, known: await stores.persons.byEmail(there.invitation.email) };
        });
        if (!found) return linkVoid();
        const { invitation, known } = found;
        if (known && known.id !== session?.person.id) return loginNeeded(invitation.email);
        const made = known ? null : await newcomer(invitation, wish);
        if (made && !made.ok) return made;
        const person = known ?? made!.value.person;
        return all.asOperator(
          async (stores) => {
            const { organizationId, id, role, extensionId } = invitation;
            // Two clicks at once: the second finds nothing to take.
            if (!(await stores.users.revoke(organizationId, id))) return linkVoid();
            if (made && !(await stores.persons.insert(person, made.value.hash))) return loginNeeded(person.email);
            await stores.users.put(organizationId, person.id, { role, extensionId });
            return ok({ person, isNew: made !== null });
          },
          authorOfPerson(person, origin),
        );
      }),
  };
}
