/**
 * The examples of the contract, sent to the real use cases on a real Postgres: each request is taken, and its answer is the
 * one that stands in the document. What changes something leaves its entry in the audit log, by the way.
 *
 * A new route: run this once with `LITTLEPBX_WRITE_EXAMPLES=1`, read what it wrote, then `npm run format`.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { BASE_PATH, type ExampleRequest, exampleAnswer, exampleRequests, type Route } from '@littlepbx/contract';
import { type Client, createClient } from '@littlepbx/contract/client';
import type { FinishedCall } from '@littlepbx/core/call/record';
import { MAIL_JOB, type QueuedMail } from '@littlepbx/core/mail/mail';
import { startJobWorker } from '@littlepbx/data';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { insertCalls } from '../../../packages/data/src/stores/calls.ts';
import {
  createTestInstallation,
  quickSecrets,
  type TestInstallation,
  value,
} from '../../../packages/data/src/testing/installation.ts';
import { codeOf } from '../../../test/kit/authenticator.ts';
import { systemClock as clock } from './clock.ts';
import { EventHub } from './events/hub.ts';
import { createHttp } from './http/app.ts';
import { BuiltPage } from './http/page.ts';
import { canonical } from './http/testing/canonical.ts';
import { fakeLive, liveCallOf, pastCallOf } from './http/testing/fake-live.ts';
import { fakeProtection } from './http/testing/fake-protection.ts';
import { type Settled, settle } from './http/testing/settled.ts';
import { bearer, everyRoute, soundFor, urlOf } from './http/testing/world.ts';
import { createLogins, type Logins } from './persons/logins.ts';
import { passwordReset } from './persons/password-reset.ts';

const WRITTEN = new URL('../../../packages/contract/src/example-answers.json', import.meta.url);
const isWriting = process.env.LITTLEPBX_WRITE_EXAMPLES === '1';
const said: Record<string, unknown> = {};

/** The person of the examples. */
const ALICE = { email: 'alice@example.com', name: 'Alice Johnson', password: 'correct horse' };
const BROWSER = { host: 'pbx.example.com', origin: 'http://pbx.example.com' };
const PNG = Buffer.from('89504e470d0a1a0a00', 'hex');
const RATES = { currency: 'EUR', csv: 'prefix,price_per_minute,increment,setup_fee\n44,0.012,60/60,0' } as const;
const MAIL_SERVER = { host: 'smtp.example.com', fromAddress: 'pbx@example.com' } as const;

let installation: TestInstallation;
let logins: Logins;
let app: FastifyInstance;
let operator: string;
let client: Client;
/** Whom all requests that only read ask about. */
let acme: Settled;
const live = fakeLive();
const protection = fakeProtection();
const log = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  installation = await createTestInstallation({ send: async () => ({ kind: 'done' }) });
  const { db, stores, administration } = installation;
  logins = createLogins({
    ...{ db, stores, secrets: quickSecrets, masterKey: randomBytes(32), warn() {} },
    publicUrl: 'https://pbx.example.com',
  });
  const bytes = Buffer.alloc(16_044);
  app = createHttp({
    ...{ administration, logins, live, protection, log },
    events: new EventHub(clock),
    sounds: {
      open: async () => ({ bytes: bytes.length, stream: (from, to) => Readable.from(bytes.subarray(from, to + 1)) }),
    },
    page: new BuiltPage('/nowhere'),
    settings: { sip: { host: 'pbx.example.com', port: 5060, tlsPort: 5061 } },
    alerts: {
      list: () => [],
      settingsChanged: async () => {},
      test: async () => [{ channel: 'mail', isSent: true, reason: null }],
    },
    metrics: async () => 'littlepbx_test 1\n',
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  operator = value(await administration.createKey(installation.operator, null, { name: 'Operator' })).token;
  const { port } = app.server.address() as { port: number };
  client = createClient({ baseUrl: `http://127.0.0.1:${port}`, token: operator });

  acme = await busy('acme');
  const params = { org: 'acme' };
  await client.importRates({ params: { ...params, trunk: acme.values.trunk[0]! }, body: RATES });
  await client.setLogo({ params, image: new Blob([PNG]) });
  await alice('acme');
  await queueMail();
  protection.allow('198.51.100.0/24', 'Head office');
  protection.addHoneypot('trap');
  protection.banByHand({ kind: 'address', subject: '203.0.113.7', service: 'all' }, null, null);
});
afterAll(async () => {
  if (isWriting) await writeFile(WRITTEN, `${JSON.stringify(said, null, 2)}\n`);
  await app?.close();
  await installation?.close();
});

