import { expect, it } from 'vitest';
import { addDays, dayOf, startOfDay } from './day.ts';

const iso = (at: number) => new Date(at).toISOString();

it.each([
  ['2026-07-01', 'Europe/London', '2026-06-30T23:00:00.000Z'],
  // Clocks change on these days: they have 23 and 25 hours.
  ['2026-03-29', 'Europe/London', '2026-03-29T00:00:00.000Z'],
  ['2026-03-30', 'Europe/London', '2026-03-29T23:00:00.000Z'],
  ['2026-10-25', 'Europe/London', '2026-10-24T23:00:00.000Z'],
  ['2026-10-26', 'Europe/London', '2026-10-26T00:00:00.000Z'],
  ['2026-01-01', 'Asia/Kolkata', '2025-12-31T18:30:00.000Z'],
  ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00.000Z'],
  // At midnight it is one o'clock at once.
  ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
])('%s begins in %s at %s', (day, zone, at) => {
  expect(iso(startOfDay(day, zone))).toBe(at);
  expect(dayOf(startOfDay(day, zone), zone)).toBe(day);
  expect(dayOf(startOfDay(day, zone) - 1, zone)).toBe(addDays(day, -1));
});

it('days follow each other over the ends of months and years', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
});
