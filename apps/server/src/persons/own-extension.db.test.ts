/** Who is bound to one extension: what such a person may ask, over the whole route table, and what comes of it. */
import { BASE_PATH, exampleRequests, type OperationId, type Route } from '@littlepbx/contract';
import { createClient } from '@littlepbx/contract/client';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertCalls } from '../../../../packages/data/src/stores/calls.ts';
import { insertFiles } from '../../../../packages/data/src/stores/files.ts';
import { soundFile } from '../../../../packages/data/src/testing/files.ts';
import {
  createTestInstallation,
  quickSecrets,
  refusal,
  type TestInstallation,
  value,
} from '../../../../packages/data/src/testing/installation.ts';
import { systemClock } from '../clock.ts';
import { EventHub } from '../events/hub.ts';
import { createHttp } from '../http/app.ts';
import { BuiltPage } from '../http/page.ts';
import { fakeLive, liveCallOf, pastCallOf } from '../http/testing/fake-live.ts';
import { fakeProtection } from '../http/testing/fake-protection.ts';
import { type Settled, settle } from '../http/testing/settled.ts';
import { everyRoute, soundFor, urlOf } from '../http/testing/world.ts';
import { createLogins } from './logins.ts';

/** All that a user may ask; each for the own extension alone. Adding to it is a decision. */
const OWN: OperationId[] = [
  ...(['listExtensions', 'getExtension', 'updateExtension', 'listColleagues'] as const),
  ...(['listDevices', 'getDevice', 'updateDevice', 'resetDevicePassword'] as const),
  ...(['listCalls', 'listLiveCalls', 'hangUpCall'] as const),
  ...(['listVoicemailBoxes', 'getVoicemailBox', 'updateVoicemailBox'] as const),
  ...(['listVoicemailMessages', 'getVoicemailMessage', 'downloadVoicemailMessage'] as const),
  ...(['updateVoicemailMessage', 'deleteVoicemailMessage'] as const),
  ...(['uploadFile', 'getFile', 'downloadFile', 'getLogo'] as const),
  // The one is empty for them, the other is of the installation: what machines can speak.
  ...(['listOrganizations', 'listLanguages'] as const),
];
/** Of these there is an answer without anybody's things. */
const LISTS = [
  'listExtensions',
  'listDevices',
  'listCalls',
  'listLiveCalls',
  'listVoicemailBoxes',
  'uploadFile',
  'getLogo',
  'listOrganizations',
  'listLanguages',
];
const PASSWORD = 'correct horse battery';

let t: TestInstallation;
let app: FastifyInstance;
/** Its extension 101 has a phone, a number, a message, a greeting, and talks with 102. */
let acme: Settled;
const live = fakeLive();
/** Cookies of the users of 101 and of 103. */
const cookies = new Map<string, string>();

beforeAll(async () => {
  t = await createTestInstallation();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const secret = { secrets: quickSecrets, masterKey: Buffer.alloc(32, 1) };
  app = createHttp({
    administration: t.administration,
    logins: createLogins({ db: t.db, stores: t.stores, ...secret, publicUrl: 'https://pbx.example.com', warn() {} }),
    ...{ live, log, protection: fakeProtection(), events: new EventHub(systemClock) },
    sounds: { open: async () => null },
    page: new BuiltPage('/nowhere'),
    settings: { sip: { host: 'pbx.example.com', port: 5060, tlsPort: 5061 } },
    alerts: { list: () => [], settingsChanged: async () => {}, test: async () => [] },
    metrics: async () => '',
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const { token } = value(await t.administration.createKey(t.operator, null, { name: 'test' }));
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, token });
  const params = { org: 'acme' };
  const settled = await settle(t, client, 'acme');
  await client.createExtension({ params, body: { number: '103', name: 'Carol' } });
  await client.applyDraft({ params, body: {} });
  await client.setLogo({ params, image: new Blob([Buffer.from('89504e470d0a1a0a00', 'hex')]) });
  const { id: extensionId } = await client.getExtension({ params: { ...params, extension: '101' } });
  const greeting = soundFile(settled.id, { kind: 'greeting', details: { extensionId } });
  await t.db.asOperator((trx) => insertFiles(trx, [greeting]));
  const call = liveCallOf(settled.id);
  live.calls = [call];
  await t.db.asOperator((trx) => insertCalls(trx, [{ cdr: pastCallOf(call), trace: [] }]));
  acme = { ...settled, values: { ...settled.values, call: [call.id], file: [greeting.id] } };
  for (const extension of ['101', '103']) {
    const email = `user-of-${extension}@example.com`;
    const memberships = [{ org: 'acme', role: 'user' as const, extension }];
    value(await t.administration.createUser(t.operator, { email, name: extension, memberships, password: PASSWORD }));
    const payload = { email, password: PASSWORD };
    const answer = await app.inject({ method: 'POST', url: `${BASE_PATH}/login`, payload, headers: ORIGIN });
    cookies.set(extension, String(answer.headers['set-cookie']).split(';')[0]!);
  }
});
afterAll(async () => {
  await app?.close();
  await t?.close();
});