/** An organization with a call in progress, and its record, which has the same id. */
async function busy(slug: string): Promise<Settled> {
  const settled = await settle(installation, client, slug);
  const call = liveCallOf(settled.id);
  live.calls = [call];
  const cdr = pastCallOf(call);
  const trace: FinishedCall['trace'] = [
    { at: cdr.startedAt, step: 'call-began', detail: { from: '101' } },
    { at: cdr.startedAt + 100, step: 'ringing', detail: { place: '102', devices: 1 } },
    { at: cdr.answeredAt!, step: 'answered', detail: { by: '102', on: 'k7p2m9x4c1q8' } },
    { at: cdr.endedAt, step: 'ended', detail: { reason: cdr.reason } },
  ];
  await installation.db.asOperator((trx) => insertCalls(trx, [{ cdr, trace }]));
  return { ...settled, values: { ...settled.values, call: [call.id] } };
}

/** The person of the examples, anew, as an admin of this organization. */
async function alice(org: string): Promise<void> {
  const [before] = (await client.listUsers({ query: { email: ALICE.email } })).items;
  if (before) await client.deleteUser({ params: { user: before.id } });
  const wish = { ...ALICE, memberships: [{ org, role: 'admin' as const }] };
  value(await installation.administration.createUser(installation.operator, wish));
}

const queueMail = (): Promise<string> =>
  installation.stores.asOperator(({ jobs }) => {
    const payload = { to: ['bob@example.com'], subject: 'New password', text: 'See the link.', html: null };
    return jobs.add({ kind: MAIL_JOB, organizationId: null, payload: { ...payload, attachments: [] } });
  });

/** What only the server can know beforehand, and who asks. */
interface Given {
  headers?: Record<string, string>;
  values?: Record<string, string>;
  body?: { token?: string; code?: string };
}

const cookieOf = (answer: { headers: Record<string, unknown> }): string =>
  [answer.headers['set-cookie'] ?? []]
    .flat()
    .map((line) => String(line).split(';')[0])
    .join('; ');

/** Alice's browser, logged in. */
async function session(org: string): Promise<{ headers: Record<string, string> }> {
  await alice(org);
  return { headers: { ...BROWSER, cookie: await logIn() } };
}
async function logIn(): Promise<string> {
  const { email, password } = ALICE;
  const request = { method: 'POST', url: `${BASE_PATH}/login`, headers: BROWSER } as const;
  return cookieOf(await app.inject({ ...request, payload: { email, password } }));
}
/** She has begun to set up codes. */
async function begun(org: string): Promise<{ headers: Record<string, string>; secret: string }> {
  const { headers } = await session(org);
  const request = { method: 'POST', url: `${BASE_PATH}/me/two-factor`, headers } as const;
  const { secret } = (await app.inject({ ...request, payload: { password: ALICE.password } })).json();
  return { headers, secret };
}
async function withCodes(org: string): Promise<{ headers: Record<string, string>; secret: string }> {
  const { headers, secret } = await begun(org);
  const request = { method: 'POST', url: `${BASE_PATH}/me/two-factor/confirm`, headers } as const;
  const confirmed = await app.inject({ ...request, payload: { code: codeOf(secret) } });
  return { headers: { ...BROWSER, cookie: cookieOf(confirmed) }, secret };
}
async function invitation(org: string): Promise<Given> {
  const body = { email: 'bob@example.com', role: 'viewer' } as const;
  const { link } = await client.invite({ params: { org }, body });
  return { body: { token: link!.split('#')[1]! } };
}
/** The token of a mailed link. */
async function resetToken(org: string): Promise<Given> {
  await alice(org);
  await client.setMailServer({ body: MAIL_SERVER });
  value(await installation.administration.requestPasswordReset(ALICE.email, '203.0.113.9'));
  const { db, stores } = installation;
  const worker = startJobWorker({ db, clock, log, pollEvery: 20, kinds: passwordReset(logins) });
  const token = await vi.waitFor(async () => {
    const jobs = await stores.asOperator((s) => s.jobs.list(MAIL_JOB, { after: null, limit: 100 }));
    const texts = jobs.map((job) => (job.payload as QueuedMail).text);
    return /reset-password#(\S+)/.exec(texts.join('\n'))![1]!;
  }, 10_000);
  await worker.stop();
  return { body: { token } };
}

