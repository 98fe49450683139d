import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, type Column, readTable, writeTable } from './extension-csv.ts';

describe('a table of extensions', () => {
  test.each([
    ['commas', 'number,name\n101,Ann\n'],
    ['semicolons, as spreadsheets of half of Europe write them', 'number;name\n101;Ann\n'],
    ['tabs', 'number\tname\n101\tAnn\n'],
    ['a byte order mark and CRLF', '\ufeffnumber,name\r\n101,Ann\r\n'],
    ['quotation marks', '"number","name"\n"101","Ann"\n'],
    ['titles in another writing, and spaces', ' NUMBER , Name \n 101 , Ann '],
    ['empty lines in between', 'number,name\n\n101,Ann\n,\n\n'],
  ])('is read with %s', (_what, text) => {
    const { lines, problems } = readTable(text);
    expect(problems).toEqual([]);
    expect(lines.map(({ cells }) => cells)).toEqual([{ number: '101', name: 'Ann' }]);
  });

  test('keeps separators and quotation marks that stand in a cell', () => {
    const { lines } = readTable('number;name\n101;"Ann; ""the"" boss, really"\n');
    expect(lines[0]).toEqual({ line: 2, cells: { number: '101', name: 'Ann; "the" boss, really' } });
  });

  test.each([
    ['', [{ line: 1, column: null }]],
    ['name\nAnn\n', [{ line: 1, column: 'number' }]],
    [
      'number,nmae,number\n101,Ann,102\n',
      [
        { line: 1, column: 'nmae' },
        { line: 1, column: 'number' },
      ],
    ],
    [
      'number,name\n101,Ann\n102\n103,Cyd,x\n',
      [
        { line: 3, column: null },
        { line: 4, column: null },
      ],
    ],
    ['number,name\n101,Ann\n102,"Bob\n', [{ column: null }]],
    [`number\n${'1\n'.repeat(5001)}`, [{ line: 5002, column: null }]],
  ])('says on which line it cannot be read: %j', (text, expected) => {
    expect(readTable(text).problems).toMatchObject(expected);
  });

  test('is never a formula to a spreadsheet, and comes back as it was', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom('=1+1', '+4930', '-Bob', '@x', "'", "'=x", "''+1", '＝x', 'a;b', 'a,b', '"', '|'),
    );
    const written = cell
      .map((text) => text.trim())
      .filter((text) => !/\r|\n|\t|\0|\ufeff/.test(text) && text.isWellFormed());
    const row = fc.record(
      Object.fromEntries(COLUMNS.map((column) => [column, written])) as Record<Column, typeof written>,
    );
    const rows = fc.array(
      row.filter((r) => r.number !== ''),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(rows, (all) => {
        const text = writeTable(all);
        for (const cell of (parse(text) as string[][]).slice(1).flat()) expect(cell).not.toMatch(/^[=+\-@＝＋－＠]/);
        const read = readTable(text);
        expect(read.problems).toEqual([]);
        expect(read.lines.map(({ cells }) => cells)).toEqual(all);
      }),
    );
  });
});