const ORIGIN = { host: 'pbx.example.com', origin: 'http://pbx.example.com' };

async function ask(extension: string, id: string, route: Route) {
  const [{ body, query }] = exampleRequests(route);
  const sound =
    id === 'uploadFile' ? { ...soundFor(route, ''), query: { kind: 'greeting', name: 'Hello' } } : soundFor(route, '');
  const search = new URLSearchParams(
    Object.entries({ ...query, ...sound.query }).map(([name, v]): [string, string] => [name, String(v)]),
  );
  const answer = await app.inject({
    method: route.method,
    url: `${urlOf(route, acme.values)}?${search}`,
    ...(body ? { payload: CHANGES[id] ?? body } : {}),
    ...(sound.payload ? { payload: sound.payload } : {}),
    headers: {
      ...ORIGIN,
      cookie: cookies.get(extension)!,
      ...(sound.headers ? { 'content-type': sound.headers['content-type'] } : {}),
    },
  });
  return { status: answer.statusCode, text: answer.body };
}
/** Where the example of the contract is not a user's to change. */
const CHANGES: Record<string, object> = {
  updateExtension: { forwardNoAnswer: '102' },
  updateVoicemailBox: { email: 'alice@example.com' },
};

const guarded = everyRoute.filter(([, route]) => route.scope !== 'open' && route.scope !== 'self');

test.each(guarded)('%s: of what is somebody else’s in the same office a user gets nothing', async (id, route) => {
  const { status, text } = await ask('103', id, route);
  if (!OWN.includes(id)) expect([403, 404]).toContain(status);
  else if (id === 'listColleagues') {
    // Of others their number and name, and nothing else.
    for (const one of JSON.parse(text).items) expect(Object.keys(one)).toEqual(['number', 'name']);
    expect(text).toContain('"101"');
  } else if (!LISTS.includes(id)) expect(status).toBe(404);
  else {
    expect([200, 201]).toContain(status);
    const { values, phone, number } = acme;
    for (const theirs of [...values.extension, phone.username, number, ...values.message, ...values.call]) {
      expect(text).not.toContain(`"${theirs}"`);
    }
  }
});

