import { z } from 'zod';
import { day } from './calls.ts';
import { duration, instant, orgParam, uuid } from './common.ts';
import { route } from './route.ts';

const period = {
  from: day.meta({ description: 'First day.', examples: ['2025-07-22'] }),
  to: day.meta({ description: 'Last day.', examples: ['2025-07-23'] }),
  timeZone: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'must be a time zone, such as Europe/London')
    .exactOptional()
    .meta({ description: "IANA name; the organization's own when left out.", examples: ['Europe/London'] }),
  by: z
    .enum(['hour', 'day'])
    .default('day')
    .meta({ description: 'Of what length the buckets are. By the hour 31 days at most, by the day 400.' }),
};
const periodQuery = z.strictObject(period);

const count = (what: string) => z.int().min(0).meta({ description: what });

const counts = {
  calls: count('All calls that began then.'),
  answered: count('Somebody answered.'),
  voicemail: count('The caller was led to a voicemail box.'),
  missed: count('Nobody answered, or it was busy.'),
  abandoned: count('The caller gave up before anybody answered.'),
  failed: count('Refused, or failed on its way.'),
  talkDuration: duration.meta({ description: 'All talking together. Milliseconds.' }),
  ringDuration: duration.meta({ description: 'How long callers of answered calls waited, together. Milliseconds.' }),
};

const bucket = z.object({
  at: instant.meta({ description: 'When it begins. Milliseconds since the epoch.' }),
  local: z.string().meta({
    description:
      'What the clock on the wall shows then, with the difference to UTC: where clocks are set back one hour comes twice.',
    examples: ['2026-10-25T02:00+01:00'],
  }),
  ...counts,
});

const statistics = z
  .object({
    since: instant,
    until: instant.meta({ description: 'Just after the last day. Milliseconds since the epoch.' }),
    timeZone: z.string(),
    totals: z.object({
      ...counts,
      internal: count('Between extensions.'),
      inbound: count('From the outside.'),
      outbound: count('To the outside.'),
    }),
    buckets: z.array(bucket).meta({ description: 'All of the period, in order; those without a call, too.' }),
    busiestHour: z
      .object({ at: instant, local: bucket.shape.local, calls: count('That began in it.') })
      .nullable()
      .meta({ description: 'The first of the hours in which most calls began; null: there was no call.' }),
    hoursOfDay: z
      .array(z.object({ hour: z.int().min(0).max(23).meta({ description: 'Of the day.' }), ...counts }))
      .meta({ description: 'Calls by what the clock on the wall showed, 0 to 23.' }),
    extensions: z
      .array(
        z.object({
          extension: z.string().meta({ description: 'Its number.', examples: ['101'] }),
          placed: count('Calls that it made.'),
          received: count('Calls that it answered, or was the last to be rung for.'),
          answered: count('Of those received.'),
          missed: count('Of those received: not answered by a person.'),
          talkDuration: duration,
        }),
      )
      .meta({ description: 'By number; those without a call are left out.' }),
    trunks: z.array(
      z.object({
        trunkId: uuid,
        name: z.string().nullable().meta({ description: 'Null: it is gone.' }),
        inbound: z.int(),
        outbound: z.int(),
        answered: z.int(),
        failed: z.int(),
        talkDuration: duration,
      }),
    ),
  })
  .meta({ id: 'Statistics' });

const params = z.strictObject({ org: orgParam });

export const statisticsRoutes = {
  getStatistics: route({
    method: 'GET',
    path: '/organizations/{org}/statistics',
    summary: 'Count past calls',
    description:
      'By the hour or day, by the hour of the day, by extension and by trunk. A call counts where it began. Hours and days are those of the time zone, when clocks are changed as well.',
    tags: ['Calls'],
    scope: 'calls:read',
    params,
    query: periodQuery,
    responses: { status: 200, body: statistics, description: 'The figures.', problems: ['invalid', 'not-found'] },
  }),
  exportStatistics: route({
    method: 'GET',
    path: '/organizations/{org}/statistics/export',
    summary: 'Count past calls, as a table',
    description: 'The buckets as CSV (RFC 4180), UTF-8; durations are seconds.',
    tags: ['Calls'],
    scope: 'calls:read',
    params,
    query: periodQuery,
    responses: {
      status: 200,
      body: null,
      media: 'text/csv',
      description: 'A line for each hour or day.',
      problems: ['invalid', 'not-found'],
    },
  }),
};

export type StatisticsAnswer = z.infer<typeof statistics>;
