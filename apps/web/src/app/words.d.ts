import type audit from '../locales/en/audit.json';
import type common from '../locales/en/common.json';
import type help from '../locales/en/help.json';
import type keys from '../locales/en/keys.json';
import type login from '../locales/en/login.json';
import type parts from '../locales/en/parts.json';
import type phones from '../locales/en/phones.json';
import type refusals from '../locales/en/refusals.json';
import type shell from '../locales/en/shell.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      audit: typeof audit;
      common: typeof common;
      help: typeof help;
      keys: typeof keys;
      login: typeof login;
      parts: typeof parts;
      phones: typeof phones;
      refusals: typeof refusals;
      shell: typeof shell;
    };
  }
}
