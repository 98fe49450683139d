/** What the operator is told of. Ids are stable and never reused. */
import type { MailLanguage } from '../mail/mail.ts';

interface Kind {
  severity: 'critical' | 'warning';
  /** It happened and is over: told once, and not resolved. */
  isEvent?: true;
  /** The organization's own admins are mailed too; `organization-notice.ts` has the words. */
  isForOrganization?: true;
  title: Record<MailLanguage, string>;
}

export const ALERT_KINDS = {
  'engine-down': {
    severity: 'critical',
    title: { en: 'The call engine is away', ru: 'Телефонный движок недоступен' },
  },
  'database-down': { severity: 'critical', title: { en: 'The database is away', ru: 'База данных недоступна' } },
  'brain-restarted': {
    severity: 'warning',
    isEvent: true,
    title: { en: 'The call logic died and was started again', ru: 'Логика звонков упала и была перезапущена' },
  },
  'disk-low': { severity: 'critical', title: { en: 'The disk is nearly full', ru: 'Диск почти заполнен' } },
  'journal-stuck': {
    severity: 'critical',
    title: { en: 'The disk takes no records of calls', ru: 'Записи о звонках не сохраняются на диск' },
  },
  'certificate-expiring': {
    severity: 'warning',
    title: { en: 'The certificate for SIP by TLS ends soon', ru: 'Сертификат для SIP по TLS скоро истечёт' },
  },
  'registrations-dropped': {
    severity: 'critical',
    title: { en: 'Many phones are no longer registered', ru: 'Многие телефоны потеряли регистрацию' },
  },
  'trunk-unregistered': {
    severity: 'warning',
    title: { en: 'A trunk is not registered at its carrier', ru: 'Транк не зарегистрирован у оператора' },
  },
  'calls-failing': { severity: 'critical', title: { en: 'Many calls fail', ru: 'Многие звонки не удаются' } },
  'event-loop-late': {
    severity: 'warning',
    title: { en: 'The call logic is overloaded', ru: 'Логика звонков перегружена' },
  },
  'storage-low': {
    severity: 'warning',
    isForOrganization: true,
    title: { en: "An organization's storage is nearly full", ru: 'Хранилище организации почти заполнено' },
  },
  'storage-full': {
    severity: 'warning',
    isForOrganization: true,
    title: { en: "An organization's storage is full", ru: 'Хранилище организации заполнено' },
  },
  'spend-limit-near': {
    severity: 'warning',
    isForOrganization: true,
    title: { en: 'A spending limit is nearly reached', ru: 'Лимит расходов почти исчерпан' },
  },
  'spend-limit-reached': {
    severity: 'warning',
    isForOrganization: true,
    title: { en: 'A spending limit is reached', ru: 'Лимит расходов исчерпан' },
  },
  'device-suspended': {
    severity: 'warning',
    isForOrganization: true,
    title: {
      en: 'A phone was suspended: it behaved as a stolen one',
      ru: 'Телефон заблокирован: он вёл себя как украденный',
    },
  },
  'extension-suspended': {
    severity: 'warning',
    isForOrganization: true,
    title: {
      en: 'An extension was suspended: its forwards behaved as stolen ones',
      ru: 'Внутренний номер заблокирован: его переадресации вели себя подозрительно',
    },
  },
  'backup-old': {
    severity: 'warning',
    title: { en: 'There is no recent backup', ru: 'Нет свежей резервной копии' },
  },
  'mail-failing': { severity: 'warning', title: { en: 'Mails were given up', ru: 'Письма не доставлены' } },
} as const satisfies Record<string, Kind>;

export type AlertKind = keyof typeof ALERT_KINDS;

export const isEvent = (kind: AlertKind): boolean => 'isEvent' in ALERT_KINDS[kind];

export const isForOrganization = (kind: AlertKind): boolean => 'isForOrganization' in ALERT_KINDS[kind];

/** Facts are told in figures and names; no secrets. */
export type Facts = Record<string, string | number>;

/** The one port by which anything tells the operator that something is wrong. Quick, and never throws. */
export interface Alerts {
  /** Raising what is raised already changes nothing but its facts. */
  raise(kind: AlertKind, facts?: Facts, about?: About): void;
  resolve(kind: AlertKind, about?: Pick<About, 'subject'>): void;
}

export interface About {
  /** What of several it is about: a trunk's id. */
  subject?: string;
  organizationId?: string;
}
