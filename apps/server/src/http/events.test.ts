/** The WebSocket as clients see it: who is let in, who is shut out and why, and what a slow reader costs. */
import { connect } from 'node:net';
import { type Happening, type LiveEvent, SESSION_COOKIE } from '@littlepbx/contract';
import { type EventStream, listenToEvents, type StreamSettings } from '@littlepbx/contract/event-stream';
import type { Membership, Person } from '@littlepbx/core/persons/person';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bearer, loggedIn, type TestWorld, testWorld } from './testing/world.ts';

let world: TestWorld;
let web: string;
let streams: EventStream[];
beforeEach(async () => {
  world = await testWorld();
  web = await world.app.listen({ host: '127.0.0.1', port: 0 });
  streams = [];
});
afterEach(async () => {
  for (const stream of streams) stream.close();
  await world.app.close();
});

function listen(settings: Partial<StreamSettings> & { org: string }) {
  const heard: LiveEvent[] = [];
  const states: (string | number | null)[][] = [];
  const stream = listenToEvents({
    baseUrl: web,
    token: world.acme,
    onEvent: (event) => heard.push(event),
    onState: (...state) => states.push(state),
    ...settings,
  });
  streams.push(stream);
  return { stream, heard, states };
}

const idOf = (slug: string) => world.administration.tenants.find((t) => t.view.slug === slug)!.view.id;
const renamed = (label: string): Happening => ({
  ...{ type: 'changed', resource: 'extension', action: 'changed', id: label, label, fields: ['name'] },
  by: { kind: 'key', id: 'k', name: 'Admin' },
});

test('a key hears its organization, by slug or id', async () => {
  const [ann, again] = [listen({ org: 'acme' }), listen({ org: idOf('acme') })];
  await vi.waitFor(() => expect([ann, again].map((s) => s.heard[0]?.type)).toEqual(['hello', 'hello']));
  world.hub.publish(idOf('acme'), renamed('101'));
  world.hub.publish(idOf('demo'), renamed('101'));
  await vi.waitFor(() => expect(ann.heard[1]).toMatchObject({ type: 'changed', label: '101' }));
  expect(ann.heard).toHaveLength(2);
  expect(ann.stream.sequence).toBe((ann.heard[1] as { sequence: string }).sequence);
});

test.each([
  ['no key', () => ({ org: 'acme', token: '' }), 4401],
  ['a wrong key', () => ({ org: 'acme', token: `${world.acme}x` }), 4401],
  ["another organization's key", () => ({ org: 'acme', token: world.demo }), 4404],
  ['an organization that is not there', () => ({ org: 'none', token: world.operator }), 4404],
  ['a place that is none', () => ({ org: 'acme', after: '../x' }), 4400],
])('%s ends the stream for good, and says why', async (_what, settings, code) => {
  const { states, heard } = listen(settings());
  await vi.waitFor(() => expect(states.at(-1)).toEqual(['ended', code]));
  expect(heard).toEqual([]);
});

test('a person hears their organization by the cookie of the login, in a page of this server alone', async () => {
  const cookie = `${SESSION_COOKIE}=ann`;
  const membership = {
    organizationId: idOf('acme'),
    slug: 'acme',
    companyName: 'Acme',
    role: 'viewer',
    isSuspended: false,
  };
  world.logins.sessions.set(cookie, {
    ...{ id: 's', expiresAt: Date.now() + 60_000, memberships: [membership as Membership] },
    person: { id: 'ann', name: 'Ann', isOperator: false } as Person,
  });
  const firstWord = (org: string, origin: string) =>
    new Promise((resolve) => {
      const headers = { cookie, origin };
      const socket = new WebSocket(`${web.replace('http', 'ws')}/api/v1/events?org=${org}`, { headers } as never);
      socket.addEventListener('message', ({ data }) => {
        resolve(JSON.parse(data).type);
        socket.close();
      });
      socket.addEventListener('close', ({ code }) => resolve(code));
    });
  expect(await firstWord('acme', web)).toBe('hello');
  expect(await firstWord('demo', web)).toBe(4404);
  expect(await firstWord('acme', 'https://evil.example')).toBe(4401);
});

