import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { billedInS, priceOf, type Rate, RateDeck } from './rates.ts';

const rate = (r: Partial<Rate> = {}): Rate => ({
  prefix: '44',
  pricePerMinute: 60_000,
  setupFee: 0,
  firstIncrementInS: 60,
  incrementInS: 60,
  ...r,
});

describe('what a call costs', () => {
  test.each([
    ['60/60', {}, 1, 60, 60_000],
    ['60/60, one second more', {}, 60_001, 120, 120_000],
    ['1/1', { firstIncrementInS: 1, incrementInS: 1 }, 90_000, 90, 90_000],
    ['30/6', { firstIncrementInS: 30, incrementInS: 6 }, 31_000, 36, 36_000],
    ['answered and gone', { firstIncrementInS: 1, incrementInS: 1 }, 0, 1, 1_000],
    ['with a fee', { setupFee: 5 }, 1, 60, 60_005],
    ['rounded up', { pricePerMinute: 1, firstIncrementInS: 1, incrementInS: 1 }, 1_000, 1, 1],
  ] as const)('%s', (_name, change, talked, billed, price) => {
    expect(billedInS(rate(change), talked)).toBe(billed);
    expect(priceOf(rate(change), talked)).toBe(price);
  });

  test('longer never costs less, and is always a whole number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000_000_000 }),
        fc.integer({ min: 1, max: 3600 }),
        fc.integer({ min: 1, max: 3600 }),
        fc.integer({ min: 0, max: 14_400_000 }),
        fc.integer({ min: 0, max: 14_400_000 }),
        (pricePerMinute, firstIncrementInS, incrementInS, a, b) => {
          const r = rate({ pricePerMinute, firstIncrementInS, incrementInS });
          const [short, long] = [Math.min(a, b), Math.max(a, b)];
          expect(priceOf(r, short)).toBeLessThanOrEqual(priceOf(r, long));
          expect(Number.isSafeInteger(priceOf(r, long))).toBe(true);
        },
      ),
    );
  });
});

test('the longest prefix counts, and none is none', () => {
  const deck = new RateDeck(1, 'EUR', [rate(), rate({ prefix: '447' }), rate({ prefix: '44794' })]);
  expect(deck.rateFor('+447946000000')?.prefix).toBe('44794');
  expect(deck.rateFor('+447800000000')?.prefix).toBe('447');
  expect(deck.rateFor('+442079460777')?.prefix).toBe('44');
  expect(deck.rateFor('+33123456789')).toBeNull();
});
