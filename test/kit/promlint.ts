/** What `promtool check metrics` complains of, as far as it concerns us. */

const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

export function problemsOf(text: string): string[] {
  const problems: string[] = [];
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const seen = new Set<string>();
  const buckets = new Map<string, number>();
  if (text !== '' && !text.endsWith('\n')) problems.push('no line feed at the end');
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') helped.add(name);
      else if (types.has(name)) problems.push(`${name} has two TYPEs`);
      else types.set(name, rest);
      continue;
    }
    const [, name = '', labels = ''] = SAMPLE.exec(line) ?? [];
    if (name === '') {
      problems.push(`cannot be read: ${line}`);
      continue;
    }
    const base = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    const type = types.get(base);
    if (type === undefined) problems.push(`${name} has no TYPE before it`);
    if (!helped.has(base)) problems.push(`${name} has no HELP`);
    if (type === 'counter' && !name.endsWith('_total')) problems.push(`counter ${name} does not end in _total`);
    if (seen.has(`${name}{${labels}}`)) problems.push(`${name}{${labels}} is there twice`);
    seen.add(`${name}{${labels}}`);
    if (type === 'histogram' && name.endsWith('_bucket')) {
      const series = `${name}{${labels.replace(/,?le="[^"]*"/, '')}}`;
      const value = Number(line.slice(line.lastIndexOf(' ') + 1));
      if (value < (buckets.get(series) ?? 0)) problems.push(`buckets of ${series} do not rise`);
      buckets.set(series, value);
    }
  }
  return problems;
}
