/**
 * Every page, in the order of the navigation. To add one: a folder beside this file whose component is the default
 * export, a line here, its name in `locales/*\/shell.json` (`pages`), its words in an area of its own (`app/words.d.ts`).
 */
import type { Scope } from '@littlepbx/contract';
import {
  type Icon,
  IconActivity,
  IconBuilding,
  IconChartBar,
  IconHelp,
  IconHistory,
  IconKey,
  IconMailbox,
  IconPhone,
  IconPhoneCall,
  IconUsers,
  IconWebhook,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Area } from '../app/i18n.ts';
import type { Organization } from '../app/session.ts';
import type shell from '../locales/en/shell.json';
import PhonesPage from './phones/phones-page.tsx';

export interface Page {
  /** `organization`: below `/o/{org}/`. `operator`: below `/operator/`, for operators only. */
  of: 'organization' | 'operator';
  /** May have parameters, as in `calls/$call`. */
  path: string;
  /** Who may not do this does not see it. */
  scope?: Scope;
  /** Shown to who is bound to one extension: to them alone, or to them too. Left out: not to them. */
  users?: 'only' | 'too';
  /** Left out: the page is led to by another one. */
  navigation?: { name: keyof typeof shell.pages; icon: Icon };
  /** Areas of its words, besides those of every page. */
  words: readonly Area[];
  load(): Promise<{ default: ComponentType }>;
}

/** Whether somebody sees this page in this organization. */
export function isFor({ may, extensionId }: Organization, { scope, users }: Page): boolean {
  const isShown = extensionId === null ? users !== 'only' : users !== undefined;
  return isShown && (scope === undefined || may(scope));
}

export const PAGES: readonly Page[] = [
  {
    of: 'organization',
    path: 'phone',
    users: 'only',
    navigation: { name: 'ownPhone', icon: IconPhone },
    words: ['phones'],
    load: () => import('./phones/own-phone-page.tsx'),
  },
  {
    of: 'organization',
    path: 'phones',
    scope: 'extensions:read',
    navigation: { name: 'phones', icon: IconPhone },
    words: ['phones'],
    // What people come for: it is there with the first script.
    load: () => Promise.resolve({ default: PhonesPage }),
  },
  {
    of: 'organization',
    path: 'calls',
    scope: 'calls:read',
    users: 'too',
    navigation: { name: 'calls', icon: IconPhoneCall },
    words: ['calls', 'period'],
    load: () => import('./calls/calls-page.tsx'),
  },
  {
    of: 'organization',
    path: 'calls/$call',
    scope: 'calls:read',
    words: ['calls', 'period'],
    load: () => import('./calls/call-page.tsx'),
  },
  {
    of: 'organization',
    path: 'voicemail',
    scope: 'voicemail:read',
    users: 'too',
    navigation: { name: 'voicemail', icon: IconMailbox },
    words: ['voicemail'],
    load: () => import('./voicemail/voicemail-page.tsx'),
  },
  {
    of: 'organization',
    path: 'voicemail/$extension',
    scope: 'voicemail:read',
    words: ['voicemail'],
    load: () => import('./voicemail/voicemail-page.tsx'),
  },
  {
    of: 'organization',
    path: 'statistics',
    scope: 'calls:read',
    navigation: { name: 'statistics', icon: IconChartBar },
    words: ['statistics', 'period'],
    load: () => import('./statistics/statistics-page.tsx'),
  },
  {
    of: 'organization',
    path: 'people',
    scope: 'users:read',
    navigation: { name: 'people', icon: IconUsers },
    words: ['people'],
    load: () => import('./people/people-page.tsx'),
  },
  {
    of: 'organization',
    path: 'keys',
    scope: 'keys:read',
    navigation: { name: 'keys', icon: IconKey },
    words: ['keys'],
    load: () => import('./keys/keys-page.tsx'),
  },
  {
    of: 'organization',
    path: 'webhooks',
    scope: 'webhooks:read',
    navigation: { name: 'webhooks', icon: IconWebhook },
    words: ['webhooks'],
    load: () => import('./webhooks/webhooks-page.tsx'),
  },
  {
    of: 'organization',
    path: 'audit',
    scope: 'audit:read',
    navigation: { name: 'audit', icon: IconHistory },
    words: ['audit', 'keys', 'people'],
    load: () => import('./audit/audit-page.tsx'),
  },
  {
    of: 'organization',
    path: 'help',
    users: 'too',
    navigation: { name: 'help', icon: IconHelp },
    words: ['help'],
    load: () => import('./help/help-page.tsx'),
  },
  {
    of: 'operator',
    path: 'organizations',
    navigation: { name: 'organizations', icon: IconBuilding },
    words: ['organizations'],
    load: () => import('./organizations/organizations-page.tsx'),
  },
  {
    of: 'operator',
    path: 'organizations/$organization',
    words: ['organizations', 'people'],
    load: () => import('./organizations/organization-page.tsx'),
  },
  {
    of: 'operator',
    path: 'organizations/$organization/rates/$trunk',
    words: ['rates'],
    load: () => import('./rates/rates-page.tsx'),
  },
  {
    of: 'operator',
    path: 'new-organization',
    words: ['organizations'],
    load: () => import('./organizations/new-organization-page.tsx'),
  },
  {
    of: 'operator',
    path: 'system',
    navigation: { name: 'system', icon: IconActivity },
    words: ['system'],
    load: () => import('./system/system-page.tsx'),
  },
  {
    of: 'operator',
    path: 'keys',
    navigation: { name: 'operatorKeys', icon: IconKey },
    words: ['keys'],
    load: () => import('./keys/operator-keys-page.tsx'),
  },
  {
    of: 'operator',
    path: 'audit',
    navigation: { name: 'installationAudit', icon: IconHistory },
    words: ['audit', 'keys', 'people'],
    load: () => import('./audit/installation-audit-page.tsx'),
  },
];
