import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bearer,
  bodies,
  everyRoute,
  pathValues,
  queries,
  soundFor,
  type TestWorld,
  testWorld,
  urlOf,
} from './testing/world.ts';

/** Everything that answers without a key or session. Adding to it is a decision. */
const OPEN = [
  '/api/v1/health/live',
  '/api/v1/health/ready',
  '/api/v1/openapi.json',
  '/api/v1/site',
  '/api/v1/site/logo',
  '/api/v1/login',
  '/api/v1/login/code',
  '/api/v1/logout',
  '/api/v1/session',
  '/api/v1/password-reset',
  '/api/v1/password-reset/confirm',
  '/api/v1/invitation',
  '/api/v1/invitation/accept',
  // Asks by itself, so that a page can be told why it was refused.
  '/api/v1/events',
  '/api/docs',
  '/api/docs/start.js',
  '/api/docs/:asset',
];

let world: TestWorld;
beforeAll(async () => {
  world = await testWorld();
});
afterAll(() => world.app.close());

describe('the guard', () => {
  test('every route that Fastify knows is guarded or listed as open', () => {
    const open = world.served.filter((r) => r.scope === 'open').map((r) => r.url);
    expect([...new Set(open)].sort()).toEqual([...OPEN].sort());
    expect(world.served.filter((r) => r.scope === undefined)).toEqual([]);
  });

  test('every route of the contract is served', () => {
    const known = new Set(world.served.map((r) => `${r.method} ${r.url}`));
    for (const [, route] of everyRoute) {
      expect(known).toContain(`${route.method} /api/v1${route.path.replace(/\{(\w+)\}/g, ':$1')}`);
    }
  });

  const guarded = everyRoute.filter(([, route]) => route.scope !== 'open');
  const ask = async (method: string, url: string, headers: Record<string, string>) => {
    const answer = await world.app.inject({ method: method as 'GET', url, headers });
    return { status: answer.statusCode, id: answer.json<{ id: string }>().id };
  };

  test.each(guarded)('%s: no key, a wrong key or another scheme is 401', async (_id, route) => {
    const url = urlOf(route, pathValues(world, 'acme'));
    for (const authorization of ['', 'Bearer', 'Bearer lpbx_wrong', `Basic ${world.operator}`, world.operator]) {
      const answer = await ask(route.method, url, authorization ? { authorization } : {});
      expect(answer).toEqual({ status: 401, id: 'not-authenticated' });
    }
  });

  test.each(guarded.filter(([, r]) => r.scope !== 'self'))(
    '%s: a key with every scope but the one is 403',
    async (_id, route) => {
      const [resource = '', verb] = route.scope.split(':');
      const scopes = world.administration.keys[0]?.scopes.filter(
        (s) => s !== route.scope && !(verb === 'read' && s === `${resource}:write`),
      );
      const url = urlOf(route, pathValues(world, 'acme'));
      const answer = await ask(route.method, url, bearer(world.administration.keyOf(null, scopes)));
      expect(answer).toEqual({ status: 403, id: 'forbidden' });
    },
  );

  test.each(guarded.filter(([, r]) => r.isOperatorOnly))("%s: an organization's key is 403", async (_id, route) => {
    const answer = await ask(route.method, urlOf(route, pathValues(world, 'acme')), bearer(world.acme));
    expect(answer).toEqual({ status: 403, id: 'forbidden' });
  });

  test.each(guarded.filter(([, r]) => r.params && (!r.isOperatorOnly || 'org' in r.params.shape)))(
    "%s: another organization's things are 404",
    async (id, route) => {
      const answer = await world.app.inject({
        method: route.method,
        url: `${urlOf(route, pathValues(world, 'acme'))}?${new URLSearchParams(queries[id])}`,
        headers: bearer(world.demo),
        ...(route.body ? { payload: bodies[id] ?? {} } : {}),
        ...soundFor(route, world.demo),
      });
      expect(answer.json()).toMatchObject({ status: 404, id: 'not-found' });
    },
  );
});
