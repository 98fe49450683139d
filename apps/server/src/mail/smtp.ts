/** `MailTransport` by SMTP. A server may be slow, refuse, or be away; each of these is an outcome and not a fault. */
import { existsSync } from 'node:fs';
import type { MailFault, MailOutcome, MailServer, MailTransport, QueuedMail } from '@littlepbx/core/mail/mail';
import type { SendMailOptions } from 'nodemailer';

export interface SmtpOptions {
  /** Milliseconds; a test makes them short. */
  connectTimeout?: number;
  silenceTimeout?: number;
}

const CONNECT_TIMEOUT = 8_000;
/** A server may scan a mail while we wait for its answer. */
const SILENCE_TIMEOUT = 60_000;

/** nodemailer's errors: `responseCode` is what the server said, `code` and `command` where it happened. */
interface SmtpError extends Error {
  code?: string;
  /** Of the system or of TLS, before nodemailer put its own there. */
  originalCode?: string;
  command?: string;
  responseCode?: number;
}

export function createSmtp({
  connectTimeout = CONNECT_TIMEOUT,
  silenceTimeout = SILENCE_TIMEOUT,
}: SmtpOptions = {}): MailTransport {
  return {
    async send(server, id, mail) {
      // Not at the start of the brain, which calls wait for: it takes 80 ms.
      const { createTransport } = await import('nodemailer');
      // A connection per mail: they are few, and nothing has to be kept alive or closed.
      const transport = createTransport({
        host: server.host,
        port: server.port,
        secure: server.security === 'tls',
        requireTLS: server.security === 'starttls',
        ignoreTLS: server.security === 'none',
        tls: { rejectUnauthorized: server.verifyCertificate },
        ...(server.username === null ? {} : { auth: { user: server.username, pass: server.password ?? '' } }),
        connectionTimeout: connectTimeout,
        greetingTimeout: connectTimeout,
        dnsTimeout: connectTimeout,
        socketTimeout: silenceTimeout,
        // Paths are ours; a URL never is.
        disableUrlAccess: true,
      });
      try {
        await transport.sendMail(messageOf(server, id, mail));
        return { kind: 'done' };
      } catch (error) {
        return outcomeOf(error as SmtpError);
      } finally {
        transport.close();
      }
    },
  };
}

function messageOf(server: MailServer, id: string, mail: QueuedMail): SendMailOptions {
  const there = mail.attachments.filter(({ path }) => path === null || existsSync(path));
  // Deleted meanwhile, by whoever it belongs to: the mail itself still tells something.
  const gone = there.length < mail.attachments.length ? '\n[The attachment is no longer there.]\n' : '';
  const html = mail.html === null ? {} : { html: mail.html };
  return {
    from: { name: server.fromName, address: server.fromAddress },
    to: mail.to,
    subject: mail.subject,
    text: mail.text + gone,
    ...html,
    messageId: `<${id}@${server.fromAddress.split('@')[1]}>`,
    // Out-of-office notes would come back to an address that nobody reads (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: there.map(({ filename, contentType, path, base64 }) => ({
      filename,
      contentType,
      ...(path === null ? { content: Buffer.from(base64 ?? '', 'base64') } : { path }),
    })),
  };
}

/** 4xx, no connection, a wrong password (it may be mended): later. 5xx about the mail or its readers: never. */
function outcomeOf(error: SmtpError): MailOutcome {
  const reason = error.message.replace(/\s+/g, ' ').slice(0, 300);
  const isFinal = (error.responseCode ?? 0) >= 500 && /^(MAIL|RCPT|DATA)/.test(error.command ?? '');
  return { kind: isFinal ? 'never' : 'later', reason, fault: faultOf(error) };
}

/** As OpenSSL names what is wrong with a certificate. */
const CERTIFICATE = /CERT|UNABLE_TO_(GET|VERIFY)/;

function faultOf({ code, originalCode = '', command = '', message }: SmtpError): MailFault {
  if (CERTIFICATE.test(originalCode) || /certificate/i.test(message)) return 'verifyCertificate';
  if (code === 'EAUTH') return 'password';
  if (code === 'ETLS' || command === 'STARTTLS') return 'security';
  if (/^MAIL/.test(command)) return 'fromAddress';
  if (/^RCPT/.test(command)) return 'to';
  return command === 'CONN' ? 'host' : null;
}