/** What must be there for the request to have an effect. */
const prepared: Record<string, (org: Settled) => Promise<Given | unknown>> = {
  removeLogo: ({ slug }) => client.setLogo({ params: { org: slug }, image: new Blob([PNG]) }),
  stopApply: ({ slug }) => client.applyWhenIdle({ params: { org: slug }, body: {} }),
  restoreOrganization: ({ slug }) => client.deleteOrganization({ params: { org: slug }, query: { confirm: slug } }),
  deleteRates: ({ slug, values }) =>
    client.importRates({ params: { org: slug, trunk: values.trunk[0]! }, body: RATES }),
  deleteRate: ({ slug, values }) =>
    client.importRates({
      params: { org: slug, trunk: values.trunk[0]! },
      body: { ...RATES, csv: `${RATES.csv}\n45,0.02,60/60,0` },
    }),
  unsuspendDevice: ({ phone: { username } }) => client.suspendDevice({ params: { username }, body: { calls: 'keep' } }),
  unsuspendExtension: ({ slug }) =>
    client.suspendExtension({ params: { org: slug, extension: '101' }, body: { calls: 'keep' } }),
  unsuspendOrganization: ({ slug }) => client.suspendOrganization({ params: { org: slug }, body: { calls: 'keep' } }),
  createTrunk: ({ slug, values }) => client.deleteTrunk({ params: { org: slug, trunk: values.trunk[0]! } }),
  liftDrain: () => client.drain({ body: { stopCalls: false } }),
  removeMailServer: () => client.setMailServer({ body: MAIL_SERVER }),
  testMail: () => client.setMailServer({ body: MAIL_SERVER }),
  requestPasswordReset: async ({ slug }) => {
    await alice(slug);
    await client.setMailServer({ body: MAIL_SERVER });
  },
  retryMail: async () => ({ values: { mail: await queueMail() } }),
  deleteMail: async () => ({ values: { mail: await queueMail() } }),
  disallowNetwork: async () => ({ values: { network: protection.allow('198.51.100.0/24', null)!.network } }),
  removeHoneypot: async () => {
    protection.addHoneypot('trap');
    return { values: { username: 'trap' } };
  },
  liftBan: async () => {
    const ban = protection.banByHand({ kind: 'account', subject: 'somebody', service: 'sip' }, null, null);
    return { values: { ban: (ban as { id: string }).id } };
  },
  getSite: async ({ slug }) => ({ headers: { host: `pbx.${slug}.example` } }),
  getSiteLogo: async ({ slug }) => ({ headers: { host: `pbx.${slug}.example` } }),
  logIn: ({ slug }) => alice(slug),
  sendLoginCode: async ({ slug }) => {
    const { secret } = await withCodes(slug);
    return { headers: { ...BROWSER, cookie: await logIn() }, body: { code: codeOf(secret) } };
  },
  logOut: ({ slug }) => session(slug),
  getSession: ({ slug }) => session(slug),
  getMe: ({ slug }) => session(slug),
  listMySessions: ({ slug }) => session(slug),
  endMyOtherSessions: ({ slug }) => session(slug),
  updateMe: ({ slug }) => session(slug),
  changeMyPassword: ({ slug }) => session(slug),
  startTwoFactor: ({ slug }) => session(slug),
  confirmTwoFactor: async ({ slug }) => {
    const { headers, secret } = await begun(slug);
    return { headers, body: { code: codeOf(secret) } };
  },
  stopTwoFactor: ({ slug }) => withCodes(slug),
  renewRecoveryCodes: ({ slug }) => withCodes(slug),
  confirmPasswordReset: ({ slug }) => resetToken(slug),
  lookAtInvitation: ({ slug }) => invitation(slug),
  acceptInvitation: ({ slug }) => invitation(slug),
};

