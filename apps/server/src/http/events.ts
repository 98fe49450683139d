/**
 * Live events by WebSocket. Nobody's slowness is anybody else's: what a reader does not take waits in its own socket, and
 * beyond `MAX_WAITING` its stream is closed. Whether one may listen is asked again when a login ends or a role changes, and
 * now and then besides, as that may have gone unheard.
 *
 * The route is open to the guard and asks by itself: a page cannot see why a WebSocket was refused, so it is opened first
 * and closed with the reason.
 */

import websocket from '@fastify/websocket';
import { BASE_PATH, CLOSE, EVENTS_PATH, eventsQuery, scopeOfEvent } from '@littlepbx/contract';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { holds, whoAsks } from './auth.ts';
import type { Context } from './context.ts';
import { sendProblem } from './problems.ts';
import { heardBy } from './seen-by.ts';

/** Bytes that may wait for a reader. */
const MAX_WAITING = 1024 * 1024;
/** Nothing is read from clients. Bytes. */
const MAX_PAYLOAD = 1024;
/** Milliseconds. */
const ALIVE_EVERY = 15_000;
const CHECK_EVERY = 60_000;
/** How long a far end may take to answer a close. */
const LAST_WORDS = 500;

type Socket = websocket.WebSocket;

export async function events(app: FastifyInstance, context: Context): Promise<void> {
  const { administration, events: hub, log } = context;

  /** Who may listen to which organization; else why not. */
  async function admitted(request: FastifyRequest) {
    const query = eventsQuery.safeParse(request.query);
    if (!query.success) return refused('invalid');
    try {
      const actor = await whoAsks(context, request, query.data.org);
      if (typeof actor === 'string') return refused(actor);
      const found = await administration.ownThings(actor, query.data.org);
      if (!found.ok) return refused(found.refusal.id);
      return { ok: true, actor, ...found.value, after: query.data.after ?? null } as const;
    } catch (error) {
      if ((error as { id?: unknown }).id === 'database-unavailable') return refused('database-unavailable');
      throw error;
    }
  }

  async function serveStream(socket: Socket, request: FastifyRequest): Promise<void> {
    let isOpen = true;
    const close = (code: number, reason: string): void => {
      if (!isOpen) return;
      isOpen = false;
      socket.close(code, reason);
      // Its answer may never come.
      setTimeout(() => socket.terminate(), LAST_WORDS).unref();
    };
    socket.on('message', () => {});
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      isOpen = false;
    });

    const admission = await admitted(request);
    if (!admission.ok) return close(admission.code, admission.reason);
    if (!isOpen) return;
    let { actor, only } = admission;
    const known = new Set<string>();
    const { organizationId, after } = admission;
    const check = (): void => {
      // A database that is away is no reason.
      admitted(request).then(
        (now) => {
          // With another role its page has to be drawn anew: it asks who it is, and comes again.
          if (now.ok && isOther(actor, now.actor)) close(CLOSE.notAuthenticated, 'other-role');
          else if (now.ok) ({ actor, only } = now);
          else if (now.code !== CLOSE.tryAgain) close(now.code, now.reason);
        },
        () => {},
      );
    };
    const hearing = hub.listen(organizationId, after, {
      authorId: actor.id,
      hears: (happening) =>
        only === null ? (holds(actor, scopeOfEvent(happening)) ? happening : null) : heardBy(only, known, happening),
      dismiss: () => close(CLOSE.notAuthenticated, 'not-authenticated'),
      check,
      send(text) {
        if (!isOpen) return;
        if (socket.bufferedAmount > MAX_WAITING) return close(CLOSE.tooSlow, 'too-slow');
        socket.send(text);
      },
    });
    if (!hearing) return close(CLOSE.tooMany, 'too-many-streams');
    log.debug('events-opened', { organizationId, authorId: actor.id, isResumed: after !== null });

    let isAlive = true;
    socket.on('pong', () => {
      isAlive = true;
    });
    const alive = setInterval(() => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
      if (isOpen) socket.send(JSON.stringify({ type: 'alive', sequence: hearing.sequence() }));
    }, ALIVE_EVERY);
    const checking = setInterval(check, CHECK_EVERY);
    socket.on('close', (code) => {
      clearInterval(alive);
      clearInterval(checking);
      hearing.stop();
      log.debug('events-closed', { organizationId, authorId: actor.id, code });
    });
  }

  app.route({
    method: 'GET',
    url: BASE_PATH + EVENTS_PATH,
    config: { scope: 'open', operation: 'events' },
    handler: (_request, reply) => {
      reply.header('upgrade', 'websocket');
      return sendProblem(reply, 'upgrade-required', 'This is a WebSocket; see the OpenAPI document.');
    },
    wsHandler: (socket, request) => {
      serveStream(socket, request).catch((error: unknown) => {
        log.error('events-fault', { requestId: request.id, error: String(error) });
        socket.terminate();
      });
    },
  });
}

/** Must be in place before any route: an upgrade that no route takes is ended by it, too. */
export function takeWebSockets(app: FastifyInstance): void {
  // Until a WebSocket has it, nobody listens: a connection that breaks while the guard asks would end the brain.
  app.server.on('upgrade', (_request, socket) => socket.on('error', () => socket.destroy()));
  app.register(websocket, {
    options: { maxPayload: MAX_PAYLOAD, perMessageDeflate: false },
    preClose(done) {
      const { clients } = app.websocketServer;
      for (const client of clients) client.close(CLOSE.goingAway, 'going-away');
      setTimeout(() => {
        for (const client of clients) client.terminate();
      }, LAST_WORDS).unref();
      done();
    },
  });
}

const isOther = (a: Actor, b: Actor): boolean =>
  a.onlyExtension !== b.onlyExtension || [...a.scopes].join() !== [...b.scopes].join();

const CODES: Record<string, number> = {
  'not-authenticated': CLOSE.notAuthenticated,
  'not-found': CLOSE.notFound,
  suspended: CLOSE.notFound,
  invalid: CLOSE.invalid,
};

const refused = (reason: string) => ({ ok: false, code: CODES[reason] ?? CLOSE.tryAgain, reason }) as const;
