/** From a message that is left to the mail with its sound: the jobs in between, and a real SMTP server. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cipher, createStores, type JobWorker, startJobWorker } from '@littlepbx/data';
import { afterEach, expect, it, vi } from 'vitest';
import { soundFile } from '../../../../packages/data/src/testing/files.ts';
import {
  createTestInstallation,
  type TestInstallation,
  value,
} from '../../../../packages/data/src/testing/installation.ts';
import { type MailServer, mailServer } from '../../../../test/kit/mail-server.ts';
import { systemClock as clock } from '../clock.ts';
import { mailDelivery } from './delivery.ts';
import { createSmtp } from './smtp.ts';
import { voicemailMail } from './voicemail-mail.ts';

let t: TestInstallation | undefined;
let server: MailServer | undefined;
let worker: JobWorker | undefined;
const folder = mkdtempSync(join(tmpdir(), 'lpbx-voicemail-mail-'));
afterEach(async () => {
  await worker?.stop();
  await server?.close();
  await t?.close();
  rmSync(folder, { recursive: true });
});

it('a message goes out by mail with its sound, and without it where only the news is wanted', async () => {
  t = await createTestInstallation();
  server = await mailServer();
  const stores = createStores(t.db, new Cipher(randomBytes(32)));
  const { port } = server;
  await stores.asOperator(({ settings }) => {
    const smtp = { host: '127.0.0.1', port, security: 'none', verifyCertificate: true, username: null };
    return settings.put('mail', { ...smtp, fromAddress: 'pbx@example.com', fromName: 'PBX' }, null);
  });
  const { id: org, admin } = await t.organization('acme');
  const { id: extensionId } = value(await t.administration.createExtension(admin, org, { number: '101', name: 'Ann' }));
  value(await t.administration.updateVoicemailBox(admin, org, '101', { email: 'ann@example.com' }));
  const pathOf = ({ id }: { id: string }) => join(folder, `${id}.wav`);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  worker = startJobWorker({
    ...{ db: t.db, clock, log, pollEvery: 20 },
    kinds: { ...mailDelivery({ stores, transport: createSmtp(), log }), ...voicemailMail({ stores, pathOf }) },
  });
  const left = async () => {
    const details = { extensionId, from: '+442079460123', fromName: null };
    const file = soundFile(org, { kind: 'voicemail', details });
    writeFileSync(pathOf(file), 'RIFF-and-so-on');
    await stores.withOrganization(org, ({ files }) => files.insert(file));
  };
  await left();
  await vi.waitFor(() => expect(server!.received).toHaveLength(1), 30_000);
  expect(server.received[0]).toMatchObject({ to: ['ann@example.com'] });
  expect(server.received[0]!.raw).toContain('message.wav');
  expect(server.received[0]!.raw).toContain(Buffer.from('RIFF-and-so-on').toString('base64'));
  value(await t.administration.updateVoicemailBox(admin, org, '101', { isSoundAttached: false }));
  await left();
  await vi.waitFor(() => expect(server!.received).toHaveLength(2), 30_000);
  expect(server.received[1]!.raw).not.toContain('message.wav');
  expect(server.received[1]!.raw).toContain('*97');
});
