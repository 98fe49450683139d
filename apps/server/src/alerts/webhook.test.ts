import { createServer, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { isPublic, postWebhook, type WebhookCall } from './webhook.ts';

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
  secret,
  id: 'msg_1',
  body: '{"type":"alert.raised"}',
  isPrivateAllowed: true,
  ...more,
});

test('is signed so that the other side’s library takes it, and not when anything was changed', async () => {
  const { seen, url } = await listen(() => ({ status: 204 }));
  expect(await postWebhook(call(url))).toEqual({ kind: 'done' });
  const [{ headers, body }] = seen as [Seen];
  expect(new Webhook(secret).verify(body, headers)).toEqual({ type: 'alert.raised' });
  expect(() => new Webhook(secret).verify(body.replace('raised', 'resolved'), headers)).toThrow();
});

test('goes nowhere private unless that is allowed: by address, by name, by redirect', async () => {
  const { seen, url } = await listen(() => ({ status: 302, location: 'http://127.0.0.1:1/' }));
  const { port } = new URL(url);
  const forbidden = { kind: 'never', reason: expect.stringContaining('private') };
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0.0.0.0']) {
    const outcome = await postWebhook(call(`http://${host}:${port}/`, { isPrivateAllowed: false }));
    expect(outcome, host).toEqual(forbidden);
  }
  expect(seen).toEqual([]);
  expect(await postWebhook(call(url))).toEqual({ kind: 'later', reason: 'answered 302' });
  expect(seen).toHaveLength(1);
});

test('a server that fails, is silent, or wants no more', async () => {
  let status: number | null = 500;
  const { url } = await listen(() => (status === null ? null : { status }));
  expect(await postWebhook(call(url))).toEqual({ kind: 'later', reason: 'answered 500' });
  status = 410;
  expect(await postWebhook(call(url))).toMatchObject({ kind: 'never' });
  status = null;
  expect(await postWebhook(call(url), 200)).toMatchObject({ kind: 'later' });
  expect(await postWebhook(call('http://127.0.0.1:1/'))).toMatchObject({ kind: 'later' });
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
