/** Who is asking, and whether the route is for them. Deny by default: a route that names no scope answers nobody. */

import type { Protection } from '@littlepbx/core/protection/protection';
import type { Actor, Scope } from '@littlepbx/core/tenancy/actor';
import { parseToken } from '@littlepbx/core/tenancy/token';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from './context.ts';
import { sendProblem } from './problems.ts';

const BEARER = /^Bearer +([A-Za-z0-9_-]{1,200})$/i;

export function guardEveryRoute(app: FastifyInstance, { administration, protection }: Context): void {
  app.decorateRequest('actor', null);
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    // What exists is public (the OpenAPI document); who may use it is not answered for what does not exist.
    if (request.is404) return;
    const { scope, isOperatorOnly, isOpenTo, operation } = request.routeOptions.config;
    if (scope === 'open' || isOpenTo?.(request)) return;
    // Before any work: what is asked again and again is refused for free.
    const bannedUntil = protection.bannedUntil('api', request.ip);
    if (bannedUntil !== undefined) {
      reply.header('retry-after', retryAfterInS(bannedUntil));
      return sendProblem(reply, 'too-many-attempts', 'Too many requests with a wrong key came from your address.');
    }
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const actor = token === undefined ? null : await administration.authenticate(token);
    if (actor === null) {
      failed(protection, request, token);
      return sendProblem(reply, 'not-authenticated', 'Send a valid API key as `Authorization: Bearer lpbx_…`.');
    }
    protection.succeeded('api', request.ip, actor.keyId);
    if (scope === undefined || !holds(actor, scope as Scope)) {
      return sendProblem(reply, 'forbidden', `This API key does not have the scope ${scope ?? ''}.`);
    }
    if (isOperatorOnly && actor.organizationId !== null) {
      return sendProblem(reply, 'forbidden', "Only the operator's keys may do this.");
    }
    const origin = { address: request.ip, requestId: request.id, operation: operation ?? null };
    request.actor = { ...actor, origin };
  });
}

/** No key at all is no try. */
function failed(protection: Protection, { ip, headers }: FastifyRequest, token: string | undefined): void {
  if (headers.authorization === undefined) return;
  const account = (token && parseToken(token)?.id) || null;
  protection.failed({ service: 'api', address: ip, account, reason: 'wrong-key', isProven: true });
}

/** A ban without an end is asked after once a day. */
function retryAfterInS(until: number | null): number {
  return until === null ? 86_400 : Math.max(1, Math.ceil((until - Date.now()) / 1000));
}

/** `write` on a resource implies `read` on it. */
function holds(actor: Actor, scope: Scope): boolean {
  return actor.scopes.has(scope) || actor.scopes.has(scope.replace(/:read$/, ':write') as Scope);
}
