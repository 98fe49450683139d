/** Words that every page needs, in one file: see `i18n.ts`. */
export { default as common } from '../locales/ru/common.json';
export { default as parts } from '../locales/ru/parts.json';
export { default as refusals } from '../locales/ru/refusals.json';
export { default as shell } from '../locales/ru/shell.json';
