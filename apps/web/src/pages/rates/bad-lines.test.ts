import { expect, it } from 'vitest';
import { badLines } from './bad-lines.ts';

it('names each bad line with its column, and what is wrong with the table as a whole', () => {
  const fields = [
    { field: 'csv.3.prefix', reason: 'must be 1 to 15 digits, the country code first' },
    { field: 'csv.4.price_per_minute', reason: 'must be an amount such as 0.012, of at most 6 decimals' },
    { field: 'csv.5.prefix', reason: '44 stands in line 2 already' },
    { field: 'csv', reason: 'has no column prefix; known are prefix, price_per_minute' },
    { field: 'csv.6.colour', reason: 'must be green' },
    { field: 'currency', reason: 'must be three capital letters (ISO 4217)' },
  ];
  expect(badLines(fields)).toEqual([
    { line: 3, column: 'prefix', reason: 'prefix', values: {} },
    { line: 4, column: 'price_per_minute', reason: 'amount', values: {} },
    { line: 5, column: 'prefix', reason: 'twice', values: { prefix: '44', before: '2' } },
    { line: null, column: null, reason: 'column', values: { column: 'prefix' } },
    { line: 6, column: 'colour', reason: 'other', values: { text: 'must be green' } },
  ]);
});
