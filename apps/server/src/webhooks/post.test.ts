import { createServer, type Server } from 'node:http';
import { isPublic, WebhookReach } from '@littlepbx/core/webhooks/reach';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { sentBy } from '../alerts/channels.ts';
import { postWebhook, signature, type WebhookCall } from './post.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Seen {
  headers: Record<string, string>;
  body: string;
}

async function listen(answer: (seen: Seen) => { status: number; location?: string } | null) {
  const seen: Seen[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      const one = { headers: request.headers as Record<string, string>, body };
      seen.push(one);
      const result = answer(one);
      if (result) response.writeHead(result.status, result.location ? { location: result.location } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return { seen, url: `http://127.0.0.1:${(server.address() as { port: number }).port}/hook` };
}

const secret = `whsec_${btoa('a-secret-of-thirty-two-characters')}`;
const call = (url: string, more: Partial<WebhookCall> = {}): WebhookCall => ({
  url,
  secrets: [secret],
  id: 'msg_1',
  body: '{"type":"alert.raised"}',
  mayReach: () => true,
  ...more,
});

test('is signed so that the other side’s library takes it, and not when anything was changed', async () => {
  const { seen, url } = await listen(() => ({ status: 204 }));
  expect(await postWebhook(call(url))).toMatchObject({ status: 204 });
  const [{ headers, body }] = seen as [Seen];
  expect(new Webhook(secret).verify(body, headers)).toEqual({ type: 'alert.raised' });
  expect(() => new Webhook(secret).verify(body.replace('raised', 'resolved'), headers)).toThrow();
});

test('signs as the specification’s own example', () => {
  const [id, at] = ['msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330];
  expect(signature('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', id, at, '{"test": 2432232314}')).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test('while a secret is replaced, whoever has either can verify', async () => {
  const { seen, url } = await listen(() => ({ status: 204 }));
  const next = `whsec_${btoa('another-secret-of-some-characters')}`;
  await postWebhook(call(url, { secrets: [next, secret] }));
  const [{ headers, body }] = seen as [Seen];
  for (const one of [next, secret]) expect(new Webhook(one).verify(body, headers)).toBeTruthy();
});

test('goes nowhere private unless that is allowed: by address, by name, by redirect', async () => {
  const { seen, url } = await listen(() => ({ status: 302, location: 'http://127.0.0.1:1/' }));
  const { port } = new URL(url);
  for (const mayReach of [isPublic, new WebhookReach([]).has, new WebhookReach(['10.0.0.0/8']).has]) {
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0.0.0.0']) {
      const outcome = await postWebhook(call(`http://${host}:${port}/`, { mayReach }));
      expect(outcome, host).toMatchObject({ fault: 'address-refused', reason: expect.stringContaining('private') });
      expect(sentBy(outcome).kind).toBe('never');
    }
  }
  expect(seen).toEqual([]);
  expect(await postWebhook(call(url, { mayReach: new WebhookReach(['127.0.0.0/8']).has }))).toMatchObject({
    status: 302,
  });
  expect(seen).toHaveLength(1);
});

test('a server that fails, is silent, sends without end, or wants no more', async () => {
  let status: number | null = 500;
  const { url } = await listen(() => (status === null ? null : { status }));
  expect(sentBy(await postWebhook(call(url)))).toEqual({ kind: 'later', reason: 'answered 500' });
  status = 410;
  expect(sentBy(await postWebhook(call(url)))).toMatchObject({ kind: 'never' });
  status = null;
  const silent = await postWebhook(call(url, { timeout: 200 }));
  expect(silent).toMatchObject({ fault: 'no-answer' });
  expect(sentBy(silent)).toMatchObject({ kind: 'later' });
  expect(await postWebhook(call('http://127.0.0.1:1/'))).toMatchObject({ fault: 'unreachable' });
  expect(await postWebhook(call('http://nobody.invalid/'))).toMatchObject({ fault: 'name-unknown' });
  server!.removeAllListeners('request').on('request', (_request, response) => {
    const more = () => response.write('x'.repeat(1000)) && setImmediate(more);
    response.on('error', () => {}).on('drain', more);
    more();
  });
  const endless = await postWebhook(call(url));
  expect(endless).toEqual({ status: 200, answer: 'x'.repeat(4096) });
});

test('an address is refused when it is typed, as far as it can be known', () => {
  const why = (url: string, networks: string[] = []) => new WebhookReach(networks).refusalOf(new URL(url));
  expect(why('https://example.com/hook')).toBeNull();
  expect(why('https://93.184.215.14/')).toBeNull();
  expect(why('http://example.com/')).toContain('https');
  expect(why('http://93.184.215.14/', ['10.0.0.0/8'])).toContain('https');
  expect(why('https://10.1.2.3/')).toContain('private');
  expect(why('https://[::1]/')).toContain('private');
  expect(why('https://a:b@example.com/')).toContain('password');
  expect(why('http://10.1.2.3/', ['10.0.0.0/8'])).toBeNull();
  // Where its name leads is seen when it is called.
  expect(why('http://crm.example.com/', ['10.0.0.0/8'])).toBeNull();
});

test('knows what is public', () => {
  for (const address of ['1.1.1.1', '93.184.215.14', '2606:4700::1111', '172.15.0.1', '172.32.0.1']) {
    expect(isPublic(address), address).toBe(true);
  }
  const closed = [
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
  ];
  for (const address of [
    ...closed,
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:a00::1',
    'x',
  ]) {
    expect(isPublic(address), address).toBe(false);
  }
});
