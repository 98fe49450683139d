import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = import.meta.dirname;
const locales = join(source, 'locales');
const areas = readdirSync(join(locales, 'en')).map((name) => name.replace(/\.json$/, ''));
const PLURAL = /_(zero|one|two|few|many|other)$/;

type Words = { [key: string]: string | Words };

/** `problems.conflict` and its text, for every text. */
function flat(words: Words, prefix = ''): [key: string, text: string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  );
}

const wordsOf = (language: string, area: string) =>
  new Map(flat(JSON.parse(readFileSync(join(locales, language, `${area}.json`), 'utf8'))));

const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|\.d\.ts$/.test(name))
  .map((name) => readFileSync(join(source, name), 'utf8'));

/** Keys as they are written, and beginnings of those that are put together: `problems.${id}`. */
const written = new Set(
  code.flatMap((text) => [...text.matchAll(/'([\w.:-]+)'|"([\w.:-]+)"/g)].map((m) => m[1] ?? m[2])),
);
const begun = code.flatMap((text) => [...text.matchAll(/`([\w.:-]+)\$\{/g)].map((m) => m[1]!));

describe('words', () => {
  it('has the same areas in each language', () => {
    for (const language of readdirSync(locales)) {
      expect(readdirSync(join(locales, language)).map((name) => name.replace(/\.json$/, ''))).toEqual(areas);
    }
  });

  it.each(areas)('%s says the same in English and Russian, with the same values and all plurals', (area) => {
    const [english, russian] = [wordsOf('en', area), wordsOf('ru', area)];
    const bare = (words: Map<string, string>) =>
      [...new Set([...words.keys()].map((key) => key.replace(PLURAL, '')))].sort();
    expect(bare(russian)).toEqual(bare(english));
    for (const [language, words] of Object.entries({ en: english, ru: russian })) {
      const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      for (const key of words.keys()) {
        if (!PLURAL.test(key)) continue;
        for (const category of categories) expect([...words.keys()]).toContain(key.replace(PLURAL, `_${category}`));
      }
    }
    const values = (text: string) => [...new Set(text.match(/\{\{[^}]+\}\}/g))].sort();
    for (const [key, text] of russian) {
      const same = english.get(key) ?? english.get(key.replace(PLURAL, '_other'))!;
      if (!PLURAL.test(key)) expect([key, values(text)]).toEqual([key, values(same)]);
      expect(text.trim()).not.toBe('');
    }
  });

  it.each(areas)('%s has no words that nobody says', (area) => {
    const unused = [...wordsOf('en', area).keys()]
      .map((key) => key.replace(PLURAL, ''))
      .filter((key) => {
        const names = [key, `${area}:${key}`];
        return !names.some((name) => written.has(name) || begun.some((beginning) => name.startsWith(beginning)));
      });
    expect(unused).toEqual([]);
  });

  it('has words for whatever is said: `t` with a key that is in no area fails', () => {
    const known = new Set(
      areas.flatMap((area) => [...wordsOf('en', area).keys()].map((key) => key.replace(PLURAL, ''))),
    );
    const said = code.flatMap((text) =>
      [...text.matchAll(/\bt\(\s*'([\w.:-]+)'/g)].map((m) => m[1]!.replace(/^\w+:/, '')),
    );
    expect(said.filter((key) => !known.has(key))).toEqual([]);
  });
});
