/** The API on the real use cases and a real Postgres. */
import { hasETag, isChange, type Route, routes, versionedBy } from '@littlepbx/contract';
import { type Client, createClient } from '@littlepbx/contract/client';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createTestInstallation,
  type TestInstallation,
  value,
} from '../../../packages/data/src/testing/installation.ts';
import { systemClock } from './clock.ts';
import { EventHub } from './events/hub.ts';
import { createHttp } from './http/app.ts';
import { BuiltPage } from './http/page.ts';
import { fakeLive } from './http/testing/fake-live.ts';
import { fakeLogins } from './http/testing/fake-logins.ts';
import { fakeProtection } from './http/testing/fake-protection.ts';
import { fuzz } from './http/testing/fuzz.ts';
import { type Settled, settle } from './http/testing/settled.ts';
import { bearer, everyRoute, soundFor, urlOf } from './http/testing/world.ts';

let installation: TestInstallation;
let read: Promise<Settled> | undefined;
let app: FastifyInstance;
let operator: string;
const log: string[] = [];
const live = fakeLive();

beforeAll(async () => {
  installation = await createTestInstallation();
  const write = (event: string, fields?: Record<string, unknown>) => log.push(JSON.stringify({ event, ...fields }));
  app = createHttp({
    administration: installation.administration,
    logins: fakeLogins(),
    live,
    events: new EventHub(systemClock),
    protection: fakeProtection(),
    sounds: { open: async () => null },
    page: new BuiltPage('/nowhere'),
    settings: { sip: { host: 'pbx.example.com', port: 5060, tlsPort: 5061 } },
    log: { debug: write, info: write, warn: write, error: write },
    alerts: { list: () => [], settingsChanged: async () => {}, test: async () => [] },
    metrics: async () => 'littlepbx_test 1\n',
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  operator = value(await installation.administration.createKey(installation.operator, null, { name: 'test' })).token;
});
afterAll(async () => {
  await app?.close();
  await installation?.close();
});

function clientOf(token: string): Client {
  const { port } = app.server.address() as { port: number };
  return createClient({ baseUrl: `http://127.0.0.1:${port}`, token });
}

const organization = (slug: string) => settle(installation, clientOf(operator), slug);

describe('the API on Postgres', () => {
  test('a change waits in the draft, is applied, and rolled back', async () => {
    const { token, number } = await organization('walk');
    const client = clientOf(token);
    const params = { org: 'walk' };
    const { ringTimeInS } = await client.getExtension({ params: { ...params, extension: '101' } });
    await client.updateExtension({ params: { ...params, extension: '101' }, body: { ringTimeInS: 40 } });
    await client.routeNumber({ params: { ...params, number }, body: { extension: '102' } });
    const { changes } = await client.getDraft({ params });
    expect(changes.map((c) => [c.kind, c.what, c.name])).toEqual([
      ['changed', 'extension', '101'],
      ['changed', 'route', number],
    ]);
    expect(await client.getNumber({ params: { ...params, number } })).toEqual({
      number,
      extension: '102',
      appliedExtension: '101',
    });
    expect((await client.applyDraft({ params, body: {} })).number).toBe(2);
    expect(await client.rollback({ params: { ...params, revision: 1 } })).toMatchObject({ number: 3, notRestored: [] });
    const { content } = await client.getRevision({ params: { ...params, revision: 3 } });
    expect(content.extensions.find((e) => e.number === '101')?.ringTimeInS).toBe(ringTimeInS);
    const revisions = await client.listRevisions({ params });
    expect(revisions.items.map((r) => [r.number, r.isCurrent])).toEqual([
      [3, true],
      [2, false],
      [1, false],
    ]);
  });

  test('a reset password is a new one, and neither is in an answer or a log again', async () => {
    const { token, phone } = await organization('secret');
    const client = clientOf(token);
    const again = await client.resetDevicePassword({ params: { username: phone.username } });
    expect(again.username).toBe(phone.username);
    expect(again.password).not.toBe(phone.password);
    const shown = JSON.stringify(await client.listDevices({ params: { org: 'secret' } })) + log.join('\n');
    for (const secret of [phone.password, again.password, token, operator]) expect(shown).not.toContain(secret);
  });

  const bodies: Record<string, object> = {
    changeRole: { role: 'viewer' },
    invite: { email: 'bob@example.com', role: 'viewer' },
    createExtension: { number: '199', name: 'X' },
    setMusic: { music: 'stock' },
    importExtensions: { csv: 'number' },
    createDevice: { extension: '101' },
    updateOrganization: { limits: { concurrentCalls: 1 } },
    routeNumber: { extension: null },
    updateVoicemailMessage: { isSaved: true },
    createKey: { name: 'X' },
    createWebhook: { url: 'https://example.com/hook', events: ['call-ended'] },
    transferCall: { to: '102' },
    recordCall: { action: 'start' },
    suspendDevice: { calls: 'keep' },
    suspendExtension: { calls: 'keep' },
  };
  const days = { from: '2026-10-01', to: '2026-10-31' };
  const queries: Record<string, Record<string, string>> = {
    exportCalls: days,
    callTotals: days,
    getStatistics: days,
    exportStatistics: days,
  };
  test("another organization's ids are 404 on every route, and change nothing", async () => {
    const mine = await organization('mine');
    const theirs = await organization('theirs');
    const state = async () => {
      const client = clientOf(operator);
      const params = { org: 'theirs' };
      return Promise.all([
        client.getOrganization({ params }),
        client.listExtensions({ params }),
        client.listDevices({ params }),
        client.listNumbers({ params }),
        client.listTrunks({ params }),
        client.listRevisions({ params }),
      ]);
    };
    const before = await state();
    for (const [id, route] of everyRoute) {
      if (route.scope === 'open' || !route.params) continue;
      // A path with two names is tried with one of each, too: their thing in my organization.
      for (const values of [theirs.values, { ...theirs.values, org: mine.values.org }]) {
        if (values.org === mine.values.org && Object.keys(route.params.shape).join() === 'org') continue;
        if (values.org === mine.values.org && /\{(extension|revision)\}/.test(route.path)) continue;
        const answer = await app.inject({
          method: route.method,
          url: `${urlOf(route, values)}?${new URLSearchParams(queries[id])}`,
          headers: bearer(mine.token),
          ...(route.body ? { payload: bodies[id] ?? {} } : {}),
          ...soundFor(route, mine.token),
        });
        // Where it names nothing of theirs, it says whose it is.
        const isForeign = values.org === theirs.values.org && 'org' in route.params.shape;
        expect([id, answer.statusCode]).toEqual([id, route.isOperatorOnly && !isForeign ? 403 : 404]);
      }
    }
    expect(await state()).toEqual(before);
  });

  test.each(everyRoute.map(([id, route], i) => [id, route, i] as const))(
    '%s: whatever is sent, no 5xx',
    async (_id, route, i) => {
      // What only reads leaves the organization as it is for the next one.
      if (route.method === 'GET') read ??= organization('read');
      const { values } = await (route.method === 'GET' ? read! : organization(`fuzz-${i}`));
      await fuzz(route, { app, token: operator, log, values, runs: 20 });
    },
  );
});

describe('nobody writes over what they did not see', () => {
  /** What changes nothing that matters, of each route that looks at ETags. */
  const changes: Record<string, object> = {
    updateOrganization: { name: 'Acme & Sons', limits: { concurrentCalls: 9, offHours: { percent: 10 } } },
    updateExtension: { name: 'Alicia' },
    updateDevice: { name: 'Kitchen' },
    routeNumber: { extension: '102' },
    updateTrunk: { name: 'Other carrier' },
    setMusic: { music: 'stock' },
    updateVoicemailBox: { email: 'alice@example.com' },
    updateVoicemailMessage: { isSaved: true },
    updateExtensionLimits: { minutesPerDay: 60 },
    updateWebhook: { isActive: false },
    updateAlertSettings: { thresholds: { backupInDays: 3 } },
    setMailServer: { host: 'smtp.example.com', fromAddress: 'pbx@example.com' },
  };
  const ask = (route: Route, url: string, etag?: string, payload?: object, query?: Record<string, string>) =>
    app.inject({
      method: route.method,
      url,
      headers: { ...bearer(operator), ...(etag === undefined ? {} : { 'if-match': etag }) },
      ...(payload ? { payload } : {}),
      ...(query ? { query } : {}),
    });
  const STALE = { status: 412, id: 'precondition-failed' };
  const versioned = everyRoute.filter(([, route]) => isChange(route) && versionedBy(route));
  // An order in which each finds what it changes: of what lies in another the inner one goes first, the organization last.
  const rank = ([id, { method, path }]: (typeof versioned)[number]) =>
    (method === 'DELETE' ? 1000 : 0) + (id === 'deleteOrganization' ? 1000 : 0) - path.length;
  const inTurn = versioned.sort((a, b) => rank(a) - rank(b));

  test('every change of what has an ETag obeys If-Match, and nothing else wears the tag out', async () => {
    const { values, slug } = await organization('tagged');
    expect(versioned.length).toBeGreaterThan(20);
    for (const [id, route] of inTurn) {
      const url = urlOf(route, values);
      const reader = versionedBy(route)!;
      const seen = await ask(reader, url);
      const etag = String(seen.headers.etag);
      expect([id, etag]).toEqual([id, expect.stringMatching(/^"[\w-]{22}"$/)]);
      const query = id === 'deleteOrganization' ? { confirm: slug } : undefined;
      const send = (tag: string) => ask(route, url, tag, route.body && (changes[id] ?? {}), query);
      expect([id, (await send('"of-another-day"')).json()]).toEqual([id, expect.objectContaining(STALE)]);
      const same = await ask(reader, url);
      expect([id, same.json(), same.headers.etag]).toEqual([id, seen.json(), etag]);
      const done = await send(`"of-another-day", W/${etag}`);
      expect([id, done.statusCode, done.body]).toEqual([id, route.responses.status, done.body]);
      if (route.method === 'DELETE') continue;
      expect([id, (await send(etag)).json()]).toEqual([id, expect.objectContaining(STALE)]);
      const next = (await ask(reader, url)).headers.etag;
      expect([id, hasETag(route) ? done.headers.etag : next]).toEqual([id, next]);
    }
  });

  test('of two at the same moment one is refused, and what comes and goes by itself refuses nobody', async () => {
    const { values, slug, token } = await organization('two-at-once');
    const extension = urlOf(routes.updateExtension, values);
    const etag = String((await ask(routes.getExtension, extension)).headers.etag);
    const rename = (name: string) => ask(routes.updateExtension, extension, etag, { name });
    const answers = await Promise.all(['Anna', 'Anne', 'Annie'].map(rename));
    expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 412, 412]);
    // A change that asks for nothing counts as well.
    const [won] = answers.filter((answer) => answer.statusCode === 200);
    await clientOf(token).updateExtension({ params: { org: slug, extension: '101' }, body: { ringTimeInS: 40 } });
    expect((await ask(routes.updateExtension, extension, String(won!.headers.etag), { name: 'A' })).statusCode).toBe(
      412,
    );

    const own = urlOf(routes.getOrganization, values);
    const before = (await ask(routes.getOrganization, own)).headers.etag;
    await clientOf(token).applyDraft({ params: { org: slug }, body: {} });
    expect((await ask(routes.getOrganization, own)).headers.etag).toBe(before);
  });

  test('what is not there is 404 whatever is expected of it; what has no ETag matches none', async () => {
    const { values } = await organization('no-tag');
    const nobody = urlOf(routes.deleteExtension, { ...values, extension: ['999'] });
    expect((await ask(routes.deleteExtension, nobody, '"x"')).statusCode).toBe(404);
    const drain = urlOf(routes.liftDrain, values);
    expect((await ask(routes.liftDrain, drain, '"x"')).json()).toMatchObject(STALE);
    expect((await ask(routes.liftDrain, drain, '*')).statusCode).toBe(204);
  });
});
