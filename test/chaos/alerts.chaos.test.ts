/** What the operator is told when something dies. */
import { createServer, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterEach } from 'vitest';
import { type MailServer, mailServer } from '../kit/mail-server.ts';
import { eventually } from '../phones/index.ts';
import { expect, machine, measured, system, systemIsReady, test } from './chaos.ts';

interface Told {
  type: string;
  data: { kind: string; id: string };
}

let mails: MailServer | undefined;
let hook: Server | undefined;
afterEach(async () => {
  await system.api.updateAlertSettings({ body: { webhookUrl: null, mailTo: [] } });
  await system.api.removeMailServer();
  await mails?.close();
  hook?.closeAllConnections();
  hook?.close();
});

/** A mail server and a webhook of the operator's; what the webhook was told, each signature checked. */
async function listening(): Promise<Told[]> {
  mails = await mailServer();
  const told: Told[] = [];
  let secret = '';
  hook = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      told.push(new Webhook(secret).verify(body, request.headers as Record<string, string>) as Told);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hook!.listen(0, '127.0.0.1', resolve));
  const { port } = hook.address() as { port: number };
  await system.api.setMailServer({
    body: { host: '127.0.0.1', port: mails.port, security: 'none', fromAddress: 'pbx@example.com' },
  });
  const set = await system.api.updateAlertSettings({
    body: { mailTo: ['operator@example.com'], webhookUrl: `http://127.0.0.1:${port}/`, isPrivateAllowed: true },
  });
  secret = set.webhookSecret!;
  expect(await system.api.testAlerts()).toEqual({
    items: [
      { channel: 'mail', isSent: true, reason: null },
      { channel: 'webhook', isSent: true, reason: null },
    ],
  });
  told.length = 0;
  mails.received.length = 0;
  return told;
}

const subjects = (): string[] => mails!.received.map(({ raw }) => /^Subject: (.*)$/m.exec(raw)?.[1]?.trim() ?? '');

test('the engine dies: webhook and mail say so once, and once more when it is back', async () => {
  const told = await listening();
  const since = Date.now();
  machine.kill('engine');
  await eventually(() => (told.length > 0 && mails!.received.length > 0 ? true : undefined), {
    within: 15_000,
    reason: () => `told: ${JSON.stringify(told)}; mails: ${subjects().join(', ')}`,
  });
  measured('told that the engine died', Date.now() - since);
  await systemIsReady();
  await eventually(() => (told.length > 1 && mails!.received.length > 1 ? true : undefined), {
    within: 15_000,
    reason: () => `told: ${JSON.stringify(told)}; mails: ${subjects().join(', ')}`,
  });
  expect(told.map(({ type, data }) => `${type} ${data.kind}`)).toEqual([
    'alert.raised engine-down',
    'alert.resolved engine-down',
  ]);
  expect(subjects()).toEqual(['[LittlePBX] The call engine is away', '[LittlePBX] Resolved: The call engine is away']);
  const { items } = await system.api.listAlerts();
  expect(items.find(({ id }) => id === told[0]!.data.id)).toMatchObject({
    kind: 'engine-down',
    resolvedAt: expect.any(Number),
  });
});

test('the brain dies: the next one says so once; an orderly restart says nothing', async () => {
  const told = await listening();
  const pid = machine.pid('brain')!;
  machine.kill('brain');
  await machine.isReplaced('brain', pid, 10_000);
  await eventually(() => (told.length > 0 && mails!.received.length > 0 ? true : undefined), {
    within: 20_000,
    reason: () => `told: ${JSON.stringify(told)}; mails: ${subjects().join(', ')}`,
  });
  await systemIsReady();
  expect(told.map(({ type, data }) => `${type} ${data.kind}`)).toEqual(['alert.raised brain-restarted']);
  expect(subjects()).toEqual(['[LittlePBX] The call logic died and was started again']);
});

test('the database is away: the operator is told all the same', async () => {
  const told = await listening();
  machine.freeze('db');
  await eventually(() => (told.length > 0 && mails!.received.length > 0 ? true : undefined), {
    within: 20_000,
    reason: () => `told: ${JSON.stringify(told)}; mails: ${subjects().join(', ')}`,
  });
  machine.thaw();
  await systemIsReady();
  await eventually(() => (told.length > 1 && mails!.received.length > 1 ? true : undefined), {
    within: 15_000,
    reason: () => `told: ${JSON.stringify(told)}; mails: ${subjects().join(', ')}`,
  });
  expect(told.map(({ type, data }) => `${type} ${data.kind}`)).toEqual([
    'alert.raised database-down',
    'alert.resolved database-down',
  ]);
});
