import { connect } from 'node:net';
import { problem } from '@littlepbx/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bearer, type TestWorld, testWorld } from './testing/world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.app.close());

const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  world.app.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: { ...bearer(world.operator), 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

describe('refusals', () => {
  test('validation names each field and its reason, and stores nothing', async () => {
    const before = world.administration.tenants.length;
    const answer = await post('/organizations', {
      slug: 'Not A Slug',
      country: 'gb',
      limits: { concurrentCalls: -1, callsPerSecond: 1, callsPerFortnight: 3 },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const body = problem.parse(answer.json());
    expect(body.id).toBe('invalid');
    expect(body.fields.map((f) => f.field).sort()).toEqual([
      'country',
      'limits.callsPerFortnight',
      'limits.concurrentCalls',
      'name',
      'slug',
    ]);
    expect(body.fields.find((f) => f.field === 'name')?.reason).toBe('is required');
    expect(world.administration.tenants).toHaveLength(before);
  });

  test.each([
    ['an unknown route', 404, 'not-found', () => world.app.inject({ url: '/api/v1/nothing', headers: bearer('x') })],
    ['a broken address', 400, 'malformed-request', () => world.app.inject({ url: '/api/v1/organizations/%' })],
    ['broken JSON', 400, 'malformed-request', () => post('/organizations', '{"slug":')],
    ['a poisoned prototype', 400, 'malformed-request', () => post('/organizations', '{"__proto__":{"x":1}}')],
    [
      'another media type',
      415,
      'unsupported-media-type',
      () => post('/organizations', 'a=1', { 'content-type': 'text/plain' }),
    ],
    [
      'a compressed body',
      415,
      'unsupported-media-type',
      () => post('/organizations', '{}', { 'content-encoding': 'gzip' }),
    ],
    ['a huge body', 413, 'too-large', () => post('/organizations', { slug: 'x'.repeat(70_000) })],
    [
      'a name that is taken',
      409,
      'slug-taken',
      () => post('/organizations', { slug: 'acme', name: 'A', country: 'GB' }),
    ],
    [
      'a call that is not there',
      404,
      'not-found',
      () => post('/organizations/acme/live-calls/none/recording', { action: 'stop' }),
    ],
  ] as const)('%s is %d %s', async (_what, status, id, ask) => {
    const answer = await ask();
    expect(problem.parse(answer.json())).toMatchObject({ status, id, type: `urn:littlepbx:problem:${id}` });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['x-request-id']).toBe(answer.json<{ requestId: string }>().requestId);
  });

  test('another method says which there are, and OPTIONS asks for them', async () => {
    const url = '/api/v1/organizations/acme/extensions';
    const answer = await world.app.inject({ method: 'PUT', url, headers: bearer(world.acme) });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
    expect(problem.parse(answer.json()).id).toBe('method-not-allowed');
    const options = await world.app.inject({ method: 'OPTIONS', url: '/api/v1/me/' });
    expect([options.statusCode, options.headers.allow, options.body]).toEqual([204, 'GET, HEAD, PATCH, OPTIONS', '']);
    expect((await world.app.inject({ method: 'OPTIONS', url: '/api/v1/nothing' })).statusCode).toBe(404);
  });

  const get = (url: string) => world.app.inject({ url: `/api/v1/organizations/${url}`, headers: bearer(world.acme) });
  const webhook = (url: string) => () => post('/organizations/acme/webhooks', { url, events: ['call-ended'] });
  const extension = (more: object) => () =>
    post('/organizations/acme/extensions', { number: '199', name: 'A', ...more });
  test.each<[string, () => ReturnType<typeof post>, string]>([
    ['an empty name', extension({ name: ' ' }), 'name: must not be empty'],
    ['a long name', extension({ name: 'x'.repeat(101) }), 'name: must be at most 100 characters'],
    ['no number', extension({ number: 7 }), 'number: must be text'],
    ['half a second', extension({ ringTimeInS: 0.5 }), 'ringTimeInS: must be a whole number'],
    ['no search', () => get('acme/calls?search='), 'search: must not be empty'],
    ['a sign that nobody sees', () => get('%00/calls'), 'org: must not contain control characters'],
    [
      'a time beyond all',
      () => get('acme/calls?since=99999999999999999'),
      'since: must be milliseconds since the epoch',
    ],
    ['the end before the beginning', () => get('acme/calls?since=5&until=3'), 'until: must not be before `since`'],
    ['a name in a hook', webhook('https://me:pw@example.com/'), 'url: must hold no name and password'],
    ['a port of a hook', webhook('https://example.com:99999/'), 'url: must be a port from 1 to 65535'],
    ['a hook in Russian', webhook('https://пример.рф/'), 'url: must have its host name in Latin letters (xn--…)'],
    ['a place in a hook', webhook('https://example.com/#a'), 'url: must not contain #'],
    ['a space in a hook', webhook('https://example.com/a b'), 'url: must have other signs written as %20'],
    ['no hook', webhook('example.com'), 'url: must be an http or https address'],
  ])('%s is named once, in words for people', async (_what, ask, detail) => {
    const answer = await ask();
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { id: 'invalid', detail }]);
  });

  test('what cannot be read is told by what is wrong with it', async () => {
    const detailOf = async (asked: ReturnType<typeof post>) => problem.parse((await asked).json()).detail;
    expect(await detailOf(get('%ff/extensions'))).toMatch(/^The address cannot be read/);
    expect(await detailOf(post('/organizations', '{'))).toBe('The body cannot be read; it must be JSON.');
    const text = { 'content-type': 'text/plain' };
    expect(await detailOf(post('/organizations/acme/files', 'a', text))).toBe(
      'Send the file itself as the body, as audio/*.',
    );
    expect(await detailOf(post('/organizations', 'a', text))).toBe('Send the body as application/json.');
  });

  test('an absent database is 503 with a time to wait', async () => {
    world.administration.fault = Object.assign(new Error('x'), { id: 'database-unavailable' });
    const answer = await post('/organizations', { slug: 'new', name: 'New', country: 'GB' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.json()).toMatchObject({ id: 'database-unavailable' });
  });

  test('a fault of ours says nothing about our inside, and the log names the request', async () => {
    world.administration.fault = new Error('relation "secret_table" does not exist');
    const answer = await post('/organizations', { slug: 'new', name: 'New', country: 'GB' });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret_table');
    const { requestId } = problem.parse(answer.json());
    expect(world.log.join('\n')).toContain('secret_table');
    expect(world.log.find((line) => line.includes('http-fault'))).toContain(requestId);
  });

  test('the engine away: lists still answer, verbs say 503, readiness says 503', async () => {
    world.live.isEngineAway = true;
    const list = await world.app.inject({ url: '/api/v1/organizations/acme/devices', headers: bearer(world.acme) });
    expect(list.json<{ items: { registration: unknown }[] }>().items[0]?.registration).toBeNull();
    const verb = await world.app.inject({
      method: 'DELETE',
      url: `/api/v1/organizations/acme/live-calls/${world.live.calls[0]?.id}`,
      headers: bearer(world.acme),
    });
    expect(verb.json()).toMatchObject({ status: 503, id: 'engine-unavailable' });
    const ready = await world.app.inject('/api/v1/health/ready');
    expect([ready.statusCode, ready.json()]).toEqual([503, { isReady: false, engine: false, database: true }]);
  });
});

describe('answers', () => {
  test('a password is shown once, uncached, and stands in no log', async () => {
    const answer = await post('/organizations/acme/devices', { extension: '101', transport: 'tls' });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toEqual({
      username: expect.any(String),
      password: 'made-for-a-test',
      server: 'pbx.example.com',
      port: 5061,
      transport: 'tls',
    });
    const list = await world.app.inject({ url: '/api/v1/organizations/acme/devices', headers: bearer(world.acme) });
    expect(list.body).not.toMatch(/password|digestMd5|digestSha256|must never leave/i);
    const log = world.log.join('\n');
    expect(log).toContain('http-request');
    for (const secret of [world.operator, world.acme, 'made-for-a-test', 'hush-carrier']) {
      expect(log).not.toContain(secret);
    }
  });

  test('every answer has its security headers', async () => {
    for (const url of ['/api/v1/health/live', '/api/docs', '/nothing', '/%']) {
      const { headers } = await world.app.inject(url);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    }
  });

  test('a POST without a body, or an empty JSON one, applies', async () => {
    for (const headers of [{}, { 'content-type': 'application/json' }]) {
      const answer = await world.app.inject({
        method: 'POST',
        url: '/api/v1/organizations/acme/apply',
        headers: { ...bearer(world.acme), ...headers },
      });
      expect(answer.statusCode).toBe(200);
    }
  });
});

test('bytes that are no HTTP get an answer and a closed connection', async () => {
  await world.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = world.app.server.address() as { port: number };
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write('REGISTER sip:x SIP/2.0\r\n\r\n'));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text)).on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(problem.parse(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''))).toMatchObject({ id: 'malformed-request' });
});
