/** Persons: what the operator does to them, and what each does for himself. Passwords of logins are better-auth's to check. */
import { canonicalEmail, type Membership, type Person, ROLE_SCOPES, weaknessOf } from '../persons/person.ts';
import {
  type Access,
  checkCovers,
  forbidden,
  KEY_PATTERN,
  notFound,
  ok,
  pageOf,
  refuse,
  refuseField,
} from './access.ts';
import { type Actor, ALL_SCOPES, type Scope } from './actor.ts';
import type { Administration } from './administration.ts';
import type { OrganizationId } from './organization.ts';
import type { StoreSet } from './stores.ts';
import { authorOfPerson, extensionOf } from './users.ts';
import { Complaints, checkEmail, checkName } from './validation.ts';
import type { UserView } from './views.ts';

/** The worker of it sends a link, if the address is somebody's. */
export const PASSWORD_RESET_JOB = 'password-reset';
export interface PasswordResetJob {
  email: string;
}

/** So many mails an hour to one address, and so many asked for by one. */
const RESETS_TO_ONE = 3;
const RESETS_BY_ONE = 20;
const HOUR = 3_600_000;
const ASKERS_AT_MOST = 10_000;

/** Without what looks alike. */
const READABLE = 'abcdefghijkmnpqrstuvwxyz23456789';

async function views(stores: StoreSet, persons: Person[]): Promise<UserView[]> {
  const memberships = await stores.persons.memberships(persons.map((p) => p.id));
  return persons.map(({ theme: _, ...person }) => ({ ...person, memberships: memberships.get(person.id)! }));
}

/** The most that somebody may do, now or with such a change: who is no operator may be an admin somewhere. */
const mightOf = (person: Person, change: { isOperator?: boolean } = {}): readonly Scope[] =>
  person.isOperator || change.isOperator ? ALL_SCOPES : ROLE_SCOPES.admin;

type UseCases = Pick<
  Administration,
  | 'session'
  | 'ownerOf'
  | 'siteOf'
  | 'updatePerson'
  | 'listSessions'
  | 'endOtherSessions'
  | 'requestPasswordReset'
  | 'listUsers'
  | 'createUser'
  | 'updateUser'
  | 'resetUserPassword'
  | 'deleteUser'
>;

