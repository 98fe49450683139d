/**
 * Counters, gauges and histograms in Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Gauges are read when asked for; counting is an
 * addition. Not prom-client: it costs every start of the brain 100 ms, and 4.7 MB.
 */

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

interface Metric {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  lines(): Promise<string[]> | string[];
}

const NONE: Labels = {};
/** Series of one metric; more would be a mistake in its labels, and are not kept. */
const MAX_SERIES = 2_000;

export class Counter {
  readonly #series = new Map<string, { labels: Labels; value: number }>();

  add(labels: Labels = NONE, by = 1): void {
    const key = keyOf(labels);
    const series = this.#series.get(key);
    if (series) series.value += by;
    else if (this.#series.size < MAX_SERIES) this.#series.set(key, { labels, value: by });
  }

  samples(): Sample[] {
    return [...this.#series.values()].map(({ labels, value }) => [labels, value]);
  }
}

export class Histogram {
  readonly bounds: readonly number[];
  readonly #series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();

  /** @param bounds upper bounds, rising; infinity is there by itself */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  observe(value: number, labels: Labels = NONE): void {
    const key = keyOf(labels);
    let series = this.#series.get(key);
    if (!series) {
      if (this.#series.size >= MAX_SERIES) return;
      series = { labels, counts: this.bounds.map(() => 0), sum: 0, count: 0 };
      this.#series.set(key, series);
    }
    const at = this.bounds.findIndex((bound) => value <= bound);
    if (at >= 0) series.counts[at]! += 1;
    series.sum += value;
    series.count += 1;
  }

  lines(name: string): string[] {
    return [...this.#series.values()].flatMap(({ labels, counts, sum, count }) => {
      let total = 0;
      const buckets = this.bounds.map((bound, i) => {
        total += counts[i]!;
        return line(`${name}_bucket`, { ...labels, le: String(bound) }, total);
      });
      return [
        ...buckets,
        line(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
        line(`${name}_sum`, labels, sum),
        line(`${name}_count`, labels, count),
      ];
    });
  }
}

/** All that one page shows. */
export class MetricsPage {
  readonly #metrics: Metric[] = [];

  counter(name: string, help: string): Counter {
    const counter = new Counter();
    this.#metrics.push({
      name,
      help,
      type: 'counter',
      lines: () => counter.samples().map(([labels, value]) => line(name, labels, value)),
    });
    return counter;
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(bounds);
    this.#metrics.push({ name, help, type: 'histogram', lines: () => histogram.lines(name) });
    return histogram;
  }

  /** @param read a number or samples; what is not known (null, not finite) is left out */
  gauge(name: string, help: string, read: () => Reading | Promise<Reading>, type: 'gauge' | 'counter' = 'gauge'): void {
    this.#metrics.push({
      name,
      help,
      type,
      async lines() {
        const reading = await read();
        const samples: readonly Sample[] = Array.isArray(reading)
          ? reading
          : [[NONE, (reading as number) ?? Number.NaN]];
        return samples
          .filter(([, value]) => Number.isFinite(value))
          .map(([labels, value]) => line(name, labels, value));
      },
    });
  }

  /** The page; a metric without a sample is left out. */
  async text(): Promise<string> {
    const parts = await Promise.all(
      this.#metrics.map(async ({ name, help, type, lines }) => {
        const samples = await lines();
        return samples.length === 0
          ? ''
          : [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...samples, ''].join('\n');
      }),
    );
    return parts.join('');
  }
}

export type Reading = number | null | readonly Sample[];

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

function keyOf(labels: Labels): string {
  let key = '';
  for (const name in labels) key += `${labels[name]}\u0000`;
  return key;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? `${name} ${value}` : `${name}{${pairs.join(',')}} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
