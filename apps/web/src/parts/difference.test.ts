import { expect, it } from 'vitest';
import { differenceOf, valueAt, withValueAt } from './difference.ts';

const seen = {
  name: 'Acme',
  allowedCountries: ['GB'],
  limits: { concurrentCalls: 30, offHours: { percent: 50, fromHour: 20 } },
};

it('of what was not changed nothing is sent; of a group the members that were', () => {
  expect(differenceOf(seen, structuredClone(seen))).toBeNull();
  const wanted = { ...seen, limits: { concurrentCalls: 40, offHours: { percent: 50, fromHour: 21 } } };
  expect(differenceOf(seen, wanted)).toEqual({
    change: { limits: { concurrentCalls: 40, offHours: { fromHour: 21 } } },
    expected: { limits: { concurrentCalls: 30, offHours: { fromHour: 20 } } },
  });
});

it('a list is one value, and a password that nobody can see is expected to be nothing', () => {
  expect(differenceOf(seen, { allowedCountries: ['GB', 'IE'], password: 'new' })).toEqual({
    change: { allowedCountries: ['GB', 'IE'], password: 'new' },
    expected: { allowedCountries: ['GB'] },
  });
});

it('a value is found and replaced where the API says it is', () => {
  expect(valueAt(seen, 'limits.offHours.percent')).toBe(50);
  expect(valueAt(seen, 'limits.nothing.percent')).toBeUndefined();
  const next = withValueAt(seen, 'limits.offHours.percent', 10);
  expect(next.limits).toEqual({ concurrentCalls: 30, offHours: { percent: 10, fromHour: 20 } });
  expect(seen.limits.offHours.percent).toBe(50);
});
