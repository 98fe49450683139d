/**
 * What was called, in figures. The database counts by the hour, once over the calls of the period; days, hours of the day
 * and totals are sums of that. An hour belongs to the day that the clock on the wall showed, so a day may have 23 or 25.
 */
import { stringify } from 'csv-stringify/sync';
import { type Access, ok, refuseField } from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import type { CallCounts, Statistics, StatisticsBucket, StatisticsQuery } from './views.ts';

const DAY = 86_400_000;
const MAX_DAYS = { hour: 31, day: 400 };

const COUNTS = [
  'calls',
  'answered',
  'voicemail',
  'missed',
  'abandoned',
  'failed',
  'talkDuration',
  'ringDuration',
] as const satisfies (keyof CallCounts)[];

const nothing = (): CallCounts => ({
  ...{ calls: 0, answered: 0, voicemail: 0, missed: 0, abandoned: 0, failed: 0 },
  ...{ talkDuration: 0, ringDuration: 0 },
});

function add(sum: CallCounts, more: CallCounts): void {
  for (const name of COUNTS) sum[name] += more[name];
}

export function statisticsUseCases(access: Access): Pick<Administration, 'getStatistics' | 'exportStatistics'> {
  const inPeriod = <T>(
    actor: Actor,
    org: string,
    query: StatisticsQuery,
    fn: (
      stores: StoreSet,
      row: OrganizationRow,
      period: { since: number; until: number; timeZone: string },
    ) => Promise<T>,
  ) =>
    access.inOrganization(actor, org, { scope: 'calls:read', isLong: true }, async (stores, row) => {
      const { from, to, by, timeZone = row.timeZone } = query;
      const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
      if (!(days >= 1)) return refuseField('invalid', 'to', 'must not be before `from`');
      if (days > MAX_DAYS[by]) return refuseField('invalid', 'to', `must be within ${MAX_DAYS[by]} days of \`from\``);
      const period = await stores.calls.period(from, to, timeZone);
      if (!period) return refuseField('invalid', 'timeZone', 'must be a time zone, such as Europe/London');
      return ok(await fn(stores, row, { ...period, timeZone }));
    });

  return {
    getStatistics: (actor, org, query) =>
      inPeriod(actor, org, query, async (stores, row, period): Promise<Statistics> => {
        const buckets = await bucketsOf(stores, row, period, query.by);
        const extensions = await stores.statistics.byExtension(row.id, period);
        const names = new Map((await stores.trunks.all(row.id)).map((trunk) => [trunk.id, trunk.name]));
        const trunks = await stores.statistics.byTrunk(row.id, period);
        return {
          ...period,
          ...buckets,
          extensions,
          trunks: trunks.map((trunk) => ({ ...trunk, name: names.get(trunk.trunkId) ?? null })),
        };
      }),

    exportStatistics: async (actor, org, query) => {
      const found = await inPeriod(actor, org, query, (stores, row, period) =>
        bucketsOf(stores, row, period, query.by),
      );
      return found.ok ? ok(table(found.value.buckets)) : found;
    },
  };
}

type Figures = Pick<Statistics, 'buckets' | 'totals' | 'busiestHour' | 'hoursOfDay'>;

async function bucketsOf(
  stores: StoreSet,
  row: OrganizationRow,
  period: { since: number; until: number; timeZone: string },
  by: StatisticsQuery['by'],
): Promise<Figures> {
  const hours = await stores.statistics.byHour(row.id, period);
  const buckets: StatisticsBucket[] = (await stores.statistics.series(period, by)).map((b) => ({ ...b, ...nothing() }));
  const byStart = new Map(buckets.map((bucket) => [bucket.at, bucket]));
  const totals = { ...nothing(), internal: 0, inbound: 0, outbound: 0 };
  const hoursOfDay = Array.from({ length: 24 }, (_, hour) => ({ hour, ...nothing() }));
  let busiest: (typeof hours)[number] | null = null;
  for (const hour of hours) {
    const bucket = byStart.get(by === 'hour' ? hour.at : hour.day);
    if (bucket) add(bucket, hour);
    add(hoursOfDay[hour.hourOfDay]!, hour);
    add(totals, hour);
    for (const direction of ['internal', 'inbound', 'outbound'] as const) totals[direction] += hour[direction];
    if (busiest === null || hour.calls > busiest.calls) busiest = hour;
  }
  const busiestHour = busiest && { at: busiest.at, local: busiest.local, calls: busiest.calls };
  return { buckets, totals, hoursOfDay, busiestHour };
}

const inSeconds = (ms: number): number => Math.round(ms / 1000);

function table(buckets: StatisticsBucket[]): string {
  const titles = ['begins', ...COUNTS.slice(0, 6), 'talkInS', 'ringInS'];
  const lines = buckets.map((b) => [
    b.local,
    ...COUNTS.slice(0, 6).map((name) => b[name]),
    inSeconds(b.talkDuration),
    inSeconds(b.ringDuration),
  ]);
  return stringify([titles, ...lines], { record_delimiter: '\r\n' });
}
