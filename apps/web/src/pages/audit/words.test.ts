import { readdirSync, readFileSync } from 'node:fs';
import { openApiDocument } from '@littlepbx/contract';
import { expect, it } from 'vitest';
import { enumWordOf, fieldOf, isField, isResource } from './words.ts';

interface Schema {
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
}

/** What each member of any request or answer of the API may be, where it is one of a few words. */
function fewWords(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const look = (schema: unknown, name: string | null): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { properties, ...rest } = schema as Schema;
    for (const value of name === null ? [] : [...(rest.enum ?? []), rest.const]) {
      if (typeof value === 'string') found.set(name!, (found.get(name!) ?? new Set()).add(value));
    }
    for (const [member, of] of Object.entries(properties ?? {})) look(of, fieldOf(member));
    for (const part of Object.values(rest)) look(part, name);
  };
  look(openApiDocument('0'), null);
  return found;
}

/** In words by other means: names of languages, levels of rights, roles; of a ban the page of bans speaks. */
const ELSEWHERE = new Set(['language', 'scopes', 'role', 'reason', 'kind']);

it('no word of the API stands raw in the log: whatever a field may be, it has words', () => {
  const fields = [...fewWords()].filter(([field]) => isField(field) && !ELSEWHERE.has(field));
  expect(fields.map(([field]) => field)).toEqual(
    expect.arrayContaining(['transport', 'digest', 'codecs', 'music', 'by']),
  );
  const raw = fields.flatMap(([field, values]) =>
    [...values].filter((value) => enumWordOf(field, value) === null).map((value) => `${field}: ${value}`),
  );
  expect(raw).toEqual([]);
});

it('kinds of sounds have words, and what came later than the page is shown as it is', () => {
  for (const kind of ['recording', 'voicemail', 'greeting', 'prompt', 'music'])
    expect(enumWordOf('kind', kind)).not.toBeNull();
  expect(enumWordOf('transport', 'sctp')).toBeNull();
  expect(enumWordOf('name', 'own')).toBeNull();
});

it('what the log tells of has a name', () => {
  const folder = new URL('../../../../../packages/data/migrations/', import.meta.url);
  const sql = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const logged = sql.flatMap((text) => [...text.matchAll(/audit_table\('\w+', '([a-z-]+)'/g)].map(([, name]) => name!));
  expect(logged).toContain('extension');
  expect(logged.filter((name) => !isResource(name))).toEqual([]);
});
