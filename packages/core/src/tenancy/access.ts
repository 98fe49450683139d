/**
 * Who may do what. Every use case begins here: the scope, then whether the organization is the actor's to name. What
 * is foreign and what is missing get the same answer, by the same steps.
 */

import type { FileDisk, FileRef, SoundIntake } from '../files/files.ts';
import type { MailTransport } from '../mail/mail.ts';
import type { Clock, Ids } from '../ports.ts';
import type { WebhookReach } from '../webhooks/reach.ts';
import type { Actor, Scope } from './actor.ts';
import type { CallsOf, Publisher } from './administration.ts';
import type { Author } from './audit-entry.ts';
import type { OrganizationId } from './organization.ts';
import type { Outcome, Page, Paged, Refusal } from './outcome.ts';
import {
  type OrganizationRow,
  type Secrets,
  type Slice,
  type StoreSet,
  type Stores,
  StoreUnavailable,
} from './stores.ts';

export interface AdministrationPorts {
  stores: Stores;
  publisher: Publisher;
  files: FileDisk;
  intake: SoundIntake;
  clock: Clock;
  ids: Ids;
  secrets: Secrets;
  mailTransport: MailTransport;
  webhookReach: WebhookReach;
  /** What links in mails begin with: `https://pbx.example.com`. */
  publicUrl: string;
}

/** What is to happen once the transaction is committed. */
export interface Effects {
  /** Something that acts on calls changed: the brain must know before the answer. */
  changed: boolean;
  /** Devices whose registrations must be forgotten. */
  unregistered: string[];
  /** Whose calls must end. */
  endedCalls: CallsOf[];
  /** Devices that may come by TLS alone from now on. */
  secured: string[];
  /** Sounds whose rows are gone. */
  removed: (FileRef & { bytes?: number })[];
  /** The organization is no more. */
  isErased: boolean;
}

export const noEffects = (): Effects => ({
  changed: false,
  unregistered: [],
  endedCalls: [],
  secured: [],
  removed: [],
  isErased: false,
});

export const NOT_FOUND: Refusal = { id: 'not-found', message: 'there is no such thing, or it is not yours' };

export const ONLY_OPERATOR: Refusal = { id: 'forbidden', message: 'only the operator may do this' };

export const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
export const refuse = (refusal: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal });
/** What the actor may know to be missing: nothing of anybody else's, whose existence gets the same words. */
export const missing = (what: string, name: string | number): { ok: false; refusal: Refusal } =>
  refuse({ id: 'not-found', message: `there is no ${what} ${String(name).slice(0, 64)}` });
export const notFound = (): { ok: false; refusal: Refusal } => refuse(NOT_FOUND);
/** Named as it was asked for, whether it is another's or nobody's. */
export const noOrganization = (org: string): { ok: false; refusal: Refusal } =>
  refuse({ id: 'not-found', message: `there is no organization ${org.slice(0, 64)}, or it is not yours` });
export const forbidden = (message: string): { ok: false; refusal: Refusal } => refuse({ id: 'forbidden', message });

/** A refusal for the one field that is wrong. */
export function refuseField(id: Refusal['id'], field: string, reason: string): { ok: false; refusal: Refusal } {
  return refuse({ id, message: `${field}: ${reason}`, fields: [{ field, reason }] });
}

export function hasScope(actor: Actor, scope: Scope): boolean {
  return (
    actor.scopes.has(scope) || (scope.endsWith(':read') && actor.scopes.has(scope.replace(/read$/, 'write') as Scope))
  );
}

/** Whoever may make others able to do things, or take that away, gives and takes no more than is its own. */
export function checkCovers(actor: Actor, scopes: readonly Scope[]): { ok: false; refusal: Refusal } | null {
  const more = scopes.find((scope) => !hasScope(actor, scope));
  return more ? forbidden(`This may do more than your own key, such as ${more}`) : null;
}

/** Null when the actor may; else the refusal. */
export function checkScope(actor: Actor, scope: Scope, operatorOnly = false): { ok: false; refusal: Refusal } | null {
  if (operatorOnly && actor.organizationId !== null) return refuse(ONLY_OPERATOR);
  return hasScope(actor, scope) ? null : forbidden(`this needs the scope ${scope}`);
}

