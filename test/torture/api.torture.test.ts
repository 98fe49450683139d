/**
 * The API of the running system, from its own schemas: every route, as operator, as admin, as another organization's admin, as
 * nobody; valid shapes and broken ones. No fault, no answer beyond the schema, and nothing of the other organization changes.
 */
import { type Problem, problem, type Route, refusalsOf, routes } from '@littlepbx/contract';
import { requests, type World } from '@littlepbx/contract/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pidOf } from '../kit/footprint.ts';
import type { Office } from '../kit/office.ts';
import { Town } from '../kit/town.ts';
import { SEED, system } from './torture.ts';

/** Of each route. A count of messages asks for all of it. */
const RUNS = process.env.LITTLEPBX_TEST_COUNT
  ? Math.max(8, Math.round(Number(process.env.LITTLEPBX_TEST_COUNT) / 500))
  : 12;

interface Tenant {
  office: Office;
  key: string;
  values: World;
}

const town = new Town(system);
let ours: Tenant;
let theirs: Tenant;
let theirState: string;
let brain: number;
/** Of Ofcom's numbers for fiction, those of Manchester. */
let fictional = 0;

const everyRoute = Object.entries<Route>(routes);
/** Says to whom the installation belongs; what it does is no organization's. */
const isOfOrganization = (route: Route): boolean => route.path.startsWith('/organizations/{org}');

beforeAll(async () => {
  brain = pidOf(system, 'brain');
  [ours, theirs] = await Promise.all([settle(), settle()]);
  theirState = await everythingOf(theirs);
});
afterAll(async () => {
  for (const { office } of [ours, theirs]) {
    // A mutation may have renamed it, or deleted it.
    const org = await system.api.getOrganization({ params: { org: office.id } }).catch(() => null);
    if (!org) continue;
    await system.api.deleteOrganization({
      params: { org: office.id },
      query: { confirm: org.slug, calls: 'end', erase: 'now' },
    });
  }
});

async function settle(): Promise<Tenant> {
  const office = await town.office();
  const { api, params } = office;
  for (const number of ['101', '102']) await office.extension(number);
  const device = await office.device('101');
  // Numbers of its own: when a mutation deletes the organization, they stay taken for as long as it can be restored.
  fictional += 1;
  const number = `+44161496000${fictional}`;
  await api.assignNumber({ params, body: { number, extension: '101' } });
  const trunk = await api.createTrunk({ params, body: { name: 'Carrier', host: '127.99.0.1', isOutbound: false } });
  await office.apply();
  const key = await api.createKey({ params, body: { name: 'Admin' } });
  return {
    office,
    key: key.token,
    values: {
      org: [office.slug, office.id],
      extension: ['101', '102'],
      username: [device.username],
      number: [number],
      trunk: [trunk.id],
      revision: ['1', '2'],
      call: ['01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10'],
      key: [key.id],
    },
  };
}

/** All that the operator can read of an organization. */
async function everythingOf({ office, values }: Tenant): Promise<string> {
  const texts: string[] = [];
  for (const [id, route] of everyRoute) {
    if (route.method !== 'GET' || !isOfOrganization(route)) continue;
    // Who asked, and when, is in the audit log; a key says when it was used last, an export when it was made.
    if (/audit|keys|export/i.test(route.path)) continue;
    const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name]?.[0] ?? 'none'));
    const answer = await system.request('GET', path.replace('{org}', office.slug), system.operatorKey);
    const text = (await answer.text()).replace(/"requestId":"[^"]*"/g, '');
    texts.push(`${id} ${answer.status} ${id === 'getUsage' ? withoutTime(text) : text}`);
  }
  return texts.join('\n');
}

/** What was used in this hour and on this day, without which hour that is: a new one may begin meanwhile. */
function withoutTime(usage: string): string {
  const { hour, day, callsInProgress, extensions, alerts } = JSON.parse(usage);
  const used = [hour, day].map(({ calls, duration, cost }) => ({ calls, duration, cost }));
  return JSON.stringify({ used, callsInProgress, extensions, alerts });
}

/** As many as are there: values of both organizations, so that the one reaches for what is the other's. */
const mixed = (): World =>
  Object.fromEntries(
    Object.keys(ours.values).map((name) => [
      name,
      [...ours.values[name]!, ...ours.values[name]!, ...theirs.values[name]!],
    ]),
  );

