import { randomBytes } from 'node:crypto';
import { createMail, MAIL_JOB, type MailMessage, queueMail } from '@littlepbx/core/mail/mail';
import type { Stores } from '@littlepbx/core/tenancy/stores';
import { Cipher, createStores, type JobWorker, startJobWorker } from '@littlepbx/data';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import {
  ALL,
  createTestInstallation,
  type TestInstallation,
  value,
} from '../../../../packages/data/src/testing/installation.ts';
import { type MailServer, mailServer } from '../../../../test/kit/mail-server.ts';
import { systemClock as clock } from '../clock.ts';
import { mailDelivery } from './delivery.ts';
import { createSmtp } from './smtp.ts';

/** Milliseconds. */
const PATIENCE = 30_000;
let t: TestInstallation;
let stores: Stores;
let worker: JobWorker | undefined;
let server: MailServer | undefined;
const events: string[] = [];
const say = (event: string) => void events.push(event);
const log = { debug: say, info: say, warn: say, error: say };

beforeAll(async () => {
  t = await createTestInstallation();
  stores = createStores(t.db, new Cipher(randomBytes(32)));
});
afterEach(async () => {
  await worker?.stop();
  await server?.close();
  server = undefined;
  events.length = 0;
  await t.db.asOperator(async (trx) => {
    await trx.deleteFrom('job').execute();
    await trx.deleteFrom('operator_setting').execute();
  });
});
afterAll(() => t.close());

function deliver(): void {
  const transport = createSmtp({ connectTimeout: 10_000, silenceTimeout: 10_000 });
  const kinds = mailDelivery({ stores, transport, log, retries: Array.from({ length: 20 }, () => 50) });
  worker = startJobWorker({ db: t.db, clock, log, kinds, pollEvery: 20 });
}
const use = (port: number) =>
  stores.asOperator(({ settings }) => {
    const server = { host: '127.0.0.1', port, security: 'none', verifyCertificate: true, username: null };
    return settings.put('mail', { ...server, fromAddress: 'pbx@example.com', fromName: 'PBX' }, null);
  });
const message: MailMessage = { to: 'ann@example.com', subject: 'Hello', text: 'Hello' };
const waiting = () => stores.asOperator(({ jobs }) => jobs.count(MAIL_JOB));

it('a mail server that is down for a while gets each mail once, when it is back', async () => {
  const first = await mailServer();
  const { port } = first;
  await first.close();
  await use(port);
  deliver();
  await createMail(stores).send(null, message);
  await createMail(stores).send(null, { ...message, to: 'bob@example.com' });
  await vi.waitFor(() => expect(events).toContain('job-delayed'), PATIENCE);
  expect(await waiting()).toEqual({ waiting: 2, failed: 0 });
  server = await mailServer({}, port);
  await vi.waitFor(() => expect(server!.received).toHaveLength(2), PATIENCE);
  await vi.waitFor(async () => expect(await waiting()).toEqual({ waiting: 0, failed: 0 }), PATIENCE);
  expect(server.received.map(({ to }) => to[0]).sort()).toEqual(['ann@example.com', 'bob@example.com']);
});

it('a refused mail is given up and shown, and goes out once the operator tries it again', async () => {
  server = await mailServer();
  server.refuse = { status: 550, text: 'no such mailbox' };
  await use(server.port);
  deliver();
  await createMail(stores).send(null, message);
  await vi.waitFor(async () => expect(await waiting()).toEqual({ waiting: 0, failed: 1 }), PATIENCE);
  const [failed] = value(await t.administration.listMails(t.operator, ALL)).items;
  expect(failed).toMatchObject({
    to: ['ann@example.com'],
    subject: 'Hello',
    lastError: expect.stringMatching(/mailbox/),
  });
  server.refuse = null;
  value(await t.administration.retryMail(t.operator, failed!.id));
  await vi.waitFor(() => expect(server!.received).toHaveLength(1), PATIENCE);
  expect(value(await t.administration.listMails(t.operator, ALL)).items).toEqual([]);
});

it('without a mail server a mail is dropped and the log says so', async () => {
  deliver();
  await createMail(stores).send(null, message);
  await vi.waitFor(() => expect(events).toContain('mail-dropped'), PATIENCE);
  await vi.waitFor(async () => expect(await waiting()).toEqual({ waiting: 0, failed: 0 }), PATIENCE);
});

it('a mail is only queued when what it tells of happened', async () => {
  const failing = stores.asOperator(async ({ jobs }) => {
    await queueMail(jobs, null, message);
    throw new Error('it did not');
  });
  await expect(failing).rejects.toThrow();
  expect(await waiting()).toEqual({ waiting: 0, failed: 0 });
});

it('the password is sealed, stays while the server is the same, and goes to no other', async () => {
  const { administration, operator } = t;
  const set = { host: 'smtp.example.com', fromAddress: 'a@example.com', username: 'u', password: 'mail-secret-1' };
  expect(value(await administration.setMailServer(operator, set))).toMatchObject({ hasPassword: true, port: 587 });
  const { rows } = await t.db.asOperator(async (trx) => ({
    rows: await trx.selectFrom('operator_setting').selectAll().execute(),
  }));
  expect(
    JSON.stringify(rows.map((row) => ({ ...row, sealed: row.secret_encrypted?.toString('latin1') }))),
  ).not.toContain('mail-secret-1');
  const { password: _, ...same } = set;
  expect(value(await administration.setMailServer(operator, { ...same, port: 2525 }))).toMatchObject({
    hasPassword: true,
  });
  expect(JSON.stringify(value(await administration.getMail(operator)))).not.toContain('mail-secret-1');
  const moved = await administration.setMailServer(operator, { ...same, host: 'evil.example.com' });
  expect(value(moved)).toMatchObject({ hasPassword: false });
  value(await administration.removeMailServer(operator));
  expect(value(await administration.getMail(operator))).toEqual({ server: null, waiting: 0, failed: 0 });
});