/** How the audit log names the actor. */
export function authorOf({ kind, id, name, organizationId, origin }: Actor): Author {
  return {
    kind: organizationId === null ? 'operator' : kind,
    id,
    name,
    address: origin?.address ?? null,
    requestId: origin?.requestId ?? null,
    operation: origin?.operation ?? null,
  };
}

export interface Need {
  /** Null asks for nothing but the right to name the organization. */
  scope: Scope | null;
  operatorOnly?: boolean;
  /** Holds off other changes of the organization until this one is committed. */
  write?: boolean;
  /** Much at once: it may take as long as a request may, instead of some 2 s. */
  isLong?: boolean;
  /** Also for who is bound to one extension: the use case looks whose things they are. */
  forUsers?: boolean;
  /** Also of an organization that was deleted and is not erased yet. */
  deletedToo?: boolean;
}

interface Joined {
  stores: StoreSet;
  /** Null: the installation's. */
  organizationId: OrganizationId | null;
}

export class Access {
  readonly ports: AdministrationPorts;
  /** Whose reading is part of a change. */
  readonly #joined = new WeakMap<Actor, Joined>();

  constructor(ports: AdministrationPorts) {
    this.ports = ports;
  }

  /**
   * Runs a use case on the organization named `org` (slug or UUID), in one transaction confined to it, then tells the
   * brain what changed and waits for it.
   */
  async inOrganization<T>(
    actor: Actor,
    org: string,
    need: Need,
    fn: (stores: StoreSet, organization: OrganizationRow, effects: Effects) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const refusal = need.scope && checkScope(actor, need.scope);
    if (refusal) return refusal;
    if (actor.onlyExtension !== undefined && !need.forUsers) {
      return forbidden('this is for who may see the whole organization');
    }
    return this.guard(async () => {
      const effects = noEffects();
      let id = actor.organizationId;
      const run = async (stores: StoreSet, found: OrganizationId): Promise<Outcome<T>> => {
        id = found;
        const row = await (need.write ? stores.organizations.lock(found) : stores.organizations.get(found));
        if (!row || (row.id !== org.toLowerCase() && row.slug !== org)) return noOrganization(org);
        if (row.deletedAt !== null && !need.deletedToo) return noOrganization(org);
        // Not before: of another's organization it would tell that it is there.
        if (need.operatorOnly && actor.organizationId !== null) return refuse(ONLY_OPERATOR);
        const work = () => fn(stores, row, effects);
        return need.write ? once(actor, stores, row.id, () => this.#ifMet(actor, stores, row.id, work)) : work();
      };
      const joined = this.#joined.get(actor);
      if (joined?.organizationId) return run(joined.stores, joined.organizationId);
      const own = actor.organizationId;
      const outcome =
        own === null
          ? await this.ports.stores.withNamedOrganization(org, run, authorOf(actor), need.isLong)
          : await this.ports.stores.withOrganization(own, (stores) => run(stores, own), authorOf(actor), need.isLong);
      if (!outcome) return noOrganization(org);
      if (outcome.ok) await this.publish(id!, effects);
      return outcome;
    });
  }

  /** The engine first learns the new digests and only then forgets, else a phone could come back with the old one. */
  private async publish(id: OrganizationId, effects: Effects): Promise<void> {
    if (effects.changed) await this.ports.publisher.organizationChanged(id);
    for (const of of effects.endedCalls) this.ports.publisher.callsEnded(of);
    if (effects.unregistered.length) await this.ports.publisher.devicesUnregistered(effects.unregistered);
    for (const username of effects.secured) await this.ports.publisher.deviceSecured(username);
    if (effects.removed.length > 0) await this.ports.files.remove(effects.removed);
    if (effects.isErased) await this.ports.files.erase(id);
  }

  async asOperator<T>(actor: Actor, scope: Scope, fn: (stores: StoreSet) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const refusal = checkScope(actor, scope, true);
    if (refusal) return refusal;
    const joined = this.#joined.get(actor);
    if (joined) return fn(joined.stores);
    const work = (stores: StoreSet) => once(actor, stores, null, () => fn(stores));
    return this.guard(() => this.ports.stores.asOperator(work, authorOf(actor)));
  }

  /** Changes what the operator set for the whole installation. Of two at once the second sees what the first did. */
  changeSetting<T>(actor: Actor, name: string, fn: (stores: StoreSet) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    return this.asOperator(actor, 'system:write', async (stores) => {
      await stores.settings.lock(name);
      return this.#ifMet(actor, stores, null, () => fn(stores));
    });
  }

  /** One transaction of whoever names a thing without its organization: it sees the actor's own alone. */
  inOwn<T>(actor: Actor, fn: (stores: StoreSet) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const { stores } = this.ports;
    const joined = this.#joined.get(actor);
    if (joined) return fn(joined.stores);
    const own = actor.organizationId;
    return this.guard(() => (own === null ? stores.asOperator(fn) : stores.withOrganization(own, fn)));
  }

  /** Behind the lock of what is changed, so that nobody comes between the comparison and the change. */
  async #ifMet<T>(
    actor: Actor,
    stores: StoreSet,
    organizationId: OrganizationId | null,
    work: () => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const { precondition, repeat: _, ...asker } = actor;
    if (precondition === undefined) return work();
    const reader: Actor = asker;
    this.#joined.set(reader, { stores, organizationId });
    if (await precondition.isMet(reader)) return work();
    return refuse({
      id: 'precondition-failed',
      message: 'somebody else has changed it since you read it: read it again',
    });
  }

