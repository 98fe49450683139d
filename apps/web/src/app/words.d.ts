import type account from '../locales/en/account.json';
import type audit from '../locales/en/audit.json';
import type calls from '../locales/en/calls.json';
import type common from '../locales/en/common.json';
import type doors from '../locales/en/doors.json';
import type help from '../locales/en/help.json';
import type keys from '../locales/en/keys.json';
import type login from '../locales/en/login.json';
import type organizations from '../locales/en/organizations.json';
import type parts from '../locales/en/parts.json';
import type people from '../locales/en/people.json';
import type period from '../locales/en/period.json';
import type phones from '../locales/en/phones.json';
import type rates from '../locales/en/rates.json';
import type refusals from '../locales/en/refusals.json';
import type shell from '../locales/en/shell.json';
import type statistics from '../locales/en/statistics.json';
import type system from '../locales/en/system.json';
import type voicemail from '../locales/en/voicemail.json';
import type webhooks from '../locales/en/webhooks.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      account: typeof account;
      audit: typeof audit;
      calls: typeof calls;
      common: typeof common;
      doors: typeof doors;
      help: typeof help;
      keys: typeof keys;
      login: typeof login;
      organizations: typeof organizations;
      parts: typeof parts;
      people: typeof people;
      period: typeof period;
      phones: typeof phones;
      rates: typeof rates;
      refusals: typeof refusals;
      shell: typeof shell;
      statistics: typeof statistics;
      system: typeof system;
      voicemail: typeof voicemail;
      webhooks: typeof webhooks;
    };
  }
}
