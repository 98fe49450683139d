import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertCalls } from './stores/calls.ts';
import { finishedCall } from './testing/calls.ts';
import { createTestInstallation, refusal, type TestInstallation, uuidv7, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

const ZONE = 'Europe/London';

/** Calls that began then, each of 61.2 s of talking. */
async function called(id: string, starts: (string | number)[], more: object = {}): Promise<void> {
  const calls = starts.map((start) => {
    const call = finishedCall(id);
    const startedAt = new Date(start).getTime();
    const times = { startedAt, answeredAt: startedAt + 1000, endedAt: startedAt + 62_200, talkDuration: 61_200 };
    return { ...call, cdr: { ...call.cdr, id: uuidv7(), ...times, ...more } };
  });
  for (let i = 0; i < calls.length; i += 500) {
    await t.db.asOperator((trx) => insertCalls(trx, calls.slice(i, i + 500)));
  }
}

async function exported(org: string, from: string, to: string, more: object = { timeZone: ZONE }) {
  const parts: string[] = [];
  for await (const part of value(await t.administration.exportCalls(t.operator, org, { from, to, ...more }))) {
    parts.push(part);
  }
  return parse(parts.join(''), { columns: true }) as Record<string, string>[];
}

describe('the export of calls', () => {
  it('has the days of the organization’s clocks, when they change too', async () => {
    const { id } = await t.organization('clocks');
    const spring = ['2026-03-28T23:59:59Z', '2026-03-29T00:00:00Z', '2026-03-29T22:59:59Z', '2026-03-29T23:00:00Z'];
    const autumn = ['2026-10-24T22:59:59Z', '2026-10-24T23:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'];
    await called(id, [...spring, ...autumn, '2026-10-25T23:59:59Z', '2026-10-26T00:00:00Z']);
    const wall = async (day: string) => (await exported(id, day, day)).map((call) => call.startedLocal);
    expect(await wall('2026-03-29')).toEqual(['2026-03-29 00:00:00', '2026-03-29 23:59:59']);
    // An hour that comes twice: what is told in UTC keeps them apart, and their order.
    expect(await wall('2026-10-25')).toEqual([
      '2026-10-25 00:00:00',
      '2026-10-25 01:30:00',
      '2026-10-25 01:30:00',
      '2026-10-25 23:59:59',
    ]);
    const { since, until } = value(
      await t.administration.callTotals(t.operator, id, { from: '2026-03-29', to: '2026-03-29', timeZone: ZONE }),
    );
    expect((until - since) / 3_600_000).toBe(23);
  });

  it('tells each call once, in order, however many there are', async () => {
    const { id, admin } = await t.organization('many');
    const start = Date.parse('2026-05-01T00:00:00Z');
    // Many at the same moment: the id decides between them.
    await called(
      id,
      Array.from({ length: 2_100 }, (_, i) => start + Math.floor(i / 700) * 1000),
    );
    const calls = await exported(id, '2026-05-01', '2026-05-31');
    expect(new Set(calls.map((call) => call.id)).size).toBe(2_100);
    const keys = calls.map((call) => `${call.startedAt} ${call.id}`);
    expect(keys).toEqual(keys.toSorted());
    expect(calls[0]).toMatchObject({ talkInS: '62', startedAt: '2026-05-01T00:00:00.000Z' });
    const period = { from: '2026-05-01', to: '2026-05-31', timeZone: ZONE };
    const { totals } = value(await t.administration.callTotals(admin, id, period));
    expect(totals.map((sum) => [sum.calls, sum.answered, sum.talkDuration])).toEqual([[2_100, 2_100, 2_100 * 61_200]]);
  });

  it('has of the calls those that a filter names, and the days of the organization where no zone is named', async () => {
    const { id } = await t.organization('filtered');
    value(await t.administration.updateOrganization(t.operator, id, { timeZone: 'Asia/Tokyo' }));
    const late = '2026-07-01T23:30:00Z';
    await called(id, [late], { direction: 'inbound', from: '+442079460123', result: 'no-answer' });
    await called(id, ['2026-07-01T14:00:00Z'], { direction: 'outbound', fromExtension: '101' });
    await called(id, ['2026-07-02T13:00:00Z'], { direction: 'inbound', from: '+442079460999' });
    const days = async (more: object) => (await exported(id, '2026-07-02', '2026-07-02', more)).map((c) => c.startedAt);
    expect(await days({})).toEqual(['2026-07-01T23:30:00.000Z', '2026-07-02T13:00:00.000Z']);
    expect(await days({ search: '7946 0123' })).toEqual(['2026-07-01T23:30:00.000Z']);
    expect(await days({ result: 'no-answer', direction: 'inbound' })).toEqual(['2026-07-01T23:30:00.000Z']);
    expect(await days({ direction: 'outbound' })).toEqual([]);
    expect((await exported(id, '2026-07-01', '2026-07-01', { extension: '101' })).length).toBe(1);
  });

  it('is no formula to a spreadsheet, whatever a caller is called', async () => {
    const { id } = await t.organization('formula');
    const money = { cost: 1_234_567, currency: 'EUR' };
    await called(id, ['2026-06-01T12:00:00Z'], { from: '+4930123456', fromName: '=HYPERLINK("http://x")', ...money });
    const [call] = await exported(id, '2026-06-01', '2026-06-01');
    expect(call).toMatchObject({ from: "'+4930123456", fromName: '\'=HYPERLINK("http://x")' });
    expect(call).toMatchObject({ cost: '1.234567', currency: 'EUR' });
    const day = { from: '2026-06-01', to: '2026-06-01' };
    const { costs } = value(await t.administration.callTotals(t.operator, id, day));
    expect(costs).toEqual([{ currency: 'EUR', cost: 1_234_567 }]);
  });

  it('has nothing of another organization, and says what is wrong with a period', async () => {
    const a = await t.organization('export-a');
    const b = await t.organization('export-b');
    await called(b.id, ['2026-06-02T12:00:00Z']);
    expect(await exported(a.id, '2026-06-01', '2026-06-30')).toEqual([]);
    const asked = (org: string, from: string, to: string, timeZone = ZONE) =>
      t.administration.exportCalls(a.admin, org, { from, to, timeZone });
    expect(refusal(await asked(b.id, '2026-06-01', '2026-06-30'))).toBe('not-found');
    for (const [from, to, zone, field] of [
      ['2026-06-02', '2026-06-01', ZONE, 'to'],
      ['2024-06-01', '2026-06-01', ZONE, 'to'],
      ['2026-06-01', '2026-06-01', 'Mars/Olympus', 'timeZone'],
    ] as const) {
      const refused = await asked(a.id, from, to, zone);
      expect(refused.ok ? [] : refused.refusal.fields!.map((f) => f.field)).toEqual([field]);
    }
  });
});
