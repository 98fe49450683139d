import type common from '../locales/en/common.json';
import type login from '../locales/en/login.json';
import type phones from '../locales/en/phones.json';
import type shell from '../locales/en/shell.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: { common: typeof common; login: typeof login; phones: typeof phones; shell: typeof shell };
  }
}
