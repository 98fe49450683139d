/** Binds a route of the contract to its handler: guarded, validated and serialised by its own schemas. */

import { createHash } from 'node:crypto';
import { type Answer, BASE_PATH, isChange, type Received, type Route, routes, versionedBy } from '@littlepbx/contract';
import type { Actor, Repeat } from '@littlepbx/core/tenancy/actor';
import type { Outcome, SearchedPage } from '@littlepbx/core/tenancy/outcome';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import type { z } from 'zod';
import { etagOf, preconditionOf } from './etag.ts';
import { type Refused, sendRefusal } from './problems.ts';

/** A success (`status` where a route has a second one), or a refusal of the use case or of the brain. */
export type Served<T> = { ok: true; value: T; status?: 503 } | { ok: false; refusal: Refused };

/** Operation ids by route. */
export const OPERATIONS = new Map<Route, string>(Object.entries(routes).map(([id, route]) => [route, id]));

/** Where a route of the contract is bound, what of a request is read, and what the guard asks. */
export function bindingOf(route: Route) {
  return {
    method: route.method,
    url: BASE_PATH + route.path.replace(/\{(\w+)\}/g, ':$1'),
    schema: {
      ...(route.params ? { params: route.params } : {}),
      ...(route.query ? { querystring: route.query } : {}),
    } satisfies FastifySchema,
    config: {
      scope: route.scope,
      isOperatorOnly: route.isOperatorOnly === true,
      isPersonOnly: route.isPersonOnly === true,
      isGuessable: route.isGuessable === true,
      operation: OPERATIONS.get(route) ?? '',
      ...(route.isUpload ? { takes: route.isUpload === 'image' ? ('image/*' as const) : ('audio/*' as const) } : {}),
    },
  };
}

/** Where anybody or any session will do, the request says who it is. */
type Asker<R extends Route> = R['scope'] extends 'open' | 'self' ? null : Actor;

/** For the few that deal with cookies or with who is asking. */
export interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

type Handler<R extends Route, T> = (
  input: Received<R> & { actor: Asker<R> },
  exchange: Exchange,
) => Served<T> | Promise<Served<T>>;

export function serve<const R extends Route>(app: FastifyInstance, route: R, handler: Handler<R, Answer<R>>): void;
/** @param shape adds what only the running brain knows, which no ETag counts */
export function serve<const R extends Route, T>(
  app: FastifyInstance,
  route: R,
  handler: Handler<R, T>,
  shape: (value: T) => Answer<R> | Promise<Answer<R>>,
): void;
export function serve<const R extends Route>(
  app: FastifyInstance,
  route: R,
  handler: Handler<R, unknown>,
  shape?: (value: unknown) => unknown,
): void {
  const { status, body, alsoStatus } = route.responses;
  const response: Record<number, z.ZodType> = {};
  if (body) response[status] = body;
  if (body && alsoStatus) response[alsoStatus] = body;
  const binding = bindingOf(route);
  if (versionedBy(route) === route) {
    app.readers.set(route, (actor, params) =>
      handler({ actor, params } as unknown as Received<R> & { actor: Asker<R> }, {} as Exchange),
    );
  }
  app.route({
    ...binding,
    schema: { ...binding.schema, ...(route.body ? { body: route.body } : {}), response },
    ...(route.maxBody ? { bodyLimit: route.maxBody } : {}),
    // No body at all means no member of it.
    ...(route.body
      ? {
          preValidation: async (request) => {
            if (request.body === undefined) request.body = {};
          },
        }
      : {}),
    handler: async (request, reply) => {
      const { params, query, body: sent } = request;
      const asker = repeating(request, route, sent);
      if (asker === 'bad-key') return sendRefusal(reply, BAD_KEY);
      const precondition = isChange(route) ? preconditionOf(request, route) : undefined;
      if (precondition === 'no-etag') return sendRefusal(reply, NO_ETAG);
      const actor = asker && precondition ? { ...asker, precondition } : asker;
      const input = { actor, params, query, body: sent } as unknown as Received<R> & { actor: Asker<R> };
      const outcome = await handler(input, { request, reply });
      if (!outcome.ok) return sendRefusal(reply, outcome.refusal);
      reply.code(outcome.status ?? status);
      const etag = etagOf(route, outcome.value);
      if (etag !== undefined) reply.header('etag', etag);
      return reply.send(body ? await (shape ? shape(outcome.value) : outcome.value) : undefined);
    },
  });
}

const NO_ETAG: Refused = {
  id: 'precondition-failed',
  message: 'This has no ETag that If-Match could name; leave it out.',
};

export const BAD_KEY: Refused = {
  id: 'invalid',
  message: 'Idempotency-Key: must be 1 to 255 visible ASCII characters',
  fields: [{ field: 'Idempotency-Key', reason: 'must be 1 to 255 visible ASCII characters' }],
};

/**
 * Who asks; with what the request is known by when it is sent again, where the route cares.
 * @param sent what it brings besides its address
 */
export function repeating(request: FastifyRequest, route: Route, sent: unknown): Actor | null | 'bad-key' {
  const key = request.headers['idempotency-key'];
  if (!route.isRepeatable || key === undefined) return request.actor;
  if (typeof key !== 'string' || !/^[!-~]{1,255}$/.test(key)) return 'bad-key';
  const all = JSON.stringify([OPERATIONS.get(route), request.params, request.query, sent]);
  const repeat: Repeat = { key, fingerprint: createHash('sha256').update(all).digest('hex') };
  return request.actor && { ...request.actor, repeat };
}

/** Shapes the value of a success. */
export async function mapped<T, U>(
  outcome: Promise<Outcome<T>>,
  shape: (value: T) => U | Promise<U>,
): Promise<Outcome<U>> {
  const o = await outcome;
  return o.ok ? { ok: true, value: await shape(o.value) } : o;
}

/** A page as the use cases want it. */
export function pageOf(query: { limit: number; cursor?: string; search?: string }): SearchedPage {
  const { limit, cursor = null, search } = query;
  return { limit, cursor, ...(search === undefined ? {} : { search }) };
}
