/** The mail to an organization's admins when a webhook was switched off by itself. */
import type { MailLanguage, MailMessage } from '../mail/mail.ts';
import type { Webhook } from './webhook.ts';

const WORDS = {
  en: {
    subject: 'Another program is no longer notified',
    failing: 'It took no message for three days.',
    gone: 'Its server answered that it wants no more messages (410).',
    next: 'What happens in your phone system is not sent there any more. When the other program works again, switch it on under “Notify programs”.',
  },
  ru: {
    subject: 'Другая программа больше не получает уведомлений',
    failing: 'Три дня она не приняла ни одного сообщения.',
    gone: 'Её сервер ответил, что сообщения ему больше не нужны (410).',
    next: 'События вашей телефонной системы туда больше не отправляются. Когда программа снова заработает, включите её на странице «Уведомления».',
  },
} as const;

export function disabledNotice(
  { url, description }: Pick<Webhook, 'url' | 'description'>,
  reason: NonNullable<Webhook['disabledReason']>,
  organization: string,
  language: MailLanguage,
): Omit<MailMessage, 'to'> {
  const t = WORDS[language];
  const name = description === '' ? url : `${description} (${url})`;
  return { subject: `${organization}: ${t.subject}`, text: `${name}\n\n${t[reason]}\n${t.next}\n` };
}
