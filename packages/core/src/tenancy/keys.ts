/** API keys. A token is `lpbx_<id>_<secret>`; only the SHA-256 of the secret is stored, and it is shown once. */
import {
  type Access,
  authorOf,
  checkCovers,
  checkScope,
  forbidden,
  hasScope,
  KEY_PATTERN,
  missing,
  ok,
  pageOf,
  refuse,
} from './access.ts';
import { type Actor, ALL_SCOPES, type Scope } from './actor.ts';
import type { Administration } from './administration.ts';
import type { Outcome } from './outcome.ts';
import { quotaRefusal } from './quotas.ts';
import { type KeyRow, type OrganizationRow, type Secrets, type StoreSet, StoreUnavailable } from './stores.ts';
import { parseToken } from './token.ts';
import { Complaints, checkName } from './validation.ts';
import type { ApiKey } from './views.ts';

/** What an organization's admin gets: all but what is the operator's alone. */
export const ADMIN_SCOPES: readonly Scope[] = ALL_SCOPES.filter(
  (scope) => scope !== 'trunks:write' && !/^(system|bans):/.test(scope),
);

const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** `last used` is told to the minute; writing it on each request would cost a transaction each. */
const USED_EVERY = 60_000;
/** How long a key that was seen goes on working while the database is away. Milliseconds. */
const REMEMBERED_FOR = 10 * 60_000;
const REMEMBERED_AT_MOST = 1_000;
/** Compared when there is no such key, so that it takes as long. */
const NO_HASH = '0'.repeat(64);

/** A key with a secret of its own, which is known here and now only. Scopes left out: an admin's. */
export function newKey(
  secrets: Secrets,
  { scopes = [...ADMIN_SCOPES], ...k }: Pick<ApiKey, 'name' | 'organizationId' | 'createdAt'> & { scopes?: Scope[] },
): { key: ApiKey; secretSha256: string; token: string } {
  const id = secrets.random(16, '0123456789abcdef');
  const secret = secrets.random(40, BASE62);
  return {
    key: { ...k, id, scopes, lastUsedAt: null },
    secretSha256: secrets.sha256(secret),
    token: `lpbx_${id}_${secret}`,
  };
}

type UseCases = Pick<Administration, 'authenticate' | 'listKeys' | 'createKey' | 'deleteKey'>;

export function keyUseCases(access: Access): UseCases {
  const { stores: all, clock, secrets } = access.ports;
  const seen = new Map<string, { row: KeyRow; at: number }>();
  /** Deleted while a request was reading them; without this such a request would have them remembered. */
  const revoked = new Set<string>();

  function remember(row: KeyRow): void {
    seen.delete(row.id);
    if (revoked.has(row.id)) return;
    seen.set(row.id, { row, at: clock.now() });
    if (seen.size > REMEMBERED_AT_MOST) seen.delete(seen.keys().next().value!);
  }

  async function row(id: string): Promise<KeyRow | null> {
    try {
      return await all.key(id);
    } catch (error) {
      const remembered = seen.get(id);
      if (error instanceof StoreUnavailable && remembered && clock.now() - remembered.at < REMEMBERED_FOR) {
        return remembered.row;
      }
      throw error;
    }
  }

  /** Runs in the actor's own organization, or in operator mode for the operator's keys. */
  async function where<T>(
    actor: Actor,
    org: string | null,
    scope: Scope,
    fn: (stores: StoreSet, organization: OrganizationRow | null) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const write = scope.endsWith(':write');
    return org === null
      ? access.asOperator(actor, scope, (stores) => fn(stores, null))
      : access.inOrganization(actor, org, { scope, write }, fn);
  }

  return {
    async authenticate(token) {
      const parsed = parseToken(token);
      const found = parsed && (await row(parsed.id));
      const isRight = secrets.equal(secrets.sha256(parsed?.secret ?? ''), found?.secretSha256 ?? NO_HASH);
      if (!found || !isRight) return null;
      remember(found);
      const now = clock.now();
      if (found.lastUsedAt === null || now - found.lastUsedAt > USED_EVERY) {
        found.lastUsedAt = now;
        // Not worth a refusal, and the next request tries again.
        all.keyUsed(found.id, now).catch(() => {});
      }
      const { id, name, organizationId, scopes } = found;
      return { kind: 'key', id, name, organizationId, scopes: new Set(scopes) };
    },

    listKeys: (actor, org, page) =>
      where(actor, org, 'keys:read', (stores, organization) =>
        pageOf(
          page,
          KEY_PATTERN.key,
          (slice) => stores.keys.list(organization?.id ?? null, slice),
          (key) => key.id,
          (rows) => rows,
        ),
      ),

    createKey: (actor, org, k) =>
      where(actor, org, 'keys:write', async (stores, organization) => {
        const organizationId = organization?.id ?? null;
        const c = new Complaints();
        const name = checkName(c, 'name', k.name);
        const possible = organizationId === null ? ALL_SCOPES : ADMIN_SCOPES;
        const scopes = [...new Set(k.scopes ?? possible.filter((scope) => hasScope(actor, scope)))];
        for (const [i, scope] of scopes.entries()) {
          if (!possible.includes(scope)) c.add(`scopes.${i}`, `${scope} is no scope of such a key`);
          else if (!hasScope(actor, scope)) c.add(`scopes.${i}`, `${scope} is more than your own key may do`);
        }
        if (scopes.length === 0) c.add('scopes', 'must name at least one');
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        const full = organization && (await quotaRefusal(stores, organization, 'keys'));
        if (full) return full;
        const { key, secretSha256, token } = newKey(secrets, { name, organizationId, scopes, createdAt: clock.now() });
        await stores.keys.insert(key, secretSha256);
        return ok({ ...key, token });
      }),

    async deleteKey(actor, id) {
      const refusal = checkScope(actor, 'keys:write');
      if (refusal) return refusal;
      if (actor.kind === 'key' && actor.id === id) return forbidden('a key cannot delete itself');
      const own = actor.organizationId;
      const remove = async (stores: StoreSet): Promise<Outcome<null>> => {
        const key = await stores.keys.get(id);
        if (!key || (own !== null && key.organizationId !== own)) return missing('key', id);
        const refused = checkCovers(actor, key.scopes);
        if (refused) return refused;
        await stores.keys.delete(id);
        return ok(null);
      };
      const outcome = await access.guard(() =>
        own === null ? all.asOperator(remove, authorOf(actor)) : all.withOrganization(own, remove, authorOf(actor)),
      );
      if (outcome.ok) {
        seen.delete(id);
        revoked.add(id);
      }
      return outcome;
    },
  };
}
