import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reasonOf } from './reasons.ts';

const packages = join(import.meta.dirname, '../../../../packages');
const folders = ['contract/src', 'core/src/tenancy', 'core/src/persons', 'core/src/voicemail', 'core/src/webhooks'];

/** Only programs send what is refused so, or it is told elsewhere. */
const NOT_IN_THE_PAGE = [
  /^must be (milliseconds since the epoch|a revision number|the `sequence` of an event|the id of an extension)$/,
  /^must be an? `?nextCursor`? of an earlier answer$|^must not be dots$|^is no such token$/,
  /^must be (text|a list|an object)$|^must have at least 7 entries$/,
  // The page offers what can be had.
  /^must be a sound of the kind greeting$|^must be 7$|^7 is no scope of such a key$|^7 is more than your own key may do$/,
  // Told by pages/rates/bad-lines.ts.
  /^must be an amount such as|^must be seconds such as|^is no CSV|^7 stands in line 7 already$/,
];
/** Of tables that only commands send. */
const isOfTables = (file: string) => /extension-(csv|import)\.ts$/.test(file);

it('knows every reason by which a field can be refused', () => {
  const files = folders.flatMap((folder) =>
    readdirSync(join(packages, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !isOfTables(name))
      .map((name) => join(packages, folder, name)),
  );
  const said = files.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8').matchAll(
        /'(must (?:[^'\\]|\\.)+)'|"(must [^"]+)"|`(must (?:[^`\\]|\\.)+)`|(?:add|refuseField|complain)\([^;]*?, ['`]((?:is|there is|leads|extension|trunk|\$\{\w+(?:\.\w+)?\}) (?:[^'`\\]|\\.)+)['`]\)/g,
      ),
    ].map((match) =>
      (match[1] ?? match[2] ?? match[3] ?? match[4]!).replaceAll('\\', '').replaceAll(/\$\{[^}]+\}/g, '7'),
    ),
  );
  expect(said.length).toBeGreaterThan(80);
  const unknown = said.filter((text) => !reasonOf(text) && !NOT_IN_THE_PAGE.some((pattern) => pattern.test(text)));
  expect([...new Set(unknown)]).toEqual([]);
});

it.each([
  ['an emptied number', 'must not be null', 'required'],
  ['a number beyond all', 'is too great a number', 'tooGreat'],
  ['half a call', 'must be a whole number', 'number'],
  [
    'a forward to a service code',
    'must be an extension, an outside number as dialled in this country (GB), or voicemail',
    'forward',
  ],
  ['an own e-mail address as a password', 'must not be the e-mail address', 'isEmail'],
])('%s has words of its own', (_what, text, reason) => {
  expect(reasonOf(text)?.reason).toBe(reason);
});

it('says how many there may be', () => {
  expect(reasonOf('must be at most 100000')).toEqual({ reason: 'atMost', values: { most: '100000' } });
  expect(reasonOf('must be at most 10')).toEqual({ reason: 'atMost', values: { most: '10' } });
  expect(reasonOf('must be a whole number of days from 0 (for ever) to 3650')?.values).toEqual({
    least: '0',
    most: '3650',
  });
});
