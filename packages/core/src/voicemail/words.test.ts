import type { Media } from '@littlepbx/engine/port';
import { describe, expect, test } from 'vitest';
import { inLanguage } from '../call/phrases.ts';
import {
  languageOf,
  languageOfCountry,
  languagesWanted,
  SPOKEN_LANGUAGES,
  type SpokenLanguage,
} from '../tenancy/language.ts';
import { whenReceived } from './envelope.ts';
import { dateIn, numberIn, waitingIn } from './words.ts';

/** Names of the prompts, without their folder. */
const said = (media: Media[]): string =>
  media.map((one) => (one.kind === 'prompt' ? one.name.replace('digits/', '') : `<${one.kind}>`)).join(' ');

const MONDAY = Date.UTC(2026, 2, 2, 14, 5);
const later = (days: number) => MONDAY + days * 86_400_000;

describe('a message that was left on Monday, the second of March at 14:05, is told', () => {
  test.each<[SpokenLanguage, string]>([
    ['en', 'vm-received day-1 mon-2 h-2 at 14 0 5'],
    ['es', 'vm-received day-1 2 es-de mon-2 at 14 and 5'],
    ['fr', 'vm-received day-1 2 mon-2 at 14 hours 5'],
    ['it', 'vm-received day-1 2 mon-2 at hours 14 e 5'],
    ['ru', 'vm-received day-1 h-2 mon-2 at 14 0 5'],
  ])('in %s', (language, words) => {
    expect(said(whenReceived(language, MONDAY, later(3), 'UTC'))).toBe(words);
  });
});

test('today and yesterday go by the clock of the organization, not by ours', () => {
  const lateEvening = Date.UTC(2026, 2, 2, 22, 30);
  const words = (now: number, zone: string) => said(whenReceived('ru', lateEvening, now, zone));
  expect(words(lateEvening + 60_000, 'UTC')).toBe('vm-received today at 20 2 30');
  // In Moscow it is half past one already.
  expect(words(lateEvening + 60_000, 'Europe/Moscow')).toBe('vm-received today at 1 30');
  expect(words(lateEvening + 86_400_000, 'Europe/Moscow')).toBe('vm-received yesterday at 1 30');
  expect(said(whenReceived('es', Date.UTC(2026, 2, 2, 1), lateEvening, 'UTC'))).toBe('vm-received today at_s 1F');
});

describe('numbers', () => {
  test.each<[SpokenLanguage, number, string]>([
    ['en', 7, '7'],
    ['en', 35, '30 5'],
    ['es', 21, '21'],
    ['es', 42, '40 and 2'],
    ['fr', 21, '20 et 1'],
    ['fr', 71, '60 et 11'],
    ['fr', 78, '60 18'],
    ['fr', 81, '80 1'],
    ['fr', 99, '80 19'],
    ['it', 38, '38'],
    ['it', 39, '30 9'],
    ['ru', 57, '50 7'],
    ['ru', 100, '<number>'],
  ])('%s: %i is %s', (language, n, words) => expect(said(numberIn(language, n))).toBe(words));

  test.each<[SpokenLanguage, number, string]>([
    ['en', 21, '20 h-1'],
    ['es', 1, 'h-1'],
    ['fr', 31, '30 et 1'],
    ['it', 1, 'h-1'],
    ['ru', 30, 'h-30'],
  ])('%s: the date %i is %s', (language, date, words) => expect(said(dateIn(language, date))).toBe(words));
});

describe('what waits in a box', () => {
  test.each<[SpokenLanguage, number, number, string]>([
    ['en', 0, 0, 'vm-youhave vm-no vm-messages'],
    ['en', 1, 2, 'vm-youhave 1 vm-INBOX vm-message vm-and 2 vm-Old vm-messages'],
    ['es', 0, 0, 'vm-youhaveno vm-messages'],
    ['es', 1, 3, 'vm-youhave 1M vm-message vm-INBOXs vm-and 3 vm-messages vm-Old'],
    ['fr', 2, 1, 'vm-youhave 2 vm-INBOX vm-messages vm-and 1 vm-message vm-Old'],
    ['it', 1, 5, 'vm-youhave un vm-nuovo vm-message vm-and 5 vm-vecchi vm-messages'],
    ['ru', 0, 0, 'vm-youhave vm-no vm-messagex2'],
    ['ru', 1, 0, 'vm-youhave 1n vm-newn vm-message'],
    ['ru', 3, 0, 'vm-youhave 3 vm-newx vm-messagex1'],
    ['ru', 11, 0, 'vm-youhave 11 vm-newx vm-messagex2'],
    ['ru', 21, 5, 'vm-youhave 20 1n vm-newn vm-message vm-and 5 vm-oldx vm-messagex2'],
  ])('%s: %i new and %i old', (language, fresh, old, words) => {
    expect(said(waitingIn(language, fresh, old))).toBe(words);
  });
});

describe('a sentence that a language has not', () => {
  const names = (...all: string[]): Media[] => all.map((name) => ({ kind: 'prompt', name }));

  test('is another one there, or left out', () => {
    expect(inLanguage(names('im-sorry', 'please-try-call-later'), 'ru')).toEqual([
      { kind: 'prompt', name: 'im-sorry', language: 'ru' },
      { kind: 'prompt', name: 'pls-try-call-later', language: 'ru' },
    ]);
    expect(said(inLanguage(names('ss-noservice', 'check-number-dial-again'), 'es'))).toBe('ss-noservice');
  });

  test('makes the whole announcement English: two voices in one are worse', () => {
    const all = inLanguage(names('im-sorry', 'cannot-complete-as-dialed'), 'es');
    expect(all.map((one) => one.kind === 'prompt' && one.language)).toEqual(['en', 'en']);
  });
});

describe('whose language', () => {
  test('a new organization has its country’s, where it is one of ours', () => {
    expect(['MX', 'FR', 'IT', 'RU', 'GB', 'DE', 'JP'].map(languageOfCountry)).toEqual([
      ...['es', 'fr', 'it', 'ru', 'en', 'en', 'en'],
    ]);
  });

  test('an extension’s own goes before the organization’s', () => {
    expect(languageOf({ language: 'fr' }, { language: 'ru' })).toBe('ru');
    expect(languageOf({ language: 'fr' }, { language: null })).toBe('fr');
    expect(languageOf({ language: 'fr' }, null)).toBe('fr');
  });

  test('all that anybody is to hear is wanted', () => {
    const content = { extensions: [{ language: 'ru' }, { language: null }], routes: [] };
    const organizations = [
      { language: 'en', revision: { number: 1, content } },
      { language: 'it', revision: { number: 0, content: { extensions: [], routes: [] } } },
    ];
    expect([...languagesWanted(organizations as never)].sort()).toEqual(['en', 'it', 'ru']);
    expect(SPOKEN_LANGUAGES).toContain('ru');
  });
});
