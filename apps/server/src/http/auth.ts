/**
 * Who is asking, and whether the route is for them: an API key (`Authorization: Bearer`), or a person by the cookie of a
 * login. Deny by default: a route that names no scope answers nobody.
 */

import type { ProblemId } from '@littlepbx/contract';
import { actorOf, type Membership, type Session } from '@littlepbx/core/persons/person';
import type { Protection } from '@littlepbx/core/protection/protection';
import { noOrganization, notFound, ONLY_OPERATOR } from '@littlepbx/core/tenancy/access';
import type { Actor, Scope } from '@littlepbx/core/tenancy/actor';
import type { Administration } from '@littlepbx/core/tenancy/administration';
import { parseToken } from '@littlepbx/core/tenancy/token';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasSessionCookie } from '../persons/cookie.ts';
import type { Context } from './context.ts';
import { sendProblem, sendRefusal } from './problems.ts';
import { isSameOrigin } from './same-origin.ts';
import { setCookies, visitOf } from './visit.ts';

const BEARER = /^Bearer +([A-Za-z0-9_-]{1,200})$/i;

export function guardEveryRoute(app: FastifyInstance, context: Context): void {
  const { protection, logins } = context;
  app.decorateRequest('actor', null);
  app.decorateRequest('session', null);
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    // What exists is public (the OpenAPI document); who may use it is not answered for what does not exist.
    if (request.is404) return;
    const { scope, isOpenTo, isGuessable } = request.routeOptions.config;
    const isOpen = scope === 'open' || isOpenTo?.(request) === true;
    // Before any work: what is asked again and again is refused for free.
    if ((!isOpen || isGuessable) && isBanned(protection, request, reply)) return reply;
    if (isOpen) {
      // A login by another page would have its people work in a stranger's name.
      const isWrite = scope === 'open' && request.method !== 'GET';
      if (isWrite && isByBrowser(request) && !isSameOrigin(request)) return sendNotSameOrigin(reply);
      return;
    }
    if (request.headers.authorization === undefined && hasSessionCookie(request.headers.cookie)) {
      if (!isSameOrigin(request)) return sendNotSameOrigin(reply);
      const found = await logins.session(request.headers.cookie);
      if (found === null) return sendProblem(reply, 'not-authenticated', 'The session is over: log in again.');
      if (found.isOld) setCookies(request, reply, await logins.renew(visitOf(request)));
      return admitPerson(context, found.session, request, reply);
    }
    const actor = await keyOf(context, request);
    if (actor === null) {
      return sendProblem(
        reply,
        'not-authenticated',
        'Log in, or send a valid API key as `Authorization: Bearer lpbx_…`.',
      );
    }
    if (request.routeOptions.config.isPersonOnly) {
      return sendProblem(reply, 'forbidden', 'This is for persons who logged in, not for API keys.');
    }
    return admitKey(context, actor, request, reply);
  });
}

/**
 * Who asks for something of one organization, where no guard stands before it: a WebSocket.
 * @param org slug or id
 * @returns the actor, or the id of the problem
 */
export async function whoAsks(context: Context, request: FastifyRequest, org: string): Promise<Actor | ProblemId> {
  const { protection, logins } = context;
  if (protection.bannedUntil('api', request.ip) !== undefined) return 'too-many-attempts';
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined || !hasSessionCookie(cookie)) {
    return (await keyOf(context, request)) ?? 'not-authenticated';
  }
  const session = isSameOrigin(request) ? (await logins.session(cookie))?.session : null;
  if (!session) return 'not-authenticated';
  if (session.person.isOperator) return actorOf(session.person, 'operator');
  const membership = membershipIn(session, org);
  if (membership === undefined) return 'not-found';
  return membership.isSuspended ? 'suspended' : actorOf(session.person, membership);
}

/** By the API key of a request; what is tried in vain is counted. */
async function keyOf({ administration, protection }: Context, request: FastifyRequest): Promise<Actor | null> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  const actor = token === undefined ? null : await administration.authenticate(token);
  if (actor === null) failed(protection, request, token);
  else protection.succeeded('api', request.ip, actor.id);
  return actor;
}

