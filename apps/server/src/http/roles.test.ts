/** What each role may ask of each route, over the whole route table. */
import type { Route } from '@littlepbx/contract';
import { ROLE_SCOPES, type Role } from '@littlepbx/core/persons/person';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bodies,
  everyRoute,
  loggedIn,
  pathValues,
  queries,
  soundFor,
  type TestWorld,
  testWorld,
  urlOf,
} from './testing/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await testWorld();
});
afterAll(() => world.app.close());

const guarded = everyRoute.filter(([, route]) => route.scope !== 'open' && route.scope !== 'self');
const ofOrganization = guarded.filter(([, route]) => route.params && !route.isOperatorOnly);

async function ask(id: string, route: Route, org: string, headers: Record<string, string>) {
  const sound = soundFor(route, '');
  const answer = await world.app.inject({
    method: route.method,
    url: `${urlOf(route, pathValues(world, org))}?${new URLSearchParams(queries[id])}`,
    ...(route.body ? { payload: bodies[id] ?? {} } : {}),
    ...sound,
    headers: { ...(sound.headers ? { 'content-type': sound.headers['content-type'] } : {}), ...headers },
  });
  const body = answer.statusCode >= 400 ? answer.json<{ id: string }>() : { id: 'ok' };
  return { status: answer.statusCode, id: body.id };
}

const may = (role: Role, { scope }: Route): boolean => {
  const scopes: readonly string[] = ROLE_SCOPES[role];
  return scopes.includes(scope) || scopes.includes(scope.replace(/:read$/, ':write'));
};

test('a viewer can change nothing and hears nobody, and no role may do what is the operator’s', () => {
  expect(ROLE_SCOPES.viewer.filter((scope) => !scope.endsWith(':read'))).toEqual([]);
  expect(ROLE_SCOPES.viewer).not.toContain('voicemail:read');
  expect(ROLE_SCOPES.viewer).not.toContain('files:read');
  for (const scopes of Object.values(ROLE_SCOPES)) {
    for (const scope of ['trunks:write', 'system:read', 'system:write', 'bans:read', 'bans:write'] as const) {
      expect(scopes).not.toContain(scope);
    }
  }
});

describe.each(['admin', 'viewer'] as const)('%s', (role) => {
  test.each(guarded)('%s is open to it by its scope alone', async (id, route) => {
    const answer = await ask(id, route, 'acme', loggedIn(world, [{ slug: 'acme', role }]));
    if (may(role, route) && !route.isOperatorOnly) expect([401, 403]).not.toContain(answer.status);
    else expect(answer).toEqual({ status: 403, id: 'forbidden' });
  });

  test.each(ofOrganization)("%s: another organization's things are 404", async (id, route) => {
    const elsewhere = loggedIn(world, [{ slug: 'demo', role }]);
    expect(await ask(id, route, 'acme', elsewhere)).toEqual({ status: 404, id: 'not-found' });
  });
});

test.each(ofOrganization)('%s: of two organizations the request says which', async (id, route) => {
  const headers = loggedIn(world, [
    { slug: 'demo', role: 'admin' },
    { slug: 'acme', role: 'viewer' },
  ]);
  const answer = await ask(id, route, 'acme', headers);
  if (may('viewer', route)) expect([401, 403]).not.toContain(answer.status);
  else expect(answer).toEqual({ status: 403, id: 'forbidden' });
});

test.each(guarded)('%s is open to an operator', async (id, route) => {
  const answer = await ask(id, route, 'acme', loggedIn(world, [], true));
  expect([401, 403]).not.toContain(answer.status);
});

test.each(everyRoute.filter(([, r]) => r.method !== 'GET'))(
  '%s: not by the page of somebody else',
  async (id, route) => {
    const { cookie } = loggedIn(world, [{ slug: 'acme', role: 'admin' }], true);
    for (const from of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example.com' }]) {
      const answer = await ask(id, route, 'acme', { cookie, ...from } as Record<string, string>);
      expect(answer).toEqual({ status: 403, id: 'not-same-origin' });
    }
  },
);
