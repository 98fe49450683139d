import type audit from '../locales/en/audit.json';
import type calls from '../locales/en/calls.json';
import type common from '../locales/en/common.json';
import type help from '../locales/en/help.json';
import type keys from '../locales/en/keys.json';
import type login from '../locales/en/login.json';
import type parts from '../locales/en/parts.json';
import type period from '../locales/en/period.json';
import type phones from '../locales/en/phones.json';
import type refusals from '../locales/en/refusals.json';
import type shell from '../locales/en/shell.json';
import type voicemail from '../locales/en/voicemail.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      audit: typeof audit;
      calls: typeof calls;
      common: typeof common;
      help: typeof help;
      keys: typeof keys;
      login: typeof login;
      parts: typeof parts;
      period: typeof period;
      phones: typeof phones;
      refusals: typeof refusals;
      shell: typeof shell;
      voicemail: typeof voicemail;
    };
  }
}
