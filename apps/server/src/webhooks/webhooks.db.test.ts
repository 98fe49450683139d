/** Webhooks on a real Postgres, with a real receiver on this machine. */
import { createServer, type Server } from 'node:http';
import { WebhookReach } from '@littlepbx/core/webhooks/reach';
import { FAILING_FOR, OLD_SECRET_FOR, type WebhookEvent } from '@littlepbx/core/webhooks/webhook';
import { type JobWorker, startJobWorker } from '@littlepbx/data';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { insertCalls } from '../../../../packages/data/src/stores/calls.ts';
import { insertFiles } from '../../../../packages/data/src/stores/files.ts';
import { finishedCall } from '../../../../packages/data/src/testing/calls.ts';
import { soundFile } from '../../../../packages/data/src/testing/files.ts';
import {
  ALL,
  createTestInstallation,
  refusal,
  type TestInstallation,
  value,
} from '../../../../packages/data/src/testing/installation.ts';
import { EventHub } from '../events/hub.ts';
import { webhookDelivery } from './delivery.ts';
import { LiveNews } from './live-news.ts';

/** Milliseconds. */
const PATIENCE = 30_000;
let t: TestInstallation;
let worker: JobWorker | undefined;
let server: Server;
let url: string;
/** The clock of the worker goes ahead of the others' by this. Milliseconds. */
let ahead = 0;
const clock = {
  now: () => Date.now() + ahead,
  after(delay: number, fn: () => void) {
    const timer = setTimeout(fn, delay);
    return () => clearTimeout(timer);
  },
};
const log = { debug() {}, info() {}, warn() {}, error() {} };
const reach = new WebhookReach(['127.0.0.0/8']);

interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
  message: { type: string; organizationId: string; data: Record<string, unknown> };
}
const received: Received[] = [];
/** By path: what is answered next; 200 when there is nothing. */
const answers = new Map<string, number[]>();
const at = (path: string) => received.filter((one) => one.path === path);

beforeAll(async () => {
  t = await createTestInstallation(undefined, reach);
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers as Record<string, string>, body, message: JSON.parse(body) });
      response.writeHead(answers.get(path)?.shift() ?? 200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  ahead = 0;
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await t?.close();
});

function work(retries: number[] = [10, 10, 10], within: Pick<WebhookReach, 'has'> = reach): void {
  const kinds = webhookDelivery({ stores: t.stores, reach: within, clock, log, retries });
  worker = startJobWorker({ db: t.db, clock, log, kinds, pollEvery: 10 });
}

async function office(slug: string, events: WebhookEvent[], path = `/${slug}`) {
  const { id, admin } = await t.organization(slug);
  const webhook = value(await t.administration.createWebhook(admin, id, { url: url + path, events }));
  const deliveries = async () =>
    value(await t.administration.listWebhookDeliveries(admin, id, webhook.id, {}, ALL)).items;
  const now = async () => value(await t.administration.getWebhook(admin, id, webhook.id));
  return { id, admin, webhook, deliveries, now };
}

const ended = async (organizationId: string) => {
  const call = finishedCall(organizationId);
  await t.db.asOperator((trx) => insertCalls(trx, [call, call]));
  return call.cdr;
};

test('what happens is told to those who asked for it, of no other organization, once and signed', async () => {
  const a = await office('told', ['call-ended', 'recording-ready', 'voicemail-arrived', 'revision-applied']);
  const other = await office('untold', ['voicemail-arrived']);
  const cdr = await ended(a.id);
  await ended(other.id);
  const extension = value(await t.administration.createExtension(a.admin, a.id, { number: '101', name: 'Ann' }));
  const details = { extensionId: extension.id, from: '102', fromName: 'Bob' };
  await t.db.asOperator((trx) => insertFiles(trx, [soundFile(a.id, { kind: 'voicemail', details })]));
  // A batch that is sent again tells nothing new.
  const recording = soundFile(a.id, { callId: cdr.id });
  for (let i = 0; i < 2; i++) await t.db.asOperator((trx) => insertFiles(trx, [recording]));
  value(await t.administration.apply(a.admin, a.id, 'First'));
  work();
  await vi.waitFor(() => expect(at('/told')).toHaveLength(4), PATIENCE);
  for (const { headers, body } of at('/told')) expect(new Webhook(a.webhook.secret).verify(body, headers)).toBeTruthy();
  const told = Object.fromEntries(at('/told').map(({ message }) => [message.type, message]));
  expect(told).toMatchObject({
    'call-ended': { organizationId: a.id, data: { call: { ...cdr } } },
    'recording-ready': { data: { callId: cdr.id, fileId: recording.id, duration: 1000 } },
    'voicemail-arrived': { data: { extension: '101', from: '102', fromName: 'Bob' } },
    'revision-applied': { data: { revision: 1, note: 'First' } },
  });
  await vi.waitFor(async () => {
    expect(
      (await a.deliveries()).map(({ state, attempts, responseStatus }) => ({ state, attempts, responseStatus })),
    ).toEqual(Array.from({ length: 4 }, () => ({ state: 'delivered', attempts: 1, responseStatus: 200 })));
  }, PATIENCE);
  for (const { id, webhookId } of await a.deliveries()) {
    const sent = at('/told').find(({ headers }) => headers['webhook-id'] === id)?.message;
    expect(value(await t.administration.getWebhookMessage(a.admin, a.id, webhookId, id))).toEqual(sent);
  }
  expect(at('/untold')).toEqual([]);
  expect(await other.deliveries()).toEqual([]);
  const theirs = [a.webhook.id, (await a.deliveries())[0]!.id] as const;
  const api = t.administration;
  for (const outcome of [
    await api.resendWebhookDelivery(other.admin, other.id, ...theirs),
    await api.resendWebhookDelivery(other.admin, other.id, other.webhook.id, theirs[1]),
    await api.getWebhookMessage(other.admin, other.id, other.webhook.id, theirs[1]),
    await api.updateWebhook(other.admin, other.id, theirs[0], { url: 'https://example.com/' }),
  ]) {
    expect(refusal(outcome)).toBe('not-found');
  }
});

