/**
 * Extensions as a table: what export writes, import reads back unchanged. The writing is forgiving where spreadsheets
 * differ (byte order mark, comma, semicolon or tab, line ends, the case of titles) and strict in what it means.
 *
 * A cell that a spreadsheet would take for a formula gets a `'` in front, and loses it again when read
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

export const COLUMNS = [
  'number',
  'name',
  'ringTimeInS',
  'doNotDisturb',
  'forwardAlways',
  'forwardBusy',
  'forwardNoAnswer',
  'outboundNumber',
  'language',
  'dids',
  'devices',
  'voicemailEmail',
  'voicemailPin',
] as const;
export type Column = (typeof COLUMNS)[number];

export const MAX_LINES = 5_000;

export interface Line {
  /** In the file, from 1. */
  line: number;
  /** Columns that the file has; trimmed. */
  cells: Partial<Record<Column, string>>;
}

export interface LineProblem {
  /** From 1; the titles are line 1. */
  line: number;
  /** Title of the column; null when it is about the whole line. */
  column: string | null;
  reason: string;
}

const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/;

/** Text that no spreadsheet takes for a formula. */
export const neutral = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);
const meant = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);

/** Lists stand in one cell. */
export const LIST_SEPARATOR = '|';
export const listIn = (cell: string, separator = /[|;]/): string[] =>
  cell
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

export function writeTable(rows: readonly Record<Column, string>[]): string {
  const cells = rows.map((row) => COLUMNS.map((column) => neutral(row[column])));
  return stringify([[...COLUMNS], ...cells], { record_delimiter: '\r\n' });
}

const plain = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]/g, '');
const BY_TITLE = new Map<string, Column>(COLUMNS.map((column) => [plain(column), column]));

/** The separator that the line of titles uses most. */
function delimiterOf(text: string): string {
  const titles = text.slice(0, text.search(/\r|\n|$/));
  const count = (sign: string) => titles.split(sign).length - 1;
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

/** Reads a table; what cannot be read is told line by line. */
export function readTable(text: string): { lines: Line[]; problems: LineProblem[] } {
  const problems: LineProblem[] = [];
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      to: MAX_LINES + 2,
      max_record_size: 20_000,
    }) as unknown as typeof records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as { lines?: unknown }).lines) || 1;
    return { lines: [], problems: [{ line, column: null, reason: 'cannot be read: look at its quotation marks' }] };
  }
  const [titles, ...rest] = records;
  if (!titles) return { lines: [], problems: [{ line: 1, column: null, reason: 'the file is empty' }] };
  const columns = titles.record.map((title) => BY_TITLE.get(plain(title)) ?? null);
  for (const [i, column] of columns.entries()) {
    const title = titles.record[i]!.trim().slice(0, 50);
    if (column === null)
      problems.push({ line: 1, column: title, reason: `is no column; known are ${COLUMNS.join(', ')}` });
    else if (columns.indexOf(column) !== i) problems.push({ line: 1, column, reason: 'is there twice' });
  }
  if (!columns.includes('number')) problems.push({ line: 1, column: 'number', reason: 'is needed' });
  if (rest.length > MAX_LINES) {
    problems.push({ line: MAX_LINES + 2, column: null, reason: `is too much: ${MAX_LINES} lines at most` });
  }
  if (problems.length > 0) return { lines: [], problems };

  const lines: Line[] = [];
  for (const { record, info } of rest) {
    if (record.every((cell) => cell.trim() === '')) continue;
    if (record.length !== columns.length) {
      const reason = `has ${record.length} cells where the titles have ${columns.length}`;
      problems.push({ line: info.lines, column: null, reason });
      continue;
    }
    const cells = Object.fromEntries(columns.map((column, i) => [column, meant(record[i]!.trim()).trim()]));
    lines.push({ line: info.lines, cells });
  }
  return { lines, problems };
}
