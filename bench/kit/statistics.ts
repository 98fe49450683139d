/** A value with the interval that holds it with 95 % confidence. */
export interface Estimate {
  /** Or another figure in the middle. */
  median: number;
  low: number;
  high: number;
}

/** Middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Percentile `p` of 100 by linear interpolation (type 7, as R and NumPy); NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * p) / 100;
  const below = Math.floor(place);
  const lower = sorted[below] ?? Number.NaN;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)] ?? lower;
  return lower + (upper - lower) * (place - below);
}

const RESAMPLES = 5000;

/** Median and its percentile bootstrap interval. The same input gives the same interval: the generator is seeded. */
export function estimate(values: readonly number[]): Estimate {
  return bootstrap(values, median);
}

/** Estimate of all `a` by all `b`, pair by pair drawn: for pairs whose ratios fall into two heaps, between which a median jumps. */
export function ratioOfSums(a: readonly number[], b: readonly number[]): Estimate {
  const pairs = a.map((value, i) => [value, b[i] ?? Number.NaN] as const);
  const sum = (some: readonly (readonly [number, number])[], i: 0 | 1) => some.reduce((all, pair) => all + pair[i], 0);
  return bootstrap(pairs, (drawn) => sum(drawn, 0) / sum(drawn, 1));
}

function bootstrap<T>(values: readonly T[], figure: (drawn: readonly T[]) => number): Estimate {
  const random = mulberry32(values.length);
  const drawn = Array.from({ length: RESAMPLES }, () =>
    figure(values.map(() => values[Math.floor(random() * values.length)]!)),
  );
  return { median: figure(values), low: percentile(drawn, 2.5), high: percentile(drawn, 97.5) };
}

/** Estimate of `a[i] / b[i]`: the two of a pair ran one after the other, so what disturbed them is alike. */
export function ratioOfPairs(a: readonly number[], b: readonly number[]): Estimate {
  return estimate(a.map((value, i) => value / (b[i] ?? Number.NaN)));
}

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
