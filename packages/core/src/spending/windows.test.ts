import { describe, expect, test } from 'vitest';
import { isTimeZone, timeZoneOf, windowsAt } from './windows.ts';

const NIGHT = { fromHour: 20, toHour: 7, hasWeekends: true, percent: 50 };
const at = (text: string) => Date.parse(text);

describe('the hour and the day of an organization', () => {
  test.each([
    ['UTC', '2026-06-10T13:37:00Z', '2026-06-10T13:00:00Z', '2026-06-10T00:00:00Z'],
    ['Europe/London', '2026-06-10T23:30:00Z', '2026-06-10T23:00:00Z', '2026-06-10T23:00:00Z'],
    ['Asia/Kolkata', '2026-06-10T13:37:00Z', '2026-06-10T13:30:00Z', '2026-06-09T18:30:00Z'],
    ['America/New_York', '2026-06-10T02:00:00Z', '2026-06-10T02:00:00Z', '2026-06-09T04:00:00Z'],
    // The clock went forward at one, and the day began before.
    ['Europe/London', '2026-03-29T12:10:00Z', '2026-03-29T12:00:00Z', '2026-03-29T00:00:00Z'],
    // It went back at two: the day began in summer time.
    ['Europe/London', '2026-10-25T12:10:00Z', '2026-10-25T12:00:00Z', '2026-10-24T23:00:00Z'],
  ])('%s, %s', (zone, now, hour, day) => {
    expect(windowsAt(at(now), zone, NIGHT)).toMatchObject({ hour: at(hour), day: at(day) });
  });

  test.each([
    ['2026-06-10T12:00:00Z', false],
    ['2026-06-10T19:00:00Z', true],
    ['2026-06-10T03:00:00Z', true],
    ['2026-06-10T06:00:00Z', false],
    ['2026-06-13T12:00:00Z', true],
  ])('off hours in London at %s: %s', (now, isOff) => {
    expect(windowsAt(at(now), 'Europe/London', NIGHT).isOff).toBe(isOff);
  });

  test('no night, no weekends', () => {
    const never = { ...NIGHT, fromHour: 0, toHour: 0, hasWeekends: false };
    expect(windowsAt(at('2026-06-13T00:10:00Z'), 'UTC', never).isOff).toBe(false);
  });
});

test('a country with one clock has a zone, others have to be asked', () => {
  expect(['GB', 'DE', 'US', 'ZZ'].map(timeZoneOf)).toEqual(['Europe/London', 'Europe/Berlin', 'UTC', 'UTC']);
  expect(['Europe/London', 'UTC', 'Europe/Atlantis', '+01:00', ''].map(isTimeZone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
