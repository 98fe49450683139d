/** A value with the interval that holds it with 95 % confidence. */
export interface Estimate {
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
  const random = mulberry32(values.length);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  );
  return { median: median(values), low: percentile(medians, 2.5), high: percentile(medians, 97.5) };
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
