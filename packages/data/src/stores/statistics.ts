import type { StatisticsStore } from '@littlepbx/core/tenancy/stores';
import { sql } from 'kysely';
import type { Transaction } from '../tenant-db.ts';

/** `2026-10-25T02:00+01:00`: the clock on the wall, and how it differs from UTC. `at` is SQL, and never from outside. */
const local = (at: string, timeZone: string) => {
  const wall = sql`(${sql.raw(at)} AT TIME ZONE ${timeZone})`;
  const utc = sql`(${sql.raw(at)} AT TIME ZONE 'UTC')`;
  return sql<string>`
    to_char(${wall}, 'YYYY-MM-DD"T"HH24:MI') || CASE WHEN ${wall} < ${utc} THEN '-' ELSE '+' END
    || to_char(greatest(${wall} - ${utc}, ${utc} - ${wall}), 'HH24:MI')`;
};

/** What is summed, of calls and of parts of an hour alike. */
const SUMS = {
  calls: sql`count(*)`,
  internal: sql`count(*) FILTER (WHERE direction = 'internal')`,
  inbound: sql`count(*) FILTER (WHERE direction = 'inbound')`,
  outbound: sql`count(*) FILTER (WHERE direction = 'outbound')`,
  answered: sql`count(*) FILTER (WHERE result = 'answered')`,
  voicemail: sql`count(*) FILTER (WHERE result = 'voicemail')`,
  missed: sql`count(*) FILTER (WHERE result IN ('busy', 'no-answer'))`,
  abandoned: sql`count(*) FILTER (WHERE result = 'cancelled')`,
  failed: sql`count(*) FILTER (WHERE result IN ('refused', 'failed'))`,
  talkDuration: sql`coalesce(sum(talk_duration), 0)`,
  ringDuration: sql`coalesce(sum(ring_duration) FILTER (WHERE result = 'answered'), 0)`,
};
const counted = sql.join(Object.entries(SUMS).map(([name, sum]) => sql`${sum} AS ${sql.ref(name)}`));
const summed = sql.join(Object.keys(SUMS).map((name) => sql`sum(${sql.ref(name)})::bigint AS ${sql.ref(name)}`));

/** One index (migration 0018) holds all that is counted here, so that no row is fetched. */
export function statisticsStore(trx: Transaction): StatisticsStore {
  const within = (organizationId: string, { since, until }: { since: number; until: number }) => sql`
    organization_id = ${organizationId} AND started_at >= ${new Date(since)} AND started_at < ${new Date(until)}`;
  return {
    async byHour(organizationId, period) {
      const { timeZone } = period;
      // Calls by quarters of an hour first: every time zone differs by whole ones, and asking for the zone's hour is what
      // takes long. `date_trunc` of an hour keeps apart the two that look alike when clocks are set back.
      const { rows } = await sql<Awaited<ReturnType<StatisticsStore['byHour']>>[number] & { at: Date; day: Date }>`
        SELECT hour AS at, date_trunc('day', hour, ${timeZone}) AS day, ${local('hour', timeZone)} AS local,
          extract(hour FROM hour AT TIME ZONE ${timeZone})::integer AS "hourOfDay", hours.*
        FROM (
          SELECT date_trunc('hour', quarter, ${timeZone}) AS hour, ${summed}
          FROM (
            SELECT date_bin('15 minutes', started_at, '2000-01-01T00:00Z') AS quarter, ${counted}
            FROM cdr WHERE ${within(organizationId, period)} GROUP BY 1
          ) AS quarters GROUP BY 1
        ) AS hours ORDER BY hour`.execute(trx);
      return rows.map(({ at, day, ...row }) => ({ ...row, at: at.getTime(), day: day.getTime() }));
    },
    async series({ since, until, timeZone }, by) {
      // Some zones change by half an hour, so that hours do not begin every 60 minutes; days have 23 to 25 hours.
      const step = by === 'hour' ? '30 minutes' : '12 hours';
      const { rows } = await sql<{ at: Date; local: string }>`
        SELECT at, ${local('at', timeZone)} AS local FROM (
          SELECT DISTINCT date_trunc(${by}, step, ${timeZone}) AS at
          FROM generate_series(${new Date(since)}::timestamptz, ${new Date(until - 1)}::timestamptz, ${step}::interval) AS step
        ) AS begins ORDER BY at`.execute(trx);
      return rows.map(({ at, local: shown }) => ({ at: at.getTime(), local: shown }));
    },
    async byExtension(organizationId, period) {
      const { rows } = await sql<Awaited<ReturnType<StatisticsStore['byExtension']>>[number]>`
        SELECT extension, sum(placed)::bigint AS placed, sum(received)::bigint AS received,
          sum(answered)::bigint AS answered, sum(missed)::bigint AS missed, sum(talk)::bigint AS "talkDuration"
        FROM (
          SELECT from_extension AS extension, count(*) AS placed, 0 AS received, 0 AS answered, 0 AS missed,
            sum(talk_duration) AS talk
          FROM cdr WHERE ${within(organizationId, period)} AND from_extension IS NOT NULL GROUP BY 1
          UNION ALL
          SELECT answered_by, 0, count(*), count(*) FILTER (WHERE result = 'answered'),
            count(*) FILTER (WHERE result IN ('busy', 'no-answer', 'cancelled', 'voicemail')), sum(talk_duration)
          FROM cdr WHERE ${within(organizationId, period)} AND direction <> 'outbound'
            AND answered_by ~ '^[0-9]{2,8}$' GROUP BY 1
          UNION ALL
          SELECT handed.extension, 0, count(*), count(*), 0, 0 FROM cdr, unnest(handed_on_by) AS handed (extension)
          WHERE ${within(organizationId, period)} AND handed_on_by <> '{}' AND direction <> 'outbound'
            AND handed.extension ~ '^[0-9]{2,8}$' GROUP BY 1
        ) AS sides GROUP BY extension ORDER BY extension`.execute(trx);
      return rows;
    },
    async byTrunk(organizationId, period) {
      const { rows } = await sql<Awaited<ReturnType<StatisticsStore['byTrunk']>>[number]>`
        SELECT trunk_id AS "trunkId", count(*) FILTER (WHERE direction = 'inbound') AS inbound,
          count(*) FILTER (WHERE direction = 'outbound') AS outbound,
          count(*) FILTER (WHERE result = 'answered') AS answered,
          count(*) FILTER (WHERE result IN ('refused', 'failed')) AS failed,
          coalesce(sum(talk_duration), 0)::bigint AS "talkDuration"
        FROM cdr WHERE ${within(organizationId, period)} AND trunk_id IS NOT NULL
        GROUP BY trunk_id ORDER BY trunk_id`.execute(trx);
      return rows;
    },
  };
}
