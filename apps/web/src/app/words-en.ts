/** Words that every page needs, in one file: see `i18n.ts`. */
export { default as common } from '../locales/en/common.json';
export { default as parts } from '../locales/en/parts.json';
export { default as refusals } from '../locales/en/refusals.json';
export { default as shell } from '../locales/en/shell.json';
