/** The mail about a new message. Its job is made by the database, with the message (migration `voicemail`). */
import type { FileRef } from '../files/files.ts';
import { type MailLanguage, type MailMessage, mailLanguage, queueMail } from '../mail/mail.ts';
import type { OrganizationId } from '../tenancy/organization.ts';
import type { Stores } from '../tenancy/stores.ts';
import type { Message } from './box.ts';

export const VOICEMAIL_MAIL_JOB = 'voicemail-mail';

/** Larger ones are told of, and stay in the box. Bytes: some 20 minutes. */
const MAX_ATTACHMENT = 20_000_000;

const TEXTS: Record<
  MailLanguage,
  { subject: string; from: string; withheld: string; to: string; length: string; attached: string; waiting: string }
> = {
  en: {
    subject: 'Voicemail',
    from: 'From',
    withheld: 'a withheld number',
    to: 'For extension',
    length: 'Length',
    attached: 'The message is attached.',
    waiting: 'Dial *97 to hear it.',
  },
  ru: {
    subject: 'Голосовое сообщение',
    from: 'От',
    withheld: 'скрытый номер',
    to: 'Для внутреннего номера',
    length: 'Длительность',
    attached: 'Сообщение приложено.',
    waiting: 'Чтобы прослушать его, наберите *97.',
  },
};

function mailOf(
  message: Message,
  extension: string,
  language: MailLanguage,
  path: string | null,
): Omit<MailMessage, 'to'> {
  const t = TEXTS[language];
  const seconds = Math.round(message.duration / 1000);
  const length = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const who = [message.fromName, message.from && `<${message.from}>`].filter(Boolean).join(' ') || t.withheld;
  const lines = [
    `${t.from}: ${who}`,
    `${t.to}: ${extension}`,
    `${t.length}: ${length}`,
    '',
    path ? t.attached : t.waiting,
  ];
  return {
    subject: `${t.subject}: ${message.from ?? t.withheld} (${length})`,
    text: `${lines.join('\n')}\n`,
    attachments: path ? [{ filename: 'message.wav', contentType: 'audio/wav', content: { path } }] : [],
  };
}

/**
 * Queues the mail for a message, in the organization's language. Nothing to do when it was deleted meanwhile, or nobody is to be told any more.
 * @throws StoreUnavailable
 */
export function queueVoicemailMail(
  stores: Pick<Stores, 'withOrganization'>,
  organizationId: OrganizationId,
  messageId: string,
  pathOf: (file: FileRef) => string,
): Promise<void> {
  return stores.withOrganization(organizationId, async (set) => {
    const message = await set.voicemail.message(organizationId, messageId);
    const box = message && (await set.voicemail.box(organizationId, message.extensionId));
    const organization = await set.organizations.get(organizationId);
    if (!message || !box?.email) return;
    const file = await set.files.get(organizationId, messageId);
    const extension = await set.drafts.extension(organizationId, message.extensionId);
    const isAttached = box.isSoundAttached && file !== null && file.bytes <= MAX_ATTACHMENT;
    const path = isAttached ? pathOf(file) : null;
    const mail = mailOf(message, extension?.number ?? '', mailLanguage(organization?.language ?? 'en'), path);
    await queueMail(set.jobs, organizationId, { to: box.email, ...mail });
  });
}
