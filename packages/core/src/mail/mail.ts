/**
 * Mail to people. It is queued in the transaction of what it tells of (`queueMail`), or in one of its own (`Mail.send`),
 * and goes out by the operator's mail server as soon as that takes it. Without a mail server it is dropped, and the log
 * says so.
 */
import type { SpokenLanguage } from '../tenancy/language.ts';
import type { OrganizationId } from '../tenancy/organization.ts';
import type { JobStore, Stores } from '../tenancy/stores.ts';

export interface MailAttachment {
  /** As the reader sees it. */
  filename: string;
  /** MIME type. */
  contentType: string;
  /** A file that the brain made, read when the mail goes out; or the content itself, for what is small. */
  content: { path: string } | Buffer;
}

export interface MailMessage {
  to: string | readonly string[];
  subject: string;
  text: string;
  html?: string;
  attachments?: readonly MailAttachment[];
}

export interface Mail {
  /**
   * Resolves once it is queued.
   * @param organizationId on whose behalf; null: the operator's
   * @throws StoreUnavailable
   */
  send(organizationId: OrganizationId | null, message: MailMessage): Promise<void>;
}

/** What stands in the queue. */
export interface QueuedMail {
  to: string[];
  subject: string;
  text: string;
  html: string | null;
  attachments: { filename: string; contentType: string; path: string | null; base64: string | null }[];
}

export const MAIL_JOB = 'mail';

/** Content given as such goes through the database. Bytes, all of a mail's together. */
export const MAX_INLINE = 1024 * 1024;

/** Queues a mail as part of this transaction. @throws when it has nobody to go to, or brings too much by itself */
export async function queueMail(
  jobs: JobStore,
  organizationId: OrganizationId | null,
  message: MailMessage,
): Promise<void> {
  const to = [message.to].flat();
  const attachments = message.attachments ?? [];
  const inline = attachments.reduce((sum, { content }) => sum + (Buffer.isBuffer(content) ? content.length : 0), 0);
  if (to.length === 0) throw new Error('a mail to nobody');
  if (inline > MAX_INLINE) throw new Error('attachments of more than 1 MiB must be given as files');
  const payload: QueuedMail = {
    to,
    // A subject is one line.
    subject: message.subject.replace(/\s+/g, ' ').trim(),
    text: message.text,
    html: message.html ?? null,
    attachments: attachments.map(({ filename, contentType, content }) => ({
      filename,
      contentType,
      path: Buffer.isBuffer(content) ? null : content.path,
      base64: Buffer.isBuffer(content) ? content.toString('base64') : null,
    })),
  };
  await jobs.add({ kind: MAIL_JOB, organizationId, payload });
}

export function createMail(stores: Pick<Stores, 'asOperator'>): Mail {
  return { send: (id, message) => stores.asOperator(({ jobs }) => queueMail(jobs, id, message)) };
}

/** Languages that mails are written in; whoever reads another one gets English. */
export type MailLanguage = 'en' | 'ru';

export function mailLanguage(language: SpokenLanguage): MailLanguage {
  return language === 'ru' ? 'ru' : 'en';
}

/** The operator's mail server. */
export interface MailServer {
  host: string;
  port: number;
  /** `tls`: from the first byte; `starttls`: demanded; `none`: in the clear, for a server on the same machine. */
  security: 'tls' | 'starttls' | 'none';
  /** False takes any certificate. */
  verifyCertificate: boolean;
  username: string | null;
  /** In the clear in memory only. */
  password: string | null;
  fromAddress: string;
  fromName: string;
}

/** What of the settings, or of the mail, a failed try speaks against; null: it says nothing of them. */
export type MailFault = 'host' | 'security' | 'verifyCertificate' | 'password' | 'fromAddress' | 'to' | null;

/** `later`: the server is away or asks to try again; `never`: it will not take this mail. */
export type MailOutcome = { kind: 'done' } | { kind: 'later' | 'never'; reason: string; fault?: MailFault };

export interface MailTransport {
  /** @param id makes the Message-ID: the same mail sent twice can be told from two */
  send(server: MailServer, id: string, mail: QueuedMail): Promise<MailOutcome>;
}
