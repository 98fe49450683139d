import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MailServer as Settings } from '@littlepbx/core/mail/mail';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MailServer, mailServer } from '../../../../test/kit/mail-server.ts';
import { createSmtp } from './smtp.ts';

let server: MailServer | undefined;
let folder: string;
const smtp = createSmtp({ connectTimeout: 300, silenceTimeout: 300 });
const mail = { to: ['ann@example.com'], subject: 'Сообщение', text: 'Привет', html: null, attachments: [] };

function settings(port: number, more: Partial<Settings> = {}): Settings {
  return {
    host: '127.0.0.1',
    port,
    security: 'none',
    verifyCertificate: true,
    username: null,
    password: null,
    fromAddress: 'pbx@example.com',
    fromName: 'Телефоны',
    ...more,
  };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'h-smtp-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe('a mail', () => {
  test('arrives whole: readers, text in any script, an attached file and attached bytes', async () => {
    server = await mailServer();
    const path = join(folder, 'message.wav');
    writeFileSync(path, 'RIFF-from-a-file');
    const attachments = [
      { filename: 'message.wav', contentType: 'audio/wav', path, base64: null },
      { filename: 'a.txt', contentType: 'text/plain', path: null, base64: Buffer.from('inline').toString('base64') },
      { filename: 'gone.wav', contentType: 'audio/wav', path: join(folder, 'gone.wav'), base64: null },
    ];
    const to = ['ann@example.com', 'bob@example.com'];
    const outcome = await smtp.send(settings(server.port), 'id-1', { ...mail, to, attachments });
    expect(outcome).toEqual({ kind: 'done' });
    const [received] = server.received;
    expect(received).toMatchObject({ from: 'pbx@example.com', to, isSecure: false });
    const raw = received!.raw;
    expect(raw).toMatch(/^Message-ID: <id-1@example\.com>/im);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated/im);
    expect(raw).toContain(Buffer.from('RIFF-from-a-file').toString('base64'));
    expect(raw).toContain('filename=message.wav');
    expect(raw).not.toContain('filename=gone.wav');
    const text = /Content-Transfer-Encoding: base64\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(raw)?.[1] ?? '';
    const decoded = raw.includes('quoted-printable') ? raw : Buffer.from(text, 'base64').toString('utf8');
    expect(decoded.replace(/=\r\n/g, '')).toMatch(/Привет|=D0=9F=D1=80=D0=B8/);
  });

  test('goes by TLS with its password, and not at all where TLS was asked for and is not there', async () => {
    const credentials: string[] = [];
    server = await mailServer({
      onAuth({ username, password }, session, done) {
        credentials.push(`${username} ${password} ${session.secure}`);
        done(password === 'right' ? null : new Error('wrong password'), { user: username });
      },
    });
    const starttls = settings(server.port, {
      security: 'starttls',
      verifyCertificate: false,
      username: 'pbx',
      password: 'right',
    });
    expect(await smtp.send(starttls, 'id-2', mail)).toEqual({ kind: 'done' });
    expect(credentials).toEqual(['pbx right true']);
    expect(server.received).toMatchObject([{ isSecure: true, user: 'pbx' }]);
    // The test's certificate is signed by nobody.
    expect(await smtp.send({ ...starttls, verifyCertificate: true }, 'id-3', mail)).toMatchObject({
      kind: 'later',
      fault: 'verifyCertificate',
    });
    const wrong = await smtp.send({ ...starttls, password: 'wrong-secret' }, 'id-4', mail);
    expect(wrong).toMatchObject({ kind: 'later', fault: 'password' });
    expect(JSON.stringify(wrong)).not.toContain('wrong-secret');
    await server.close();
    server = await mailServer({ hideSTARTTLS: true });
    expect(await smtp.send(settings(server.port, { security: 'starttls' }), 'id-5', mail)).toMatchObject({
      kind: 'later',
    });
    await server.close();
    server = await mailServer({ secure: true });
    const implicit = settings(server.port, { security: 'tls', verifyCertificate: false });
    expect(await smtp.send(implicit, 'id-6', mail)).toEqual({ kind: 'done' });
    expect(server.received).toMatchObject([{ isSecure: true }]);
  });

  test('a reader that is refused for good is not tried again; one that is refused for now is', async () => {
    server = await mailServer();
    server.refuse = { status: 550, text: 'no such mailbox' };
    const never = await smtp.send(settings(server.port), 'id-7', mail);
    expect(never).toEqual({ kind: 'never', fault: 'to', reason: expect.stringContaining('no such mailbox') });
    server.refuse = { status: 451, text: 'greylisted' };
    const later = await smtp.send(settings(server.port), 'id-8', mail);
    expect(later).toEqual({ kind: 'later', fault: 'to', reason: expect.stringContaining('greylisted') });
    expect(server.received).toEqual([]);
  });

  test('a server that is away, silent or slow costs no more than its time-out', async () => {
    server = await mailServer();
    server.delay = 30_000;
    const started = Date.now();
    expect(await smtp.send(settings(server.port), 'id-9', mail)).toMatchObject({ kind: 'later' });
    const { port } = server;
    await server.close();
    server = undefined;
    expect(await smtp.send(settings(port), 'id-10', mail)).toMatchObject({ kind: 'later', fault: 'host' });
    const sockets: Socket[] = [];
    const mute: Server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address() as { port: number };
    expect(await smtp.send(settings(address.port), 'id-11', mail)).toMatchObject({ kind: 'later', fault: 'host' });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});
