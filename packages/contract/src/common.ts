/** Schemas that several resources share. Times are `…At` in milliseconds since the epoch, durations in milliseconds. */
import { z } from 'zod';
import { LONG_PAGE } from './page-size.ts';
import './reasons.ts';

// Of answers, so it checks no format: an id that looks different must not turn a good answer into a fault.
export const uuid = z.string().meta({ description: 'UUID.', examples: ['01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10'] });

/** Answers say the same of a field as the changes of it, and check less. */
export function saidOf<S extends z.ZodType>(like: z.ZodType, schema: S): S {
  const { description = '', examples } = like.meta() ?? {};
  return schema.meta({ description, ...(examples ? { examples } : {}) });
}

/** Milliseconds since the epoch. */
export const instant = z.int().meta({ description: 'Milliseconds since the epoch.', examples: [1753142400000] });

export const duration = z
  .int()
  .min(0)
  .meta({ description: 'Milliseconds.', examples: [4200] });

/**
 * A name that people read, in any script. Control characters and lone surrogates are refused: Postgres cannot store
 * U+0000 or half a character, and a line break in a name would end a SIP header.
 */
export const personName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must be at most 100 characters')
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'must not contain control characters')
  .meta({ description: 'What people call it; in any script.' });

/** A name in an answer. */
export const shownName = z.string().meta({ description: 'What people call it.' });

/** Free text of one line. */
export const noteText = z
  .string()
  .trim()
  .max(500, 'must be at most 500 characters')
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'must not contain control characters');

export const slug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,30}$/, 'must be 2 to 31 lower-case letters, digits and hyphens, a letter first')
  .meta({ description: 'Short name in addresses and commands.', examples: ['acme'] });

/** Text in a path: an id, a number or a slug. What is not there is 404, so only the size is checked. */
const pathText = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');

export const orgParam = pathText.meta({ description: 'Slug or UUID of the organization.', examples: ['acme'] });
export const extensionParam = pathText.meta({ description: 'Number or UUID of the extension.', examples: ['101'] });
export const usernameParam = pathText.meta({ description: 'SIP username.', examples: ['k7p2m9x4c1q8'] });
export const numberParam = pathText.meta({
  description: 'The number, E.164 (the plus sign may be left out) or national.',
  examples: ['+442079460100'],
});
export const idParam = pathText.meta({
  description: 'UUID.',
  examples: ['01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10'],
});
export const revisionParam = z.coerce
  .number<string | number>('must be a revision number')
  .int('must be a revision number')
  .min(0)
  .max(2_147_483_647)
  .meta({ description: 'Revision number.', examples: [3] });

export const extensionNumber = z
  .string()
  .regex(/^[0-9]{2,8}$/, 'must be 2 to 8 digits')
  .meta({ description: 'Number of the extension, unique in the organization.', examples: ['101'] });

