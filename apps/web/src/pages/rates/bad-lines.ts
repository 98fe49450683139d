/** What a table of rates was refused for, line by line, in the reader's words where there are some. */

export interface BadLine {
  /** As an editor counts them; null: it is about the table as a whole. */
  line: number | null;
  column: string | null;
  reason: keyof typeof REASONS | 'other';
  values: Record<string, string>;
}

const REASONS = {
  prefix: /^must be 1 to 15 digits/,
  amount: /^must be an amount/,
  increment: /^must be seconds such as/,
  twice: /^(?<prefix>\d+) stands in line (?<before>\d+) already$/,
  noCsv: /^is no CSV/,
  empty: /^holds no rate$/,
  tooMany: /^must hold at most (?<most>\d+)/,
  column: /^has no column (?<column>\w+)/,
} as const satisfies Record<string, RegExp>;

export function badLines(fields: readonly { field: string; reason: string }[]): BadLine[] {
  return fields.flatMap(({ field, reason: text }): BadLine[] => {
    const [csv, line, column] = field.split('.');
    if (csv !== 'csv') return [];
    const at = { line: line === undefined ? null : Number(line), column: column ?? null };
    for (const [reason, pattern] of Object.entries(REASONS) as [keyof typeof REASONS, RegExp][]) {
      const found = pattern.exec(text);
      if (found) return [{ ...at, reason, values: { ...found.groups } }];
    }
    return [{ ...at, reason: 'other', values: { text } }];
  });
}
