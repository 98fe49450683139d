/** What people read, in English and Russian. */
import type { MailLanguage } from '../mail/mail.ts';
import type { Notice } from './alert-book.ts';
import { ALERT_KINDS } from './kinds.ts';

const WORDS = {
  en: {
    resolved: 'Resolved',
    test: 'This is a test: nothing has happened',
    since: 'Since',
    until: 'Until',
    about: 'About',
    organization: 'Organization',
    list: 'All alerts',
  },
  ru: {
    resolved: 'Устранено',
    test: 'Это проверка: ничего не случилось',
    since: 'С',
    until: 'До',
    about: 'Объект',
    organization: 'Организация',
    list: 'Все события',
  },
} as const;

const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export function noticeText({ what, alert }: Notice, language: MailLanguage): { subject: string; text: string } {
  const words = WORDS[language];
  if (what === 'test') return { subject: `[LittlePBX] ${words.test}`, text: `${words.test}.\n` };
  const title: string = ALERT_KINDS[alert.kind].title[language];
  const lines = [
    what === 'resolved' ? `${words.resolved}: ${title}` : title,
    '',
    `${words.since}: ${time(alert.raisedAt)}`,
    ...(alert.resolvedAt !== null && what === 'resolved' ? [`${words.until}: ${time(alert.resolvedAt)}`] : []),
    ...(alert.subject ? [`${words.about}: ${alert.subject}`] : []),
    ...(alert.organizationId ? [`${words.organization}: ${alert.organizationId}`] : []),
    ...Object.entries(alert.facts).map(([name, value]) => `${name}: ${value}`),
    '',
    `${words.list}: littlepbx alert list`,
    '',
  ];
  return { subject: `[LittlePBX] ${what === 'resolved' ? `${words.resolved}: ` : ''}${title}`, text: lines.join('\n') };
}
