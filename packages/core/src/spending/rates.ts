/**
 * What a carrier asks for a call: prefixes with a price per minute, billing increments and a fee per answered call. Money
 * is in whole millionths of the deck's currency, and always rounded up, as carriers do.
 */

/** One line of a deck. */
export interface Rate {
  /** Leading digits of the E.164 number, without the plus. */
  prefix: string;
  /** Millionths. */
  pricePerMinute: number;
  /** Millionths, once per answered call. */
  setupFee: number;
  /** The first so many seconds are billed whole, 1 to 3600. */
  firstIncrementInS: number;
  /** What follows is billed in steps of this, 1 to 3600. */
  incrementInS: number;
}

/** How long an answered call counts. Seconds. */
export function billedInS(rate: Rate, talked: number): number {
  const seconds = Math.max(1, Math.ceil(talked / 1000));
  const rest = Math.max(0, seconds - rate.firstIncrementInS);
  return rate.firstIncrementInS + Math.ceil(rest / rate.incrementInS) * rate.incrementInS;
}

/**
 * What an answered call costs. Millionths.
 * @param talked milliseconds
 */
export function priceOf(rate: Rate, talked: number): number {
  return rate.setupFee + Math.ceil((rate.pricePerMinute * billedInS(rate, talked)) / 60);
}

export class RateDeck {
  /** Rises with each import. */
  readonly version: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly #byPrefix: Map<string, Rate>;
  readonly #longest: number;

  constructor(version: number, currency: string, rates: readonly Rate[]) {
    this.version = version;
    this.currency = currency;
    this.#byPrefix = new Map(rates.map((rate) => [rate.prefix, rate]));
    this.#longest = Math.max(0, ...rates.map((rate) => rate.prefix.length));
  }

  rates(): Rate[] {
    return [...this.#byPrefix.values()];
  }

  /** The rate with the longest prefix; null when none fits. */
  rateFor(e164: string): Rate | null {
    const digits = e164.replace(/^\+/, '');
    for (let length = Math.min(this.#longest, digits.length); length > 0; length -= 1) {
      const rate = this.#byPrefix.get(digits.slice(0, length));
      if (rate) return rate;
    }
    return null;
  }
}