  /** A database that is away is an expected outcome. */
  async guard<T>(fn: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    try {
      return await fn();
    } catch (error) {
      if (error instanceof StoreUnavailable) return refuse({ id: 'database-unavailable', message: error.message });
      throw error;
    }
  }
}

/**
 * A request that was done already gets the same answer again. The answer is kept in the transaction of what it tells of,
 * so there is no moment at which one is there without the other. Refusals are not kept: they are judged anew.
 */
async function once<T>(
  actor: Actor,
  stores: StoreSet,
  organizationId: OrganizationId | null,
  work: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const { repeat } = actor;
  if (!repeat) return work();
  const kept = await stores.repeats.find(organizationId, actor.id, repeat.key);
  if (kept && kept.fingerprint !== repeat.fingerprint) {
    const message = 'this Idempotency-Key was used for another request; choose a new one';
    return refuse({ id: 'idempotency-key-reused', message });
  }
  if (kept) return ok(kept.value as T);
  const outcome = await work();
  if (outcome.ok) {
    const answer = { fingerprint: repeat.fingerprint, value: outcome.value };
    await stores.repeats.keep(organizationId, actor.id, repeat.key, answer);
  }
  return outcome;
}

/** Whatever a caller asks for. */
const MOST_ROWS = 1000;

/**
 * One page of a list.
 * @param key of an item, in the order of the list; it makes the cursor
 * @param keyPattern what a key looks like; a cursor of anything else is refused
 */
export async function pageOf<Row, T = Row>(
  page: Page,
  keyPattern: RegExp,
  read: (slice: Slice) => Promise<Row[]>,
  key: (row: Row) => string,
  view: (rows: Row[]) => T[] | Promise<T[]>,
): Promise<Outcome<Paged<T>>> {
  const limit = Math.min(Math.max(Math.trunc(page.limit) || 1, 1), MOST_ROWS);
  const after = page.cursor === null ? null : Buffer.from(page.cursor, 'base64url').toString();
  if (after !== null && !keyPattern.test(after)) {
    return refuseField('invalid', 'cursor', 'must be a nextCursor of an earlier answer');
  }
  const rows = await read({ after, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return ok({
    items: await view(shown),
    nextCursor: rows.length > limit && last ? Buffer.from(key(last)).toString('base64url') : null,
  });
}

export const KEY_PATTERN = {
  slug: /^[a-z0-9-]{1,40}$/,
  digits: /^\+?[0-9]{1,20}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  username: /^[a-z0-9]{1,64}$/,
  sequence: /^[0-9]{1,15}$/,
  revision: /^[0-9]{1,9}$/,
  call: /^[0-9]{1,15}:[A-Za-z0-9._:-]{1,100}$/,
  key: /^[A-Za-z0-9-]{1,64}$/,
  email: /^[^\s\p{Cc}\p{Cs}]{3,254}$/u,
} as const;
