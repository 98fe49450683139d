import { expect, test } from 'vitest';
import { z } from 'zod';
import { ApiProblem, createClient } from './client.ts';
import { exampleAnswer, exampleRequests } from './examples.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

const everyRoute = Object.entries<Route>(routes);

test('no two routes share a method and path', () => {
  const names = everyRoute.map(([, r]) => `${r.method} ${r.path}`);
  expect(new Set(names).size).toBe(names.length);
});

test.each(everyRoute)('%s: its path names its parameters', (_id, route) => {
  const named = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  expect(Object.keys(route.params?.shape ?? {})).toEqual(named);
});

test.each(everyRoute.filter(([, r]) => r.body))('%s: the examples of its body are accepted', (_id, route) => {
  const examples = (z.globalRegistry.get(route.body as z.ZodType)?.examples ?? []) as unknown[];
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) route.body?.parse(example);
});

test.each(everyRoute)('%s: it has an example of all that must be sent, and of its answer', (id, route) => {
  for (const { params, query, body } of exampleRequests(route)) {
    route.params?.parse(params);
    route.query?.parse(query);
    expect(body === undefined).toBe(route.body === undefined);
  }
  const { body, media } = route.responses;
  if (!body || media) expect(exampleAnswer(id)).toBeUndefined();
  else body.parse(exampleAnswer(id));
});

test.each([
  ['a line break in a name', routes.createExtension.body, { number: '101', name: 'A\r\nVia: x' }],
  ['half a character in a name', routes.createExtension.body, { number: '101', name: '\ud800' }],
  ['a header in a host', routes.createTrunk.body, { name: 'A', host: 'a;x=y' }],
  ['a whole internet of carriers', routes.createTrunk.body, { name: 'A', host: 'a', addresses: ['0.0.0.0/0'] }],
  ['a member that nobody knows', routes.createDevice.body, { extension: '101', password: 'mine' }],
])('%s is refused', (_what, schema, body) => {
  expect(schema.safeParse(body).success).toBe(false);
});

test('a name may be in any script', () => {
  for (const name of ['Ольга', '山田 太郎', "O'Brien", 'نادية', '👩‍💼']) {
    expect(routes.createExtension.body.parse({ number: '101', name }).name).toBe(name);
  }
});

test('the client writes the address, the key and the body, and reads refusals', async () => {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  const answers = [
    Response.json({ items: [], nextCursor: null }),
    new Response(
      JSON.stringify({ id: 'invalid', status: 400, detail: 'no', fields: [{ field: 'name', reason: 'is required' }] }),
      { status: 400, headers: { 'content-type': 'application/problem+json' } },
    ),
    new Response('<html>', { status: 502 }),
  ];
  const client = createClient({
    baseUrl: 'http://pbx.test',
    token: 'lpbx_x',
    fetch: async (url, init) => {
      asked.push({ url: String(url), init });
      return answers.shift() ?? Response.error();
    },
  });
  await client.listCalls({ params: { org: 'a/b' }, query: { limit: 5, result: 'busy' } });
  expect(asked[0]?.url).toBe('http://pbx.test/api/v1/organizations/a%2Fb/calls?limit=5&result=busy');
  expect(asked[0]?.init?.headers).toMatchObject({ authorization: 'Bearer lpbx_x' });

  const refusal = client.createExtension({ params: { org: 'acme' }, body: { number: '101', name: 'A' } });
  await expect(refusal).rejects.toBeInstanceOf(ApiProblem);
  await expect(refusal).rejects.toMatchObject({ id: 'invalid', fields: [{ field: 'name', reason: 'is required' }] });
  expect(asked[1]?.init?.body).toBe('{"number":"101","name":"A"}');

  await expect(client.live()).rejects.toMatchObject({ id: 'unexpected', status: 502 });
});

test.each(['', '.', '..'])('a name that would lead to another address is not sent: "%s"', async (trunk) => {
  let sent = 0;
  const fetch = async () => {
    sent++;
    return new Response(null, { status: 204 });
  };
  const client = createClient({ baseUrl: 'http://pbx.test', token: 'lpbx_x', fetch });
  await expect(client.deleteTrunk({ params: { org: 'acme', trunk } })).rejects.toMatchObject({
    id: 'invalid',
    fields: [{ field: 'trunk', reason: expect.any(String) }],
  });
  expect(sent).toBe(0);
});
