/** What the operator is told when something dies. */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach } from 'vitest';
import { littlepbx } from '../kit/installation.ts';
import { type MailServer, mailServer } from '../kit/mail-server.ts';
import { eventually } from '../phones/index.ts';
import { formatWav } from '../phones/wav.ts';
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
    body: {
      mailTo: ['operator@example.com'],
      webhookUrl: `http://127.0.0.1:${port}/`,
      isPrivateAllowed: true,
      // A machine that is busy with other tests is not what these are about.
      muted: ['event-loop-late'],
    },
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
    within: 40_000,
    reason: () => `told: ${JSON.stringify(told)}; mails: ${subjects().join(', ')}`,
  });
  measured('told that the engine died', Date.now() - since);
  await systemIsReady();
  await eventually(() => (told.length > 1 && mails!.received.length > 1 ? true : undefined), {
    within: 40_000,
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
  await machine.isReplaced('brain', pid);
  await eventually(() => (told.length > 0 && mails!.received.length > 0 ? true : undefined), {
    within: 40_000,
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
    within: 40_000,
    reason: () => `told: ${JSON.stringify(told)}; mails: ${subjects().join(', ')}`,
  });
  machine.thaw();
  await systemIsReady();
  await eventually(() => (told.length > 1 && mails!.received.length > 1 ? true : undefined), {
    within: 40_000,
    reason: () => `told: ${JSON.stringify(told)}; mails: ${subjects().join(', ')}`,
  });
  expect(told.map(({ type, data }) => `${type} ${data.kind}`)).toEqual([
    'alert.raised database-down',
    'alert.resolved database-down',
  ]);
});

/** Tells the installation to look at itself now. */
const set = (thresholds: { diskFreePercent?: number; storageUsedPercent?: number }) =>
  system.api.updateAlertSettings({ body: { thresholds } });

/** Every one of these was told by webhook and mail, once. */
async function isTold(told: Told[], what: string[]): Promise<void> {
  const seen = () => told.map(({ type, data }) => `${type} ${data.kind}`).sort();
  await eventually(() => (what.every((one) => seen().includes(one)) ? true : undefined), {
    within: 20_000,
    reason: () => `told: ${seen().join(', ')}; not all of ${what.join(', ')}`,
  });
  expect(seen()).toEqual([...what].sort());
  await eventually(() => (toOperator().length >= what.length ? true : undefined), {
    within: 15_000,
    reason: () => `mails: ${subjects().join(', ')}`,
  });
  expect(toOperator()).toHaveLength(what.length);
  told.length = 0;
  mails!.received.length = 0;
}

const toOperator = () => mails!.received.filter(({ to }) => to.includes('operator@example.com'));

test('disk and backups: told when they are worse than the operator set, and when they are well again', async () => {
  const told = await listening();
  const { data } = system.installation;
  writeFileSync(join(data, 'brain/backup.json'), JSON.stringify({ createdAt: '2020-01-01T00:00:00Z' }));
  await set({ diskFreePercent: 100 });
  await isTold(told, ['alert.raised disk-low', 'alert.raised backup-old']);
  const file = join(tmpdir(), `h-alerts-${process.pid}.backup`);
  const made = await littlepbx(['backup', file, '--data', data]);
  rmSync(file, { force: true });
  expect(made.code, made.err).toBe(0);
  await set({ diskFreePercent: 1 });
  await isTold(told, ['alert.resolved disk-low', 'alert.resolved backup-old']);
  await set({ diskFreePercent: 10 });
});

test('storage and spending of an organization: it is told itself, and so is the operator', async ({ town }) => {
  const told = await listening();
  const office = await town.office({
    limits: {
      concurrentCalls: 10,
      callsPerSecond: 10,
      storageBytes: 1_000_000,
      minutesPerHour: 1,
      offHours: { percent: 100 },
    },
  });
  await office.update({ alertMailTo: ['boss@acme.example'] });
  const toBoss = (): string[] =>
    mails!.received.filter(({ to }) => to.includes('boss@acme.example')).map(({ raw }) => raw);
  const bossHears = async (words: RegExp) => {
    await eventually(() => (toBoss().some((raw) => words.test(raw)) ? true : undefined), {
      within: 15_000,
      reason: () => `the organization was told: ${toBoss().join('---')}`,
    });
  };
  const sound = new Blob([Uint8Array.from(formatWav({ rate: 8000, samples: new Int16Array(8000 * 58) }))]);
  const { id } = await office.api.uploadFile({ params: office.params, query: { kind: 'prompt', name: 'Long' }, sound });
  await set({ storageUsedPercent: 90 });
  await bossHears(/storage is full/);
  await isTold(told, ['alert.raised storage-low', 'alert.raised storage-full']);
  await office.api.deleteFile({ params: { ...office.params, file: id } });
  await set({});
  await isTold(told, ['alert.resolved storage-low', 'alert.resolved storage-full']);

  const { ann } = await office.staff('ann');
  const carrier = await town.carrier();
  await office.trunk(carrier);
  await office.did();
  // The first minute is all there is: it is taken before the carrier rings.
  const call = await ann.dial('+442079460777');
  await carrier.rings();
  await bossHears(/limit on your calls to the outside is reached/);
  await isTold(told, ['alert.raised spend-limit-reached']);
  await call.cancel();
  await call.ended();
  await eventually(
    async () => {
      await set({});
      return told.length > 0 || undefined;
    },
    { within: 15_000, reason: () => 'the limit did not become free again' },
  );
  await isTold(told, ['alert.resolved spend-limit-reached']);
});