/** What a person would dial. */
export const dialled = z
  .string()
  .trim()
  .regex(/^[+*#]?[0-9][0-9*# ()./-]{0,30}$/, 'must be a number as it would be dialled')
  .meta({ description: 'Extension number or outside number, as it would be dialled.', examples: ['+442079460123'] });

export const phoneNumber = z
  .string()
  .trim()
  .regex(/^\+?[0-9][0-9 ()./-]{1,30}$/, 'must be a phone number, best in E.164: + and country code first')
  .meta({ description: 'Phone number, in E.164 or as written in the country.', examples: ['+442079460100'] });

export const e164 = z.string().meta({ description: 'E.164 number.', examples: ['+442079460100'] });

export const country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be a country code of two capital letters (ISO 3166-1)')
  .meta({ description: 'ISO 3166-1 alpha-2.', examples: ['GB'] });

export const SPOKEN_LANGUAGES = ['en', 'es', 'fr', 'it', 'ru'] as const;
export type SpokenLanguage = (typeof SPOKEN_LANGUAGES)[number];

export const spokenLanguage = z
  .enum(SPOKEN_LANGUAGES)
  .meta({ description: 'ISO 639-1: English, Spanish, French, Italian, Russian.', examples: ['en'] });

const WEB_URL = /^https?:\/\/[A-Za-z0-9.[\]:-]{1,253}([/?][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$/;

/** What is wrong with an address of the web, of which `WEB_URL` only knows that something is. */
function webUrlFault(text: string): string {
  const [, host = '', rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(text) ?? [];
  const port = Number(/:(\d+)$/.exec(host)?.[1] ?? 1);
  if (host.includes('@')) return 'must hold no name and password';
  if (port < 1 || port > 65_535) return 'must be a port from 1 to 65535';
  if (/\P{ASCII}/u.test(host)) return 'must have its host name in Latin letters (xn--…)';
  if (rest.includes('#')) return 'must not contain #';
  if (host !== '' && /[^A-Za-z0-9._~!$&'()*+,;=:@%/?-]/.test(rest)) return 'must have other signs written as %20';
  return 'must be an http or https address';
}

/** Where a webhook leads. */
export const webUrl = z
  .string()
  .max(500)
  .regex(WEB_URL, { error: ({ input }) => webUrlFault(String(input)) })
  .refine((text) => URL.canParse(text), { error: ({ input }) => webUrlFault(String(input)) });

/** Of a query. */
export const when = z.coerce
  .number<string | number>('must be milliseconds since the epoch')
  .int('must be milliseconds since the epoch')
  .min(0)
  .max(8_640_000_000_000_000);

/** A query whose span of time does not end before it begins. */
export function inOrder<T extends z.ZodObject>(query: T): T {
  const isInOrder = ({ since, until }: { since?: number; until?: number }) =>
    since === undefined || until === undefined || since <= until;
  return query.refine((sent) => isInOrder(sent), { path: ['until'], error: 'must not be before `since`' });
}

const limit = (most: number) =>
  z.coerce
    .number<string | number>(`must be a number from 1 to ${most}`)
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(most, `must be at most ${most}`)
    .default(50)
    .meta({ description: 'How many at most.', examples: [2] });

/** Query of every list. */
export const pageQuery = {
  limit: limit(200),
  cursor: z
    .string()
    .min(1)
    .max(500)
    .regex(/^[A-Za-z0-9_.:=+/-]+$/, 'must be a `nextCursor` of an earlier answer')
    .exactOptional()
    .meta({ description: '`nextCursor` of the answer before; leave it out for the first page.' }),
};

/** What a list is searched for. */
export const searched = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');

/** A page of a list. */
export function paged<T extends z.ZodType>(id: string, item: T) {
  return z
    .object({
      items: z.array(item).meta({ description: 'Of this page, in the order of the list.' }),
      nextCursor: z.string().nullable().meta({ description: 'Pass it as `cursor` for more; null at the end.' }),
    })
    .meta({ id });
}

export const listQuery = z.strictObject(pageQuery);

/** Query of a list that is often wanted whole. */
export const longListQuery = z.strictObject({ ...pageQuery, limit: limit(LONG_PAGE) });

/** The same, of a list that can be searched. */
export const searchable = (query: typeof listQuery, what: string, example: string) =>
  query.extend({
    search: searched.exactOptional().meta({ description: `Only those with this in ${what}.`, examples: [example] }),
  });

/**
 * `expected` of a change: what its author saw in the fields before. Values as the API answers them.
 * @param id of the schema
 */
export function expecting<S extends z.ZodRawShape>(id: string, shape: S) {
  const members = Object.entries(shape).map(([name, schema]) => [
    name,
    (schema as unknown as z.ZodType).exactOptional(),
  ]);
  const expected = z.strictObject(Object.fromEntries(members) as { [K in keyof S]: z.ZodExactOptional<S[K]> });
  return expected.exactOptional().meta({
    id,
    description:
      'What you saw in these fields before. When one of them holds something else by now, nothing is changed and `stale` (409) names it with both values. Fields left out are not compared.',
  });
}