function membershipIn({ memberships }: Session, org: string): Membership | undefined {
  return memberships.find((m) => m.organizationId === org.toLowerCase() || m.slug === org);
}

/** Sets who is asking, unless the route is not for them. */
function admit(actor: Actor, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const { scope, isOperatorOnly, operation } = request.routeOptions.config;
  if (scope === undefined || (scope !== 'self' && !holds(actor, scope as Scope))) {
    const whose = actor.kind === 'key' ? 'This API key does' : 'Your role does';
    return sendProblem(reply, 'forbidden', `${whose} not have the scope ${scope ?? ''}.`);
  }
  if (isOperatorOnly && actor.organizationId !== null) {
    return sendRefusal(reply, ONLY_OPERATOR);
  }
  const origin = { address: request.ip, requestId: request.id, operation: operation ?? null };
  request.actor = { ...actor, origin };
  return undefined;
}

/** What is the operator's is refused; of another organization's it is not even said that it is there. */
async function admitKey(
  { administration }: Context,
  actor: Actor,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const { org } = request.params as Record<string, string>;
  if (request.routeOptions.config.isOperatorOnly && actor.organizationId !== null && org !== undefined) {
    const own = await administration.resolveOrganization(actor, org);
    if (!own.ok) return sendRefusal(reply, own.refusal);
  }
  return admit(actor, request, reply);
}

/**
 * A person acts as the operator, or as a member of the one organization that the request is about: the path names it, or
 * the thing that it names is of it. What is of no organization of theirs is not there.
 */
async function admitPerson(
  { administration, protection }: Context,
  session: Session,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const { person, memberships } = session;
  const { scope, isOperatorOnly } = request.routeOptions.config;
  protection.succeeded('api', request.ip, person.email);
  request.session = session;
  if (scope === 'self') return undefined;
  if (person.isOperator) return admit(actorOf(person, 'operator'), request, reply);
  const params = request.params as Record<string, string>;
  if (isOperatorOnly && params.org === undefined) return sendRefusal(reply, ONLY_OPERATOR);
  const named = await organizationOf(administration, params);
  const membership =
    named === undefined
      ? (memberships.find((m) => !m.isSuspended && m.role !== 'user') ?? memberships[0])
      : membershipIn(session, named ?? '');
  if (membership === undefined) {
    return named === undefined
      ? sendProblem(reply, 'forbidden', 'You are a user of no organization.')
      : sendRefusal(reply, (params.org === undefined ? notFound() : noOrganization(params.org)).refusal);
  }
  if (membership.isSuspended) {
    return sendProblem(reply, 'suspended', `${membership.companyName} is suspended: ask your provider.`);
  }
  return admit(actorOf(person, membership), request, reply);
}

/** Slug or id of the organization that a request is about; null when what it names is nobody's, undefined when it names nothing. */
async function organizationOf(
  administration: Administration,
  { org, username, key }: Record<string, string>,
): Promise<string | null | undefined> {
  if (org !== undefined) return org;
  if (username !== undefined) return administration.ownerOf('device', username);
  if (key !== undefined) return administration.ownerOf('key', key);
  return undefined;
}

/** Whoever sends none of these is no page: a script, which has no cookies that were not its own. */
function isByBrowser({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined || headers.cookie !== undefined;
}

function sendNotSameOrigin(reply: FastifyReply): FastifyReply {
  return sendProblem(
    reply,
    'not-same-origin',
    'With a cookie, `Sec-Fetch-Site` or `Origin` must say that a page of this server asked. Scripts use an API key.',
  );
}

function isBanned(protection: Protection, request: FastifyRequest, reply: FastifyReply): boolean {
  const bannedUntil = protection.bannedUntil('api', request.ip);
  if (bannedUntil === undefined) return false;
  reply.header('retry-after', retryAfterInS(bannedUntil));
  sendProblem(reply, 'too-many-attempts', 'Too many requests with a wrong key or password came from your address.');
  return true;
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
export function holds(actor: Actor, scope: Scope): boolean {
  return actor.scopes.has(scope) || actor.scopes.has(scope.replace(/:read$/, ':write') as Scope);
}