test('a person who is logged out, or has another role, or is no user of the organization any more, hears no more', async () => {
  const { cookie } = loggedIn(world, [{ slug: 'acme', role: 'viewer' }]);
  const session = world.logins.sessions.get(cookie)!;
  const listening = () => {
    const socket = new WebSocket(`${web.replace('http', 'ws')}/api/v1/events?org=acme`, {
      headers: { cookie, origin: web },
    } as never);
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    return new Promise<Promise<number>[]>((resolve) => socket.addEventListener('message', () => resolve([closed])));
  };
  const [[first], [second]] = await Promise.all([listening(), listening()]);
  world.logins.sessions.set(cookie, { ...session, memberships: [] });
  world.hub.check(session.person.id);
  expect(await first).toBe(4404);
  world.logins.sessions.set(cookie, session);
  const [promoted] = await listening();
  const [acme] = session.memberships;
  world.logins.sessions.set(cookie, { ...session, memberships: [{ ...acme!, role: 'admin' }] });
  world.hub.check(session.person.id);
  expect(await promoted).toBe(4401);
  const [third] = await listening();
  world.logins.sessions.delete(cookie);
  world.hub.check(session.person.id);
  expect([await second, await third]).toEqual([4404, 4401]);
});

test('whoever asks without a WebSocket is told', async () => {
  const answer = await world.app.inject({ url: '/api/v1/events?org=acme', headers: bearer(world.acme) });
  expect(answer.json()).toMatchObject({ status: 426, id: 'upgrade-required' });
});

test('a key that was deleted hears no more', async () => {
  const ann = listen({ org: 'acme' });
  await vi.waitFor(() => expect(ann.heard).toHaveLength(1));
  for (const key of world.administration.keys)
    if (key.organizationId === idOf('acme')) world.hub.dismiss(idOf('acme'), key.id);
  await vi.waitFor(() => expect(ann.states.at(-1)).toEqual(['ended', 4401]));
});

test('a reader that does not read is closed, and holds up nobody', async () => {
  const { port } = new URL(web);
  const slow = connect({ host: '127.0.0.1', port: Number(port) });
  slow.on('error', () => {});
  slow.write(
    [
      'GET /api/v1/events?org=acme HTTP/1.1',
      'Host: pbx.test',
      `Authorization: Bearer ${world.acme}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );
  await new Promise((resolve) => slow.once('data', resolve));
  slow.pause();
  const ann = listen({ org: 'acme' });
  await vi.waitFor(() => expect(ann.heard).toHaveLength(1));
  const { websocketServer } = world.app as unknown as { websocketServer: { clients: Set<unknown> } };
  expect(websocketServer.clients.size).toBe(2);
  let told = 0;
  await vi.waitFor(
    () => {
      // Less in one turn than may wait for anybody.
      for (let i = 0; i < 50; i += 1) world.hub.publish(idOf('acme'), renamed('x'.repeat(5_000)));
      told += 50;
      expect(websocketServer.clients.size).toBe(1);
    },
    { timeout: 10_000, interval: 5 },
  );
  // A slow machine hears of a phone or two meanwhile.
  await vi.waitFor(() => expect(ann.heard.filter(({ type }) => type === 'changed')).toHaveLength(told), 5_000);
  expect(ann.states.flat()).not.toContain('waiting');
  slow.destroy();
});

test('when the server goes, the client comes again by itself', async () => {
  const ann = listen({ org: 'acme' });
  await vi.waitFor(() => expect(ann.heard).toHaveLength(1));
  const { port } = new URL(web);
  await world.app.close();
  await vi.waitFor(() => expect(ann.stream.state).not.toBe('live'));
  const next = await testWorld();
  try {
    await next.app.listen({ host: '127.0.0.1', port: Number(port) });
    // Its keys are others.
    await vi.waitFor(() => expect(ann.states.at(-1)).toEqual(['ended', 4401]), 5_000);
  } finally {
    await next.app.close();
  }
});

test('a connection that breaks while it is being let in ends nothing', async () => {
  const { port } = new URL(web);
  for (let i = 0; i < 20; i += 1) {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    const path = i % 2 ? '/api/v1/organizations' : '/api/v1/events?org=acme';
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.operator}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    socket.resetAndDestroy();
  }
  expect((await world.app.inject('/api/v1/health/live')).statusCode).toBe(200);
});
