/** Figures of past calls: each call in its hour and day, when clocks are changed as well, and nobody else's. */
import type { Cdr } from '@littlepbx/core/call/record';
import type { StatisticsQuery } from '@littlepbx/core/tenancy/views';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertCalls } from './stores/calls.ts';
import { finishedCall } from './testing/calls.ts';
import { createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

async function officeWith(slug: string, calls: (Partial<Cdr> & { at: string })[]) {
  const { id, admin } = await t.organization(slug);
  const insert = (trx: Parameters<typeof insertCalls>[0]) =>
    insertCalls(
      trx,
      calls.map(({ at, ...cdr }) => finishedCall(id, { startedAt: Date.parse(at), ...cdr })),
    );
  if (calls.length > 0) await t.db.asOperator(insert);
  const figures = async (query: StatisticsQuery) => value(await t.administration.getStatistics(admin, id, query));
  return { id, admin, figures };
}

const missed = { result: 'no-answer', answeredAt: null, talkDuration: 0 } as const;

it('counts what became of calls, by hour of the day, extension and trunk', async () => {
  const trunkId = '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10';
  const inbound = { direction: 'inbound', fromExtension: null, trunkId } as const;
  const { figures } = await officeWith('figures', [
    { at: '2026-06-01T08:10:00Z' },
    { at: '2026-06-01T08:20:00Z', ...inbound },
    { at: '2026-06-01T08:30:00Z', ...inbound, ...missed },
    { at: '2026-06-01T15:00:00Z', ...inbound, ...missed, result: 'cancelled' },
    { at: '2026-06-02T15:00:00Z', ...inbound, ...missed, result: 'voicemail', answeredBy: '103' },
    {
      at: '2026-06-02T16:00:00Z',
      direction: 'outbound',
      answeredBy: '+442079460000',
      trunkId,
      ...missed,
      result: 'failed',
    },
    { at: '2026-06-03T00:00:00Z' },
  ]);
  const found = await figures({ from: '2026-06-01', to: '2026-06-02', timeZone: 'UTC', by: 'day' });
  expect(found.totals).toMatchObject({ calls: 6, answered: 2, missed: 1, abandoned: 1, voicemail: 1, failed: 1 });
  expect(found.totals).toMatchObject({ internal: 1, inbound: 4, outbound: 1, talkDuration: 8000, ringDuration: 2000 });
  expect(found.buckets.map((b) => [b.local, b.calls])).toEqual([
    ['2026-06-01T00:00+00:00', 4],
    ['2026-06-02T00:00+00:00', 2],
  ]);
  expect(found.busiestHour).toEqual({ at: Date.parse('2026-06-01T08:00Z'), local: '2026-06-01T08:00+00:00', calls: 3 });
  expect(found.hoursOfDay.filter((h) => h.calls > 0).map((h) => [h.hour, h.calls])).toEqual([
    [8, 3],
    [15, 2],
    [16, 1],
  ]);
  expect(found.extensions).toEqual([
    { extension: '101', placed: 2, received: 0, answered: 0, missed: 0, talkDuration: 4000 },
    { extension: '102', placed: 0, received: 4, answered: 2, missed: 2, talkDuration: 8000 },
    { extension: '103', placed: 0, received: 1, answered: 0, missed: 1, talkDuration: 0 },
  ]);
  expect(found.trunks).toEqual([
    { trunkId, name: null, inbound: 4, outbound: 1, answered: 1, failed: 1, talkDuration: 4000 },
  ]);
});

it('keeps the two hours apart that look alike when clocks are set back, and counts a day of 25', async () => {
  const { figures, admin, id } = await officeWith('autumn', [
    { at: '2026-10-24T22:00:00Z' },
    { at: '2026-10-25T00:30:00Z' },
    { at: '2026-10-25T01:30:00Z' },
    { at: '2026-10-25T22:59:59Z' },
    { at: '2026-10-25T23:00:00Z' },
  ]);
  const day = { from: '2026-10-25', to: '2026-10-25', timeZone: 'Europe/Berlin' };
  const hours = await figures({ ...day, by: 'hour' });
  expect(hours.buckets).toHaveLength(25);
  expect(hours.buckets.filter((b) => b.calls > 0).map((b) => b.local)).toEqual([
    '2026-10-25T00:00+02:00',
    '2026-10-25T02:00+02:00',
    '2026-10-25T02:00+01:00',
    '2026-10-25T23:00+01:00',
  ]);
  expect(hours.hoursOfDay[2]!.calls).toBe(2);
  expect(hours.totals.calls).toBe(4);
  const days = await figures({ ...day, from: '2026-10-24', to: '2026-10-26', by: 'day' });
  expect(days.buckets.map((b) => [b.local, b.calls])).toEqual([
    ['2026-10-24T00:00+02:00', 0],
    ['2026-10-25T00:00+02:00', 4],
    ['2026-10-26T00:00+01:00', 1],
  ]);
  const table = value(await t.administration.exportStatistics(admin, id, { ...day, by: 'hour' }));
  expect(table.split('\r\n').slice(0, 2)).toEqual([
    'begins,calls,answered,voicemail,missed,abandoned,failed,talkInS,ringInS',
    '2026-10-25T00:00+02:00,1,1,0,0,0,0,4,1',
  ]);
});

it('has no hour that clocks skip in spring, and knows of changes by half an hour', async () => {
  const { figures } = await officeWith('spring', [
    { at: '2026-03-29T00:59:59Z' },
    { at: '2026-03-29T01:00:00Z' },
    { at: '2026-04-04T15:15:00Z' },
  ]);
  const spring = { from: '2026-03-29', to: '2026-03-29', timeZone: 'Europe/Berlin', by: 'hour' } as const;
  const { buckets } = await figures(spring);
  expect(buckets).toHaveLength(23);
  expect(buckets.filter((b) => b.calls > 0).map((b) => b.local)).toEqual([
    '2026-03-29T01:00+01:00',
    '2026-03-29T03:00+02:00',
  ]);
  // Lord Howe: at two in the night clocks go back to half past one.
  const island = await figures({ from: '2026-04-05', to: '2026-04-05', timeZone: 'Australia/Lord_Howe', by: 'hour' });
  expect(island.totals.calls).toBe(1);
  expect(island.buckets.reduce((sum, b) => sum + b.calls, 0)).toBe(1);
});

it("takes the organization's own time zone when none is given, refuses what is none, and shows nobody else's", async () => {
  const { figures, id, admin } = await officeWith('own-zone', [{ at: '2026-06-01T22:30:00Z' }]);
  const other = await officeWith('other-zone', []);
  const june2 = { from: '2026-06-02', to: '2026-06-02', by: 'day' } as const;
  expect(await figures(june2)).toMatchObject({ timeZone: 'Europe/Berlin', totals: { calls: 1 } });
  expect((await other.figures(june2)).totals.calls).toBe(0);
  const ask = (query: StatisticsQuery, who = admin) => t.administration.getStatistics(who, id, query);
  expect(refusal(await ask({ ...june2, timeZone: 'Mars/Olympus' }))).toBe('invalid');
  expect(refusal(await ask({ ...june2, to: '2026-06-01' }))).toBe('invalid');
  expect(refusal(await ask({ ...june2, to: '2026-07-30', by: 'hour' }))).toBe('invalid');
  expect(refusal(await ask(june2, other.admin))).toBe('not-found');
});
