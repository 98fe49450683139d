/** Tones: made as sines, found again by the Goertzel algorithm. All audio is mono, 16 bit. */

export const SAMPLE_RATE = 8000;

/** A sine that goes on where the last call ended. `level` is the peak, of 32,767. */
export class Sine {
  readonly hertz: number;
  readonly #level: number;
  readonly #rate: number;
  #position = 0;

  constructor(hertz: number, level = 10_000, rate = SAMPLE_RATE) {
    this.hertz = hertz;
    this.#level = level;
    this.#rate = rate;
  }

  next(count: number): Int16Array {
    const step = (2 * Math.PI * this.hertz) / this.#rate;
    const samples = Int16Array.from({ length: count }, (_, i) =>
      Math.round(this.#level * Math.sin(step * (this.#position + i))),
    );
    this.#position += count;
    return samples;
  }
}

/** Root mean square, 0 to 32,767. */
export const loudness = (samples: Int16Array): number => {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
};

/** How much of `sound` is found in `heard`, at the best place: 1 for all of it, in whatever loudness. */
export const likeness = (heard: Int16Array, sound: Int16Array): number => {
  const energy = (of: Int16Array, from: number): number => {
    let sum = 0;
    for (let i = 0; i < sound.length; i++) sum += of[from + i]! ** 2;
    return sum;
  };
  const own = energy(sound, 0);
  let best = 0;
  for (let from = 0; from + sound.length <= heard.length; from++) {
    let product = 0;
    for (let i = 0; i < sound.length; i++) product += heard[from + i]! * sound[i]!;
    if (product > 0) best = Math.max(best, product / Math.sqrt(own * energy(heard, from) || 1));
  }
  return best;
};

/** Share of the signal's power that lies at `hertz`: 1 for a pure tone, about 0.5 for each of two equal ones, 0 for silence. */
export const shareOfTone = (samples: Int16Array, hertz: number, rate = SAMPLE_RATE): number => {
  const w = (2 * Math.PI * hertz) / rate;
  const k = 2 * Math.cos(w);
  let s1 = 0;
  let s2 = 0;
  let total = 0;
  for (const sample of samples) {
    const s0 = sample + k * s1 - s2;
    s2 = s1;
    s1 = s0;
    total += sample * sample;
  }
  if (total === 0) return 0;
  const power = s1 * s1 + s2 * s2 - k * s1 * s2;
  return (2 * power) / (samples.length * total);
};

/** A share above this counts as "hears the tone", also under a second tone of the same level or a poor codec. */
export const TONE_SHARE = 0.25;
/** Below this loudness it is silence (comfort noise and codec error lie under 50). */
export const SILENCE = 100;

export const hasTone = (samples: Int16Array, hertz: number, rate = SAMPLE_RATE): boolean =>
  loudness(samples) > SILENCE && shareOfTone(samples, hertz, rate) > TONE_SHARE;

/** The strongest tone between 200 and 3,400 Hz to within 10 Hz, for error texts; null in silence. */
export const strongestTone = (samples: Int16Array, rate = SAMPLE_RATE): number | null => {
  if (loudness(samples) <= SILENCE) return null;
  let best: number | null = null;
  let bestShare = TONE_SHARE;
  for (let hertz = 200; hertz <= 3400; hertz += 10) {
    const share = shareOfTone(samples, hertz, rate);
    if (share > bestShare) {
      bestShare = share;
      best = hertz;
    }
  }
  return best;
};
