/** Figures that tests found, as tables: printed always, and written into docs/reliability.md when that was asked for. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url));

/** Of Markdown; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const [head, ...rest] = rows;
  return [line(head!), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join('\n');
}

/** Prints, and with LITTLEPBX_TEST_WRITE replaces what stands between the marks `<!-- name -->` and `<!-- /name -->`. */
export function report(name: string, text: string): void {
  console.info(`\n${text}\n`);
  if (!process.env.LITTLEPBX_TEST_WRITE) return;
  const page = readFileSync(FILE, 'utf8');
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`docs/reliability.md has no place for ${name}`);
  writeFileSync(FILE, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`);
}