// What takes something away comes last.
const own = guarded
  .filter(([id]) => OWN.includes(id))
  .sort(([, a], [, b]) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'));
test.each(own)('%s: a user gets and changes what is of the own extension', async (id, route) => {
  const { status, text } = await ask('101', id, route);
  // There are no sounds on this disk.
  if (/^download/.test(id)) expect([status, text]).toEqual([404, expect.stringContaining('gone from the disk')]);
  else expect([status, text]).toEqual([route.responses.status, expect.anything()]);
});

test('a user’s forward is in effect at once, and what an admin has in the draft goes on waiting', async () => {
  const { administration } = t;
  const { id, admin } = await t.organization('now');
  for (const [number, name] of [
    ['101', 'Ann'],
    ['102', 'Bob'],
  ] as const) {
    value(await administration.createExtension(admin, id, { number, name }));
  }
  value(await administration.apply(admin, id));
  value(await administration.updateExtension(admin, id, '101', { ringTimeInS: 55 }));
  value(await administration.createExtension(admin, id, { number: '103', name: 'New' }));
  value(await administration.createDevice(admin, id, { extension: '103' }));
  value(await administration.applyWhenIdle(admin, id, {}));
  const ann = { ...admin, name: 'Ann', onlyExtension: value(await administration.getExtension(admin, id, '101')).id };
  expect(value(await administration.getExtension(ann, id, '101'))).toMatchObject({ ringTimeInS: 20 });

  const { length } = t.told;
  value(
    await administration.updateExtension(ann, id, '101', { forwardBusy: 'voicemail', expected: { forwardBusy: null } }),
  );
  expect(t.told.slice(length)).toEqual([`changed ${id}`]);
  const { content } = value(await administration.getRevision(admin, id, 2));
  expect(content.extensions).toMatchObject([
    { number: '101', forwardBusy: 'voicemail', ringTimeInS: 20 },
    { number: '102', forwardBusy: null },
  ]);
  const draft = value(await administration.getDraft(admin, id));
  expect(draft.waiting).not.toBeNull();
  expect(draft.changes).toMatchObject([
    { kind: 'changed', name: '101', before: { ringTimeInS: 20 }, after: { ringTimeInS: 55 } },
    { kind: 'added', name: '103' },
  ]);
  expect(draft.changes[0]?.after).not.toHaveProperty('forwardBusy');
  // It is the admin's, though the user touched the extension last.
  expect(draft.changes[0]?.changedBy).toMatchObject({ name: admin.name });
  // Of an extension that only the draft has the phone stays, too.
  expect(value(await administration.listDevices(admin, id, { limit: 9, cursor: null })).items).toHaveLength(1);

  const change = async (wish: object, to = '101') => refusal(await administration.updateExtension(ann, id, to, wish));
  expect(await change({ name: 'Boss' })).toBe('forbidden');
  expect(await change({ number: '100' })).toBe('forbidden');
  expect(await change({ forwardBusy: '999' })).toBe('invalid');
  expect(await change({ forwardBusy: '102', expected: { forwardBusy: null } })).toBe('stale');
  expect(await change({ ringTimeInS: 30 }, '102')).toBe('not-found');
  const { username } = value(await administration.createDevice(admin, id, { extension: '101' }));
  expect(value(await administration.updateDevice(ann, username, { name: 'Kitchen' })).name).toBe('Kitchen');
  expect(refusal(await administration.updateDevice(ann, username, { transport: 'tls' }))).toBe('forbidden');
  // What waits in the draft is nobody's colleague yet.
  expect(value(await administration.listColleagues(ann, id, { limit: 9, cursor: null })).items).toEqual([
    { number: '101', name: 'Ann' },
    { number: '102', name: 'Bob' },
  ]);
  value(await administration.updateExtension(ann, id, '101', { doNotDisturb: true }));
  expect(value(await administration.getRevision(admin, id, 3)).content.extensions[0]?.doNotDisturb).toBe(true);
  expect(value(await administration.getDraft(admin, id)).changes[0]?.after).not.toHaveProperty('doNotDisturb');
  // Nothing new is no revision.
  expect(await change({ forwardBusy: 'voicemail' })).toBe('ok');
  expect(value(await administration.getDraft(admin, id)).revision).toBe(3);
});

test('a user is bound when invited, to an extension that is there, and comes loose with another role', async () => {
  const { administration } = t;
  const { id, admin } = await t.organization('staff');
  const { id: extensionId } = value(await administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
  const invite = (extension?: string) =>
    administration.invite(admin, id, {
      ...{ email: 'ann@example.com', role: 'user', language: 'en' },
      ...(extension === undefined ? {} : { extension }),
    });
  expect([await invite(), await invite('999')].map(refusal)).toEqual(['invalid', 'invalid']);
  expect(value(await invite('101'))).toMatchObject({ role: 'user', extensionId });
  const memberships = [{ org: id, role: 'user' as const, extension: '101' }];
  const made = value(
    await administration.createUser(t.operator, { email: 'eve@example.com', name: 'Eve', memberships }),
  );
  const users = async () =>
    value(await administration.listOrganizationUsers(admin, id, { limit: 9, cursor: null })).items;
  expect(await users()).toMatchObject([{ role: 'user', extensionId, extension: '101' }]);
  expect(refusal(await administration.changeRole(admin, id, made.id, { role: 'viewer', extension: '101' }))).toBe(
    'invalid',
  );
  value(await administration.changeRole(admin, id, made.id, { role: 'viewer' }));
  expect(await users()).toMatchObject([{ role: 'viewer', extensionId: null, extension: null }]);
  const [entry] = value(
    await administration.listAudit(admin, id, { resource: 'user' }, { limit: 9, cursor: null }),
  ).items;
  expect(entry?.changes).toMatchObject({ extension: { before: '101', after: null } });
});