test.each(everyRoute)('%s', async (id, route) => {
  const exists = await system.request('GET', `/organizations/${ours.office.id}/extensions/101`, system.operatorKey);
  if (exists.status !== 200) ours = await settle();
  const accepted = [route.responses.status, route.responses.alsoStatus];
  const refusals = [...refusalsOf(route)];
  // What is the installation's own is not for a blind operator: a ban or a mail server would be set in earnest.
  const senders = isOfOrganization(route)
    ? ['admin', 'admin', 'operator', 'nobody', 'broken']
    : ['admin', 'nobody', 'broken'];
  await fc.assert(
    fc.asyncProperty(requests(route, mixed()), fc.constantFrom(...senders), async ({ params, query, body }, sender) => {
      const given = params as Record<string, string>;
      // The operator may do all; with the other's values it would.
      const isOther = [...theirs.values.org!].includes(given.org ?? '');
      if (sender === 'operator' && isOther) return;
      const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(given[name]?.toWellFormed() ?? ''),
      );
      const pairs = typeof query === 'object' && query !== null ? Object.entries(query) : [];
      const search = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
      const token = { admin: ours.key, operator: system.operatorKey, nobody: null, broken: `lpbx_${'x'.repeat(40)}` }[
        sender
      ];
      const answer = await system.request(route.method, `${path}?${search}`, token ?? null, body);
      const text = await answer.text();
      const told = `${sender} ${route.method} ${path}?${search} ${JSON.stringify(body)} -> ${answer.status} ${text.slice(0, 500)}`;
      if (route.scope !== 'open' && (sender === 'nobody' || sender === 'broken')) {
        expect([400, 401, 404, 413, 415, 429].includes(answer.status), told).toBe(true);
      }
      if (sender === 'admin' && isOther) expect(answer.status, told).toBeGreaterThanOrEqual(400);
      if (answer.status < 400 || answer.status === route.responses.alsoStatus) {
        expect(accepted, told).toContain(answer.status);
        if (answer.headers.get('content-type')?.startsWith('application/json')) {
          route.responses.body?.parse(JSON.parse(text));
        }
        return;
      }
      const refusal: Problem = problem.parse(JSON.parse(text));
      expect(refusal.status, told).toBe(answer.status);
      expect(refusals, told).toContain(refusal.id);
      expect(answer.status, told).toBeLessThan(500);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  if (route.method !== 'GET') {
    expect(await everythingOf(theirs), `${id} changed something of the other organization`).toBe(theirState);
  }
  expect(pidOf(system, 'brain')).toBe(brain);
});

const body = async (content: string | Buffer, type = 'application/json'): Promise<Response> =>
  fetch(`${system.installation.web}/api/v1/organizations/${ours.office.slug}/extensions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ours.key}`, 'content-type': type },
    body: typeof content === 'string' ? content : new Uint8Array(content),
    signal: AbortSignal.timeout(20_000),
  });

const BODIES: [what: string, content: string | Buffer, status: number[]][] = [
  ['a body of 2 MB', JSON.stringify({ number: '201', name: 'x'.repeat(2_000_000) }), [413]],
  ['half a JSON text', '{"number":"201","name":', [400]],
  ['no JSON at all', '\0\0\0', [400]],
  ['nothing', '', [400]],
  ['bytes that are no UTF-8', Buffer.from('{"number":"201","name":"\xff\xfe"}', 'latin1'), [201, 400]],
  ['a lone surrogate', '{"number":"202","name":"\\ud800"}', [400]],
  ['a name with NUL', '{"number":"203","name":"a\\u0000b"}', [400]],
  ['brackets 20,000 deep', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, [400]],
  ['__proto__', '{"__proto__":{"isOperator":true},"number":"204","name":"P"}', [400]],
  ['constructor.prototype', '{"constructor":{"prototype":{"isOperator":true}},"number":"205","name":"P"}', [400]],
  ['numbers beyond all', '{"number":1e999,"name":-1e999}', [400]],
  ['a list', '[]', [400]],
  ['null', 'null', [400]],
];

test.each(BODIES)('%s is refused, and said so', async (_what, content, statuses) => {
  const answer = await body(content);
  const text = await answer.text();
  expect(statuses, text).toContain(answer.status);
  if (answer.status >= 400) expect(problem.parse(JSON.parse(text)).status).toBe(answer.status);
  expect(({} as { isOperator?: boolean }).isOperator).toBeUndefined();
  expect(pidOf(system, 'brain')).toBe(brain);
});

test('other kinds of body are refused', async () => {
  for (const type of [
    'text/xml',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'x'.repeat(5000),
  ]) {
    expect([400, 415], type.slice(0, 40)).toContain((await body('{}', type)).status);
  }
});