export function personUseCases(access: Access): UseCases {
  const { stores: all, clock, ids, secrets } = access.ports;
  const asked = new Map<string, number[]>();

  /** 100 random bits, in groups that can be read out. */
  const newPassword = (): string => Array.from({ length: 4 }, () => secrets.random(5, READABLE)).join('-');

  /** Counts this one; false when there were too many in the last hour. */
  function isAllowed(who: string, most: number): boolean {
    const now = clock.now();
    const lately = (asked.get(who) ?? []).filter((at) => at > now - HOUR);
    asked.delete(who);
    asked.set(who, [...lately, now].slice(-most));
    if (asked.size > ASKERS_AT_MOST) asked.delete(asked.keys().next().value!);
    return lately.length < most;
  }

  const isSelf = (actor: Actor, id: string) => actor.kind === 'person' && actor.id === id;

  return {
    session: (token) => all.session(token),

    ownerOf: (what, name) =>
      all.asOperator(async (stores) => {
        const found = what === 'device' ? await stores.devices.find(name) : await stores.keys.get(name);
        return found?.organizationId ?? null;
      }),

    siteOf: (slug) =>
      access.guard(() =>
        all.asOperator(async ({ organizations }) => {
          const found = await organizations.named(slug);
          return ok(
            found && !found.isSuspended ? { slug: found.slug, companyName: found.name, logoTag: found.logoTag } : null,
          );
        }),
      ),

    updatePerson: (person, change, origin) =>
      access.guard(() =>
        all.asOperator(
          async ({ persons }) => {
            const c = new Complaints();
            const name = change.name === undefined ? {} : { name: checkName(c, 'name', change.name) };
            const invalid = c.refusal();
            if (invalid) return refuse(invalid);
            await persons.update(person.id, { ...change, ...name });
            return ok({ ...person, ...change, ...name });
          },
          authorOfPerson(person, origin),
        ),
      ),

    listSessions: (person) =>
      access.guard(() => all.asOperator(async ({ persons }) => ok(await persons.sessions(person.id)))),

    endOtherSessions: ({ id, person }, origin) =>
      access.guard(() =>
        all.asOperator(
          async ({ persons }) => {
            await persons.endSessions(person.id, id);
            return ok(null);
          },
          authorOfPerson(person, origin),
        ),
      ),

    async requestPasswordReset(text, address) {
      const email = canonicalEmail(text);
      // Both are counted whether or not the address is known, or the answer would tell.
      const isTaken = [isAllowed(`by ${address}`, RESETS_BY_ONE), isAllowed(`to ${email}`, RESETS_TO_ONE)];
      return access.guard(() =>
        all.asOperator(async ({ jobs }) => {
          const payload: PasswordResetJob = { email };
          if (!isTaken.includes(false)) await jobs.add({ kind: PASSWORD_RESET_JOB, organizationId: null, payload });
          return ok(null);
        }),
      );
    },

    listUsers: (actor, { email }, page) =>
      access.asOperator(actor, 'users:read', (stores) =>
        pageOf(
          page,
          KEY_PATTERN.email,
          (slice) => stores.persons.list(email === undefined ? {} : { email: canonicalEmail(email) }, slice),
          (person) => person.email,
          (rows) => views(stores, rows),
        ),
      ),

    async createUser(actor, wish) {
      const c = new Complaints();
      const email = canonicalEmail(checkEmail(c, 'email', wish.email));
      const name = checkName(c, 'name', wish.name);
      const weakness = wish.password === undefined ? null : weaknessOf(wish.password, email);
      if (weakness) c.add('password', weakness);
      if (!wish.isOperator && !wish.memberships?.length)
        c.add('memberships', 'must name one, unless it is an operator');
      const invalid = c.refusal();
      if (invalid) return refuse(invalid);
      const password = wish.password ?? newPassword();
      const hash = await secrets.hashPassword(password);
      const person: Person = {
        ...{ id: ids.next(), email, name, language: wish.language ?? 'en', theme: 'system', createdAt: clock.now() },
        ...{ isOperator: wish.isOperator ?? false, isSuspended: false, hasTwoFactor: false },
      };
      return access.asOperator(actor, 'users:write', async (stores) => {
        const given = wish.isOperator ? ALL_SCOPES : (wish.memberships ?? []).flatMap(({ role }) => ROLE_SCOPES[role]);
        const refused = checkCovers(actor, given);
        if (refused) return refused;
        const roles: [OrganizationId, Pick<Membership, 'role' | 'extensionId'>][] = [];
        for (const [i, { org, ...wished }] of (wish.memberships ?? []).entries()) {
          const found = await stores.organizations.named(org);
          if (!found) return refuseField('invalid', `memberships.${i}.org`, 'there is no such organization');
          const wrong = new Complaints();
          const extension = await extensionOf(wrong, stores, found.id, wished, `memberships.${i}.`);
          const refusal = wrong.refusal();
          if (refusal) return refuse(refusal);
          roles.push([found.id, { role: wished.role, extensionId: extension?.id ?? null }]);
        }
        if (!(await stores.persons.insert(person, hash))) {
          return refuseField('conflict', 'email', `${email} has a login already`);
        }
        for (const [organizationId, is] of roles) await stores.users.put(organizationId, person.id, is);
        const [user] = await views(stores, [person]);
        return ok({ ...user!, password: wish.password === undefined ? password : null });
      });
    },

    updateUser: (actor, id, { hasTwoFactor, ...change }) =>
      access.asOperator(actor, 'users:write', async (stores) => {
        const person = await stores.persons.get(id);
        if (!person) return notFound();
        const refused = checkCovers(actor, mightOf(person, change));
        if (refused) return refused;
        const c = new Complaints();
        const name = change.name === undefined ? {} : { name: checkName(c, 'name', change.name) };
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        if (isSelf(actor, id) && (change.isSuspended || change.isOperator === false)) {
          return forbidden('nobody can shut himself out: another operator must do it');
        }
        await stores.persons.update(id, { ...change, ...name });
        if (change.isSuspended) await stores.persons.endSessions(id);
        if (hasTwoFactor === false) await stores.persons.removeTwoFactor(id);
        const [user] = await views(stores, [(await stores.persons.get(id))!]);
        return ok(user!);
      }),

    async resetUserPassword(actor, id) {
      const found = await access.asOperator(actor, 'users:write', async ({ persons }) => {
        const person = await persons.get(id);
        return person ? (checkCovers(actor, mightOf(person)) ?? ok(person)) : notFound();
      });
      if (!found.ok) return found;
      const password = newPassword();
      const hash = await secrets.hashPassword(password);
      return access.asOperator(actor, 'users:write', async ({ persons }) => {
        await persons.setPassword(id, hash);
        await persons.endSessions(id);
        return ok({ email: found.value.email, password });
      });
    },

    deleteUser: (actor, id) =>
      access.asOperator(actor, 'users:write', async ({ persons }) => {
        const person = await persons.get(id);
        if (!person) return notFound();
        const refused = checkCovers(actor, mightOf(person));
        if (refused) return refused;
        if (isSelf(actor, id)) return forbidden('nobody can delete himself: another operator must do it');
        await persons.delete(id);
        return ok(null);
      }),
  };
}