test('a receiver that fails gets it again, as the same message, with both secrets while one is replaced', async () => {
  answers.set('/again', [500, 503]);
  const a = await office('again', ['call-ended']);
  const { secret, oldSecretUntil } = value(await t.administration.replaceWebhookSecret(a.admin, a.id, a.webhook.id));
  expect(oldSecretUntil! - Date.now()).toBeGreaterThan(OLD_SECRET_FOR - 60_000);
  await ended(a.id);
  work();
  await vi.waitFor(async () => expect(await a.deliveries()).toMatchObject([{ state: 'delivered' }]), PATIENCE);
  expect(new Set(at('/again').map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const [{ headers, body }] = at('/again').slice(-1) as [Received];
  for (const one of [secret, a.webhook.secret]) expect(new Webhook(one).verify(body, headers)).toBeTruthy();
  expect((await a.deliveries())[0]).toMatchObject({ attempts: 3, responseStatus: 200, fault: null, answer: 'ok' });
  expect((await a.now()).failingSince).toBeNull();
  // By hand, later: the former secret is void.
  ahead = OLD_SECRET_FOR + 1_000;
  value(await t.administration.resendWebhookDelivery(a.admin, a.id, a.webhook.id, (await a.deliveries())[0]!.id));
  await vi.waitFor(() => expect(at('/again')).toHaveLength(4), PATIENCE);
  expect(at('/again')[3]!.headers['webhook-signature']!.split(' ')).toHaveLength(1);
  expect(at('/again')[3]!.headers['webhook-id']).toBe(headers['webhook-id']);
});

test('after days in which nothing got through it is switched off, and the admins get a mail', async () => {
  answers.set(
    '/failing',
    Array.from({ length: 9 }, () => 500),
  );
  const a = await office('failing', ['call-ended']);
  value(await t.administration.updateOrganization(a.admin, a.id, { alertMailTo: ['boss@example.com'] }));
  await ended(a.id);
  work([10]);
  await vi.waitFor(async () => expect(await a.deliveries()).toMatchObject([{ state: 'failed' }]), PATIENCE);
  expect(await a.now()).toMatchObject({ isActive: true, failingSince: expect.any(Number) });
  ahead = FAILING_FOR + 60_000;
  await ended(a.id);
  await vi.waitFor(
    async () => expect(await a.now()).toMatchObject({ isActive: false, disabledReason: 'failing' }),
    PATIENCE,
  );
  const mails = await t.stores.withOrganization(a.id, ({ jobs }) => jobs.list('mail', { after: null, limit: 10 }));
  expect(mails).toMatchObject([{ payload: { to: ['boss@example.com'], text: expect.stringContaining(url) } }]);
  const audit = value(await t.administration.listAudit(a.admin, a.id, { resource: 'webhook' }, ALL)).items;
  expect(audit[0]).toMatchObject({
    author: { kind: 'system', name: 'webhooks' },
    changes: { isActive: { after: false } },
  });
  expect(JSON.stringify(audit)).not.toContain(a.webhook.secret);
  // Nothing more is written down for it, until somebody switches it on.
  await ended(a.id);
  expect(await a.deliveries()).toHaveLength(2);
  value(await t.administration.updateWebhook(a.admin, a.id, a.webhook.id, { isActive: true }));
  expect(await a.now()).toMatchObject({ isActive: true, disabledReason: null, failingSince: null });
});

test('a server that is gone, one that leads elsewhere than it seemed, and one that is switched off', async () => {
  answers.set('/gone', [410]);
  const gone = await office('gone', ['call-ended']);
  const inward = await office('inward', ['call-ended']);
  const off = await office('off', ['call-ended']);
  for (const { id } of [gone, inward, off]) await ended(id);
  value(await t.administration.updateWebhook(off.admin, off.id, off.webhook.id, { isActive: false }));
  // A name: what it leads to is known when it is called.
  const localhost = { url: 'https://localhost/' };
  value(await t.administration.updateWebhook(inward.admin, inward.id, inward.webhook.id, localhost));
  const nowhere = new WebhookReach([]);
  const pretending = {
    has: (address: string, isEncrypted: boolean) => (isEncrypted ? nowhere : reach).has(address, true),
  };
  work([], pretending);
  await vi.waitFor(async () => expect(await gone.now()).toMatchObject({ disabledReason: 'gone' }), PATIENCE);
  await vi.waitFor(
    async () =>
      expect(await inward.deliveries()).toMatchObject([{ state: 'failed', fault: 'address-refused', answer: null }]),
    PATIENCE,
  );
  expect(await off.deliveries()).toMatchObject([{ state: 'failed', fault: 'switched-off', attempts: 0 }]);
  expect(at('/off')).toEqual([]);
});

test('what only the running brain knows is written down while somebody asks for it, and not otherwise', async () => {
  const a = await office('live', ['call-began', 'call-answered']);
  const later = await office('later', ['call-ended']);
  const hub = new EventHub(clock);
  const news = new LiveNews({ hub, stores: t.stores, clock, log });
  news.start();
  await vi.waitFor(() => expect(hub.isHeard(a.id)).toBe(true), PATIENCE);
  expect(hub.isHeard(later.id)).toBe(false);
  expect(hub.registrationsHeard()).toEqual([]);
  const call = { id: 'c', startedAt: clock.now(), answeredAt: null as number | null, from: '101', to: '102' };
  hub.publish(a.id, { type: 'call-began', call } as never);
  const answered = { ...call, answeredAt: clock.now() };
  for (let i = 0; i < 2; i += 1) hub.publish(a.id, { type: 'call-changed', call: answered } as never);
  work();
  await vi.waitFor(() => expect(at('/live')).toHaveLength(2), PATIENCE);
  const told = at('/live')
    .map(({ message }) => message)
    .toSorted((x, y) => x.type.localeCompare(y.type));
  expect(told).toMatchObject([
    { type: 'call-answered', data: { call: answered } },
    { type: 'call-began', data: { call } },
  ]);
  await news.stop();
});

test('deliveries are kept for their time, and one that nobody sends is sent after all', async () => {
  const a = await office('kept', ['call-ended']);
  await ended(a.id);
  await t.db.asOperator((trx) => trx.deleteFrom('job').where('organization_id', '=', a.id).execute());
  expect(await t.stores.asOperator(({ webhooks }) => webhooks.mend(Date.now() + 60_000))).toBe(1);
  work();
  await vi.waitFor(() => expect(at('/kept')).toHaveLength(1), PATIENCE);
  expect(await t.stores.asOperator(({ webhooks }) => webhooks.prune(Date.now() - 60_000, 500))).toBe(0);
  expect(await t.stores.asOperator(({ webhooks }) => webhooks.prune(Date.now() + 60_000, 500))).toBeGreaterThan(0);
  expect(await a.deliveries()).toEqual([]);
});

test('of two who change one field at once one is told; what cannot be is refused', async () => {
  const a = await office('edits', ['call-ended']);
  const api = t.administration;
  const change = (description: string) =>
    api.updateWebhook(a.admin, a.id, a.webhook.id, { description, expected: { description: '' } });
  expect((await Promise.all([change('One'), change('Two')])).map(refusal).toSorted()).toEqual(['ok', 'stale']);
  const events: WebhookEvent[] = ['call-ended'];
  for (const wrong of ['https://10.0.0.1/', 'https://[::1]/', 'https://169.254.169.254/']) {
    expect(refusal(await api.createWebhook(a.admin, a.id, { url: wrong, events })), wrong).toBe('invalid');
  }
  const repeat = { key: 'k', fingerprint: 'f' };
  const once = () => api.createWebhook({ ...a.admin, repeat }, a.id, { url, events });
  expect(value(await once())).toEqual(value(await once()));
  expect(value(await api.listWebhooks(a.admin, a.id, ALL)).items).toHaveLength(2);
});
