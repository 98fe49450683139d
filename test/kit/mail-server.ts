/** A real SMTP server on loopback, with moods. */
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** As it came over the wire. */
  raw: string;
  isSecure: boolean;
  user: string | null;
}

export interface MailServer {
  readonly port: number;
  readonly received: ReceivedMail[];
  /** Refuses readers with this SMTP status, `null` takes them. */
  refuse: { status: number; text: string } | null;
  /** Answers the end of a mail after so many milliseconds. */
  delay: number;
  close(): Promise<void>;
}

export async function mailServer(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const moods = { refuse: null as MailServer['refuse'], delay: 0 };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.onAuth ? [] : ['AUTH'],
    disableReverseLookup: true,
    ...options,
    onRcptTo(_address, _session, done) {
      if (moods.refuse === null) return done();
      done(Object.assign(new Error(moods.refuse.text), { responseCode: moods.refuse.status }));
    },
    onData(stream, session, done) {
      void buffer(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: raw.toString('utf8'),
          isSecure: session.secure,
          user: (session.user as string | undefined) ?? null,
        });
        setTimeout(() => done(), moods.delay);
      });
    },
  });
  // A client that hangs up in the middle is none of our faults.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return Object.assign(moods, {
    port: (server.server.address() as AddressInfo).port,
    received,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}