/** Changes nothing; and a mark on a message, which phones make all day. */
const UNAUDITED = ['testMail', 'testAlerts', 'updateVoicemailMessage'];
/** What persons do for themselves is proven with persons: `persons.db.test.ts`. */
const isAudited = (id: string, route: Route): boolean =>
  route.method !== 'GET' && !/^(open|self)$/.test(route.scope) && !UNAUDITED.includes(id);

beforeEach(async () => {
  await client.removeMailServer();
  live.isDraining = false;
});

// What reads comes first: it shows the installation as it was set up.
const inOrder = [...everyRoute].sort(([, a], [, b]) => Number(a.method !== 'GET') - Number(b.method !== 'GET'));
const examples = inOrder.flatMap(([id, route]) =>
  exampleRequests(route).map((request, nth) => ({ id, route, request, nth })),
);

test.each(examples)('$id: its example $nth works', async ({ id, route, request, nth }) => {
  const org = route.method === 'GET' ? acme : await busy(`example-${examples.findIndex((e) => e.request === request)}`);
  if (isAudited(id, route)) {
    // Something waits in the draft, so that publishing and dropping it have an effect.
    await client.updateExtension({ params: { org: org.slug, extension: '102' }, body: { ringTimeInS: 40 } });
  }
  const given = ((await prepared[id]?.(org)) ?? {}) as Given;
  const answer = await send(route, request, org, given);
  expect([answer.statusCode, answer.statusCode === route.responses.status ? '' : answer.body]).toEqual([
    route.responses.status,
    '',
  ]);
  if (route.responses.body) {
    route.responses.body.parse(answer.json());
    const seen = canonical(answer.json(), {
      [org.slug]: 'acme',
      [org.number]: '+442079460100',
      [org.phone.username]: 'k7p2m9x4c1q8',
    });
    if (nth === 0) {
      said[id] = seen;
      if (!isWriting) expect(seen, 'the contract’s example tells something else').toEqual(exampleAnswer(id));
    }
  }
  if (!isAudited(id, route)) return;
  const { items } = await client.listInstallationAudit({ query: { limit: 200 } });
  const entry = items.find((e) => e.author.requestId === answer.headers['x-request-id']);
  expect(entry, 'nothing that it changed is told to the audit log').toMatchObject({
    author: { kind: 'operator', name: 'Operator', address: '127.0.0.1', operation: id },
  });
});

function send(route: Route, { query, body }: ExampleRequest, org: Settled, given: Given) {
  const values = { ...org.values, ...Object.fromEntries(Object.entries(given.values ?? {}).map(([n, v]) => [n, [v]])) };
  const search = new URLSearchParams(
    Object.entries(query).map(([name, v]): [string, string] => [name, String(v) === 'acme' ? org.slug : String(v)]),
  );
  // An organization's own admin reads; what only the operator may do is done by the operator.
  const token = route.method === 'GET' && !route.isOperatorOnly ? org.token : operator;
  const isByKey = !/^(open|self)$/.test(route.scope);
  return app.inject({
    method: route.method,
    url: `${urlOf(route, values)}?${search}`,
    headers: { ...(isByKey ? bearer(token) : BROWSER), ...given.headers },
    ...(body ? { payload: { ...body, ...given.body } } : {}),
    ...soundFor(route, operator),
  });
}
