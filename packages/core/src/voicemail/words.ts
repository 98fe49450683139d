/**
 * Numbers, and what is counted with them, in the words that Debian's sounds of each language have. The engine could say
 * numbers by itself, but knows no gender of what is counted, and another engine would say them differently.
 */
import type { Media } from '@littlepbx/engine/port';
import type { SpokenLanguage } from '../tenancy/language.ts';

const prompt = (name: string): Media => ({ kind: 'prompt', name });
const digit = (name: number | string): Media => prompt(`digits/${name}`);

/** 0 to 99 are said here, more by the engine. @param one how a one at the end is called, where that depends on what is counted */
export function numberIn(language: SpokenLanguage, n: number, one = '1'): Media[] {
  if (!Number.isInteger(n) || n < 0 || n > 99) return [{ kind: 'number', value: n }];
  const ones = n % 10;
  const tens = n - ones;
  const last = (value: number): Media => digit(value === 1 ? one : value);
  if (n <= 20 || ones === 0) return [last(n)];
  switch (language) {
    case 'es':
      return n < 30 ? [digit(n)] : [digit(tens), digit('and'), last(ones)];
    case 'fr':
      // soixante et onze, quatre-vingt-un
      if (n > 80) return [digit(80), digit(n - 80)];
      if (n > 70) return [digit(60), ...(n === 71 ? [digit('et')] : []), digit(n - 60)];
      return [digit(tens), ...(ones === 1 ? [digit('et')] : []), digit(ones)];
    case 'it':
      // ventuno, ventotto
      return ones === 1 || ones === 8 ? [digit(n)] : [digit(tens), digit(ones)];
    default:
      return [digit(tens), last(ones)];
  }
}

/** The day of a month. */
export function dateIn(language: SpokenLanguage, date: number): Media[] {
  const ones = date % 10;
  switch (language) {
    case 'es':
    case 'fr':
    case 'it':
      return date === 1 ? [digit('h-1')] : numberIn(language, date);
    default:
      return date <= 20 || ones === 0 ? [digit(`h-${date}`)] : [digit(date - ones), digit(`h-${ones}`)];
  }
}

/** By the 24-hour clock. */
export function timeIn(language: SpokenLanguage, hour: number, minute: number): Media[] {
  const twoDigits = (): Media[] => (minute < 10 ? [digit(0), digit(minute)] : numberIn(language, minute));
  switch (language) {
    case 'es':
      return [
        digit(hour === 1 ? 'at_s' : 'at'),
        ...numberIn(language, hour, '1F'),
        ...(minute === 0 ? [] : [digit('and'), ...numberIn(language, minute)]),
      ];
    case 'fr':
      return [
        digit('at'),
        ...numberIn(language, hour),
        prompt('hours'),
        ...(minute === 0 ? [] : numberIn(language, minute)),
      ];
    case 'it':
      return [
        digit('at'),
        digit('hours'),
        ...numberIn(language, hour),
        ...(minute === 0 ? [] : [digit('e'), ...numberIn(language, minute)]),
      ];
    default:
      return [digit('at'), ...numberIn(language, hour), ...twoDigits()];
  }
}

const PLURAL = new Intl.PluralRules('ru');
const RUSSIAN_MESSAGE = { one: 'vm-message', few: 'vm-messagex1', many: 'vm-messagex2' } as const;

/** "three new messages" */
function messagesIn(language: SpokenLanguage, n: number, isFresh: boolean): Media[] {
  const isOne = n === 1;
  const noun = isOne ? 'vm-message' : 'vm-messages';
  const names = (...all: string[]): Media[] => all.map(prompt);
  switch (language) {
    case 'es': {
      const adjective = `${isFresh ? 'vm-INBOX' : 'vm-Old'}${isOne ? 's' : ''}`;
      return [...numberIn(language, n, '1M'), ...names(noun, adjective)];
    }
    case 'fr':
      return [...numberIn(language, n), ...(isFresh ? names('vm-INBOX', noun) : names(noun, 'vm-Old'))];
    case 'it': {
      const adjectives = isFresh ? ['vm-nuovo', 'vm-nuovi'] : ['vm-vecchio', 'vm-vecchi'];
      return [...numberIn(language, n, isOne ? 'un' : '1'), ...names(adjectives[isOne ? 0 : 1]!, noun)];
    }
    case 'ru': {
      const plural = PLURAL.select(n) as keyof typeof RUSSIAN_MESSAGE;
      const adjective = `${isFresh ? 'vm-new' : 'vm-old'}${plural === 'one' ? 'n' : 'x'}`;
      return [...numberIn(language, n, '1n'), ...names(adjective, RUSSIAN_MESSAGE[plural])];
    }
    default:
      return [...numberIn(language, n), ...names(isFresh ? 'vm-INBOX' : 'vm-Old', noun)];
  }
}

const NONE: Record<SpokenLanguage, string[]> = {
  en: ['vm-youhave', 'vm-no', 'vm-messages'],
  es: ['vm-youhaveno', 'vm-messages'],
  fr: ['vm-youhave', 'vm-no', 'vm-messages'],
  it: ['vm-no', 'vm-message'],
  ru: ['vm-youhave', 'vm-no', 'vm-messagex2'],
};

/** "you have two new messages and one old message" */
export function waitingIn(language: SpokenLanguage, fresh: number, old: number): Media[] {
  if (fresh + old === 0) return NONE[language].map(prompt);
  return [
    prompt('vm-youhave'),
    ...(fresh > 0 ? messagesIn(language, fresh, true) : []),
    ...(fresh > 0 && old > 0 ? [prompt('vm-and')] : []),
    ...(old > 0 ? messagesIn(language, old, false) : []),
  ];
}

/** "press one for new messages" */
const ONE_FOR_NEW: Record<SpokenLanguage, string[]> = {
  en: ['vm-INBOX', 'vm-messages'],
  es: ['vm-messages', 'vm-INBOX'],
  fr: ['vm-INBOX', 'vm-messages'],
  it: ['vm-nuovi', 'vm-messages'],
  ru: ['vm-newx', 'vm-messagex2'],
};

export function oneForNewIn(language: SpokenLanguage): Media[] {
  return ['vm-onefor', ...ONE_FOR_NEW[language]].map(prompt);
}
