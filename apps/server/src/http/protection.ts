import { routes } from '@littlepbx/contract';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { Act } from '@littlepbx/core/tenancy/audit-entry';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { type Served, serve } from './serve.ts';

export async function protection(app: FastifyInstance, { protection: p, administration, log }: Context): Promise<void> {
  /** Bans are in no table of Postgres, and work while it is away: then the log alone tells who did it. */
  const noted = async <T>(actor: Actor, act: Act, served: Served<T>): Promise<Served<T>> => {
    if (!served.ok) return served;
    const note = await administration.noteAct(actor, null, act);
    if (!note.ok) log.error('act-not-noted', { ...act, askedBy: actor.id, reason: note.refusal.message });
    return served;
  };

  serve(app, routes.listBans, ({ query }) => slice(p.bans(), (ban) => ban.id, query));
  serve(app, routes.createBan, ({ actor, body }) => {
    const { address, account, service, durationInS, note = null } = body;
    const what =
      account === undefined
        ? ({ kind: 'address', subject: address ?? '', service } as const)
        : ({ kind: 'account', subject: account, service } as const);
    const made = p.banByHand(what, durationInS === undefined ? null : durationInS * 1000, note);
    if (made === 'not-an-address') return invalid('address', 'must be an IP address');
    if (made === 'allowed') {
      const message = 'This address is on the allow-list, a carrier’s or this machine’s own.';
      return { ok: false, refusal: { id: 'allowed', message } };
    }
    const act = { resource: 'ban', resourceId: made.id, action: 'created', label: what.subject };
    return noted(actor, act, { ok: true, value: made });
  });
  serve(app, routes.liftBan, ({ actor, params }) =>
    noted(actor, { resource: 'ban', resourceId: params.ban, action: 'deleted' }, found(p.lift(params.ban))),
  );

  serve(app, routes.listAllowed, ({ query }) => slice([...p.allowed()], (entry) => entry.network, query));
  serve(app, routes.allowNetwork, ({ actor, body }) => {
    const entry = p.allow(body.network, body.note ?? null);
    if (!entry) return invalid('network', 'must be an IP address or a CIDR');
    const act = { resource: 'allowed-network', resourceId: entry.network, action: 'created' };
    return noted(actor, act, { ok: true, value: entry });
  });
  serve(app, routes.disallowNetwork, ({ actor, params }) =>
    noted(
      actor,
      { resource: 'allowed-network', resourceId: params.network, action: 'deleted' },
      found(p.disallow(params.network)),
    ),
  );

  serve(app, routes.listHoneypots, ({ query }) =>
    slice(
      p.honeypots().map((username) => ({ username })),
      (h) => h.username,
      query,
    ),
  );
  serve(app, routes.addHoneypot, ({ actor, body }) => {
    p.addHoneypot(body.username);
    const username = body.username.toLowerCase();
    return noted(
      actor,
      { resource: 'honeypot', resourceId: username, action: 'created' },
      { ok: true, value: { username } },
    );
  });
  serve(app, routes.removeHoneypot, ({ actor, params }) =>
    noted(
      actor,
      { resource: 'honeypot', resourceId: params.username, action: 'deleted' },
      found(p.removeHoneypot(params.username)),
    ),
  );
}

/** A page of a list that is all in memory; the cursor is the key of the last one shown. */
function slice<T>(
  all: T[],
  key: (item: T) => string,
  { limit, cursor }: { limit: number; cursor?: string },
): Served<{ items: T[]; nextCursor: string | null }> {
  const after = cursor === undefined ? -1 : all.findIndex((item) => nameOf(key(item)) === cursor);
  if (cursor !== undefined && after === -1) return invalid('cursor', 'must be a `nextCursor` of an earlier answer');
  const items = all.slice(after + 1, after + 1 + limit);
  const last = items.at(-1);
  return {
    ok: true,
    value: { items, nextCursor: last && after + 1 + limit < all.length ? nameOf(key(last)) : null },
  };
}

const nameOf = (key: string): string => Buffer.from(key).toString('base64url');

function found(isFound: boolean): Served<null> {
  if (isFound) return { ok: true, value: null };
  return { ok: false, refusal: { id: 'not-found', message: 'There is no such entry.' } };
}

function invalid(
  field: string,
  reason: string,
): { ok: false; refusal: Extract<Served<null>, { ok: false }>['refusal'] } {
  return { ok: false, refusal: { id: 'invalid', message: `${field}: ${reason}`, fields: [{ field, reason }] } };
}
