/** A server with two organizations that have the same numbers, and a call in progress in each. */
import { randomUUID } from 'node:crypto';
import { type OperationId, type Route, routes, SESSION_COOKIE } from '@littlepbx/contract';
import type { Role } from '@littlepbx/core/persons/person';
import type { Protection } from '@littlepbx/core/protection/protection';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../../clock.ts';
import { EventHub } from '../../events/hub.ts';
import { createHttp } from '../app.ts';
import { BuiltPage } from '../page.ts';
import { type Fake, fakeAdministration } from './fake-administration.ts';
import { type FakeLive, fakeLive, liveCallOf, pastCallOf } from './fake-live.ts';
import { type FakeLogins, fakeLogins } from './fake-logins.ts';
import { fakeProtection } from './fake-protection.ts';

export interface TestWorld {
  app: FastifyInstance;
  administration: Fake;
  live: FakeLive;
  logins: FakeLogins;
  protection: Protection;
  hub: EventHub;
  /** Everything that was logged, as one text. */
  log: string[];
  /** Every route that Fastify knows: `GET /api/v1/…`, its scope. */
  served: { method: string; url: string; scope: string | undefined }[];
  operator: string;
  acme: string;
  demo: string;
}

export async function testWorld(page = new BuiltPage('/nowhere')): Promise<TestWorld> {
  const administration = fakeAdministration();
  const live = fakeLive();
  const log: string[] = [];
  const write = (event: string, fields?: Record<string, unknown>) => log.push(JSON.stringify({ event, ...fields }));
  const protection = fakeProtection();
  const logins = fakeLogins();
  const hub = new EventHub(systemClock);
  const app = createHttp({
    administration,
    logins,
    live,
    sounds: { open: async () => null },
    page,
    protection,
    settings: { sip: { host: 'pbx.example.com', port: 5060, tlsPort: 5061 } },
    log: { debug: write, info: write, warn: write, error: write },
    events: hub,
    alerts: { list: () => [], settingsChanged: async () => {}, test: async () => [] },
    metrics: async () => 'littlepbx_test 1\n',
  });
  const served: TestWorld['served'] = [];
  app.addHook('onRoute', (r) => {
    for (const method of [r.method].flat()) served.push({ method, url: r.url, scope: r.config?.scope });
  });

  const operator = administration.keyOf(null);
  for (const slug of ['acme', 'demo']) {
    const ask = async (method: 'POST' | 'PATCH', url: string, payload: object) => {
      const answer = await app.inject({
        method,
        url: `/api/v1/organizations${url}`,
        headers: bearer(operator),
        payload,
      });
      if (answer.statusCode >= 300) throw new Error(answer.body);
    };
    await ask('POST', '', { slug, name: slug, country: 'GB' });
    for (const number of ['101', '102']) {
      await ask('POST', `/${slug}/extensions`, { number, name: `Person ${number}` });
      await ask('POST', `/${slug}/devices`, { extension: number, name: 'Desk phone' });
    }
    await ask('POST', `/${slug}/numbers`, { number: slug === 'acme' ? '+12125550100' : '+442079460100' });
    await ask('POST', `/${slug}/trunks`, { name: 'Carrier', host: '192.0.2.10', password: 'hush-carrier' });
    await ask('POST', `/${slug}/webhooks`, { url: 'https://example.com/hook', events: ['call-ended'] });
    await ask('POST', `/${slug}/apply`, { note: 'First' });
    const tenant = administration.tenants.find((t) => t.view.slug === slug);
    if (!tenant) continue;
    const call = liveCallOf(tenant.view.id);
    live.calls.push(call);
    // The same id among the past calls, so that one path value serves both.
    tenant.calls.push(pastCallOf(call));
  }
  return {
    app,
    administration,
    live,
    logins,
    protection,
    hub,
    log,
    served,
    operator,
    acme: administration.keyOf('acme'),
    demo: administration.keyOf('demo'),
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Headers of a person's browser, on a page of ours. */
export function loggedIn(world: TestWorld, memberships: { slug: string; role: Role }[], isOperator = false) {
  const cookie = `${SESSION_COOKIE}=${world.logins.sessions.size}`;
  const id = randomUUID();
  world.logins.sessions.set(cookie, {
    id,
    expiresAt: Date.now() + 3_600_000,
    person: {
      ...{ id, name: 'Alice', email: 'alice@example.com', language: 'en', theme: 'system', createdAt: 0 },
      ...{ isOperator, isSuspended: false, hasTwoFactor: false },
    },
    memberships: memberships.map(({ slug, role }) => {
      const { view } = world.administration.tenants.find((t) => t.view.slug === slug)!;
      return { slug, role, organizationId: view.id, companyName: view.name, ...MEMBERSHIP };
    }),
  });
  return { cookie, 'sec-fetch-site': 'same-origin' };
}

const MEMBERSHIP = { extensionId: null, timeZone: 'UTC', isSuspended: false, logoTag: null };
const PNG = Buffer.from('89504e470d0a1a0a00', 'hex');

/** What a route that takes a sound or an image is sent. */
export function soundFor(route: Route, token: string) {
  if (!route.isUpload) return {};
  if (route.isUpload === 'image') return { headers: { ...bearer(token), 'content-type': 'image/png' }, payload: PNG };
  const headers = { ...bearer(token), 'content-type': 'audio/wav' };
  return { headers, query: { kind: 'music', name: 'Waltz' }, payload: 'a sound' };
}

/** Path values that exist in one of the organizations. */
export function pathValues(world: TestWorld, slug: string): Record<string, string[]> {
  const tenant = world.administration.tenants.find((t) => t.view.slug === slug);
  if (!tenant) throw new Error(`no ${slug}`);
  return {
    org: [slug, tenant.view.id],
    extension: tenant.extensions.map((e) => e.number),
    username: tenant.devices.map((d) => d.username),
    number: tenant.numbers.map((n) => n.number),
    trunk: tenant.trunks.map((t) => t.id),
    prefix: ['44'],
    revision: ['1'],
    call: world.live.calls.filter((c) => c.organizationId === tenant.view.id).map((c) => c.id),
    webhook: tenant.webhooks.map((w) => w.id),
    key: world.administration.keys.filter((k) => k.organizationId === tenant.view.id).map((k) => k.id),
  };
}

/** The address of a route with the first of the given values. */
export function urlOf(route: Route, values: Record<string, string[]>): string {
  return `/api/v1${route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name]?.[0] ?? 'none'))}`;
}

export const everyRoute = Object.entries<Route>(routes) as [OperationId, Route][];

/** Bodies that a route takes, by operation. */
export const bodies: Record<string, object> = {
  createExtension: { number: '199', name: 'X' },
  importExtensions: { csv: 'number' },
  createDevice: { extension: '101' },
  routeNumber: { extension: null },
  setMusic: { music: 'stock' },
  createKey: { name: 'X' },
  createWebhook: { url: 'https://example.com/hook', events: ['call-ended'] },
  transferCall: { to: '102' },
  recordCall: { action: 'start' },
  updateVoicemailMessage: { isSaved: true },
  suspendDevice: { calls: 'keep' },
  suspendExtension: { calls: 'keep' },
  changeRole: { role: 'viewer' },
  invite: { email: 'bob@example.com', role: 'viewer' },
};
const days = { from: '2026-10-01', to: '2026-10-31' };
export const queries: Record<string, Record<string, string>> = {
  exportCalls: days,
  callTotals: days,
  getStatistics: days,
  exportStatistics: days,
};
