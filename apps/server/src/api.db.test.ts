/** The API on the real use cases and a real Postgres. */
import { type Client, createClient } from '@littlepbx/contract/client';
import { MAIL_JOB } from '@littlepbx/core/mail/mail';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { insertFiles } from '../../../packages/data/src/stores/files.ts';
import { soundFile } from '../../../packages/data/src/testing/files.ts';
import {
  createTestInstallation,
  type TestInstallation,
  uuidv7,
  value,
} from '../../../packages/data/src/testing/installation.ts';
import { systemClock } from './clock.ts';
import { EventHub } from './events/hub.ts';
import { createHttp } from './http/app.ts';
import { BuiltPage } from './http/page.ts';
import { fakeLive, liveCallOf } from './http/testing/fake-live.ts';
import { fakeLogins } from './http/testing/fake-logins.ts';
import { fakeProtection } from './http/testing/fake-protection.ts';
import { fuzz } from './http/testing/fuzz.ts';
import { bearer, everyRoute, soundFor, urlOf } from './http/testing/world.ts';

let installation: TestInstallation;
let app: FastifyInstance;
let operator: string;
const log: string[] = [];
const live = fakeLive();
const protection = fakeProtection();

beforeAll(async () => {
  installation = await createTestInstallation();
  const write = (event: string, fields?: Record<string, unknown>) => log.push(JSON.stringify({ event, ...fields }));
  app = createHttp({
    administration: installation.administration,
    logins: fakeLogins(),
    live,
    events: new EventHub(systemClock),
    protection,
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

/** An organization with something of everything, and path values that name it. */
async function organization(slug: string) {
  const client = clientOf(operator);
  const params = { org: slug };
  const org = await client.createOrganization({ body: { slug, name: slug, country: 'GB' } });
  const { id: extensionId } = await client.createExtension({ params, body: { number: '101', name: 'Ольга' } });
  const message = soundFile(org.id, { kind: 'voicemail', details: { extensionId, from: '102', fromName: null } });
  await installation.db.asOperator((trx) => insertFiles(trx, [message]));
  await client.createExtension({ params, body: { number: '102', name: "O'Brien", forwardNoAnswer: '101' } });
  const phone = await client.createDevice({ params, body: { extension: '101' } });
  const number = `+442079461${String(used++).padStart(3, '0')}`;
  await client.assignNumber({ params, body: { number, extension: '101' } });
  const trunk = await client.createTrunk({ params, body: { name: 'Carrier', host: '192.0.2.10' } });
  await client.applyDraft({ params, body: { note: 'First' } });
  const key = await client.createKey({ params, body: { name: 'Admin' } });
  const user = await viewer(org.id, `${slug}@example.com`);
  const newcomer = { email: `new@${slug}.example.com`, role: 'viewer' } as const;
  const invitation = await client.invite({ params, body: newcomer });
  const file = soundFile(org.id);
  await installation.db.asOperator((trx) => insertFiles(trx, [file]));
  return {
    token: key.token,
    phone,
    number,
    values: {
      org: [slug, org.id],
      extension: ['101', '102'],
      username: [phone.username],
      number: [number],
      trunk: [trunk.id],
      revision: ['1'],
      call: ['01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10'],
      key: [key.id],
      message: [message.id],
      file: [file.id],
      user: [user],
      invitation: [invitation.id],
    },
  };
}
let used = 0;

/** Without a password, whose hash would take its time. */
async function viewer(org: string, email: string): Promise<string> {
  const id = uuidv7();
  await installation.stores.asOperator(async ({ persons, users }) => {
    const rest = { language: 'en', theme: 'system', createdAt: Date.now() } as const;
    const is = { isOperator: false, isSuspended: false, hasTwoFactor: false };
    await persons.insert({ id, email, name: 'Viewer', ...rest, ...is }, 'no hash');
    await users.put(org, id, 'viewer');
  });
  return id;
}

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
    importExtensions: { csv: 'number' },
    createDevice: { extension: '101' },
    routeNumber: { extension: null },
    updateVoicemailMessage: { isSaved: true },
    createKey: { name: 'X' },
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
        expect([id, answer.statusCode]).toEqual([id, route.isOperatorOnly ? 403 : 404]);
      }
    }
    expect(await state()).toEqual(before);
  });

  /** Where the example of the contract would be refused, or change nothing. */
  const effective: Record<string, object> = {
    createOrganization: { slug: 'audited-new', name: 'New', country: 'GB' },
    createExtension: { number: '199', name: 'X' },
    assignNumber: { number: '+442079460999' },
    createTrunk: { name: 'Out', host: '192.0.2.11', isInbound: false },
    applyDraft: {},
    changeRole: { role: 'admin' },
  };
  /** What must be there for the request to have an effect. */
  const prepared: Record<string, (client: Client, org: string) => Promise<unknown>> = {
    removeLogo: (client, org) =>
      client.setLogo({ params: { org }, image: new Blob([Buffer.from('89504e470d0a1a0a', 'hex')]) }),
    stopApply: (client, org) => client.applyWhenIdle({ params: { org }, body: {} }),
    restoreOrganization: (client, org) => client.deleteOrganization({ params: { org }, query: { confirm: org } }),
    deleteRates: async (client, org) => {
      const [trunk] = (await client.listTrunks({ params: { org } })).items;
      const body = { currency: 'EUR', csv: 'prefix,price_per_minute\n44,0.01' };
      await client.importRates({ params: { org, trunk: trunk!.id }, body });
    },
    unsuspendDevice: async (client, org) => {
      const [device] = (await client.listDevices({ params: { org } })).items;
      await client.suspendDevice({ params: { username: device!.username }, body: { calls: 'keep' } });
    },
    unsuspendExtension: (client, org) =>
      client.suspendExtension({ params: { org, extension: '101' }, body: { calls: 'keep' } }),
    unsuspendOrganization: (client, org) => client.suspendOrganization({ params: { org }, body: { calls: 'keep' } }),
    createTrunk: async (client, org) => {
      const [trunk] = (await client.listTrunks({ params: { org } })).items;
      await client.updateTrunk({ params: { org, trunk: trunk!.id }, body: { isOutbound: false } });
    },
  };
  const query: Record<string, (org: string) => Record<string, string>> = {
    deleteOrganization: (org) => ({ confirm: org }),
  };
  /** Something of the protection's that can be taken away. */
  const guarded = (id: string): Record<string, string[]> => {
    if (id === 'disallowNetwork') return { network: [protection.allow('198.51.100.0/24', null)!.network] };
    if (id === 'removeHoneypot') {
      protection.addHoneypot('trap');
      return { username: ['trap'] };
    }
    if (id !== 'liftBan') return {};
    const ban = protection.banByHand({ kind: 'account', subject: 'somebody', service: 'sip' }, null, null);
    return { ban: [(ban as { id: string }).id] };
  };
  /** Changes nothing; and a mark on a message, which phones make all day. */
  const UNAUDITED = ['testMail', 'testAlerts', 'updateVoicemailMessage'];
  const changing = everyRoute.filter(
    // What persons do for themselves is proven with persons: `persons.db.test.ts`.
    ([id, route]) => route.method !== 'GET' && !/^(open|self)$/.test(route.scope) && !UNAUDITED.includes(id),
  );
  test.each(changing.map(([id, route], i) => [id, route, i] as const))(
    '%s leaves its entry in the audit log',
    async (id, route, i) => {
      const org = `audited-${i}`;
      const { values } = await organization(org);
      const client = clientOf(operator);
      const call = liveCallOf(values.org[1]!);
      live.calls.push(call);
      const mail = await installation.stores.asOperator(({ jobs }) =>
        jobs.add({ kind: MAIL_JOB, organizationId: null, payload: { to: ['a@b.example'], subject: 's', text: 't' } }),
      );
      // Something waits in the draft, so that publishing and dropping it have an effect.
      await client.updateExtension({ params: { org, extension: '102' }, body: { name: 'Waiting' } });
      await prepared[id]?.(client, org);
      const example = (route.body && (z.globalRegistry.get(route.body)?.examples as object[] | undefined))?.[0];
      const answer = await app.inject({
        method: route.method,
        url: `${urlOf(route, { ...values, call: [call.id], mail: [mail], ...guarded(id) })}?${new URLSearchParams(query[id]?.(org))}`,
        headers: bearer(operator),
        ...(route.body ? { payload: effective[id] ?? example ?? {} } : {}),
        ...soundFor(route, operator),
      });
      expect([answer.statusCode, answer.statusCode === route.responses.status ? '' : answer.body]).toEqual([
        route.responses.status,
        '',
      ]);
      const { items } = await client.listInstallationAudit({ query: { limit: 200 } });
      const entry = items.find((e) => e.author.requestId === answer.headers['x-request-id']);
      expect(entry, 'nothing that it changed is told to the audit log').toMatchObject({
        author: { kind: 'operator', name: 'test', address: '127.0.0.1', operation: id },
      });
    },
  );

  test.each(everyRoute.map(([id, route], i) => [id, route, i] as const))(
    '%s: whatever is sent, no 5xx',
    async (_id, route, i) => {
      const { values } = await organization(`fuzz-${i}`);
      await fuzz(route, { app, token: operator, log, values, runs: 20 });
    },
  );
});
