/** What the commands print: JSON for programs, aligned columns for people. */

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

type Cell = string | number | boolean | null | undefined;

/** One column: its title and how to get its text from a row. */
export type Column<T> = readonly [title: string, cell: (row: T) => Cell];

export function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** Rows under their titles, two spaces apart, numbers to the right. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  if (rows.length === 0) return 'none';
  const cells = rows.map((row) => columns.map(([, cell]) => cell(row)));
  const texts = [columns.map(([title]) => title), ...cells.map((line) => line.map(plain))];
  const widths = columns.map((_, i) => Math.max(...texts.map((line) => width(line[i] ?? ''))));
  const isNumber = columns.map((_, i) => cells.every((line) => typeof line[i] === 'number'));
  return texts
    .map((line) =>
      line
        .map((text, i) => {
          const space = ' '.repeat((widths[i] ?? 0) - width(text));
          return isNumber[i] ? space + text : text + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One thing, a member a line. @param currency of amounts of money; null: it is not known */
export function details(value: object, currency: string | null = null): string {
  const lines = Object.entries(value).map(([name, member]) => [name, written(name, member, currency)] as const);
  const indent = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `${name.padEnd(indent)}  ${text}`).join('\n');
}

/** What the API counts in milliseconds, millionths and bytes, in words. */
function written(name: string, member: unknown, currency: string | null): string {
  if (typeof member !== 'number') return flat(member, currency);
  if (name.endsWith('At')) return time(member);
  if (name.startsWith('money')) return money(member, currency);
  return name.endsWith('Bytes') ? size(member) : plain(member);
}

/** Counted as the pages do: 1 GB is 1024 MB. */
function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024)), units.length - 1);
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`;
}

/** Local time to the second. */
export function time(at: number | null): string {
  return at === null ? '-' : new Date(at).toLocaleString('sv');
}

/** Whether a phone says that it is there. */
export function answering({ roundTrip, isSilent }: { roundTrip: number | null; isSilent: boolean }): string {
  if (isSilent) return 'does not answer';
  return roundTrip === null ? 'was not asked lately' : `answers in ${roundTrip} ms`;
}

/** `4 s`, `1:05`, `1:00:05`. */
export function length(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  return minutes < 60 ? `${minutes}:${two(s % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** An amount in millionths, as people write it. */
export function money(micros: number, currency: string | null = null): string {
  const whole = Math.trunc(micros / 1_000_000);
  const rest = String(micros % 1_000_000)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${whole}.${rest}${currency === null ? '' : ` ${currency}`}`;
}

function flat(value: unknown, currency: string | null): string {
  if (Array.isArray(value)) return value.map((member) => flat(member, currency)).join(', ') || '-';
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => `${name} ${written(name, member, currency)}`)
      .join(', ');
  }
  return plain(value as Cell);
}

// A name out of the database must not move the cursor of the operator's terminal.
function plain(value: Cell): string {
  if (value === null || value === undefined || value === '') return '-';
  if (value === true) return 'yes';
  if (value === false) return 'no';
  return String(value).replace(/\p{Cc}/gu, '�');
}

/** Columns a text takes: East Asian characters and emoji take two, marks none. */
function width(text: string): number {
  let columns = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    columns +=
      /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Extended_Pictographic}/u.test(
        segment,
      ) && !/^[0-9#*©®]/u.test(segment)
        ? 2
        : 1;
  }
  return columns;
}
