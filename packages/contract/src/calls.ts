import { z } from 'zod';
import { REASONS, RESULTS, TRACE_STEPS } from './call-words.ts';
import {
  dialled,
  duration,
  idParam,
  inOrder,
  instant,
  orgParam,
  paged,
  pageQuery,
  searched as text,
  uuid,
  when,
} from './common.ts';
import { money } from './limits.ts';
import { route } from './route.ts';

const direction = z
  .enum(['internal', 'inbound', 'outbound'])
  .meta({ description: 'Inside, or from and to the public network.' });
export const result = z
  .enum(RESULTS)
  .meta({ description: "What became of it, from the caller's point of view.", examples: ['answered'] });

const party = {
  from: z
    .string()
    .nullable()
    .meta({ description: 'Number shown for the caller; null: withheld.', examples: ['101'] }),
  fromName: z.string().nullable().meta({ description: 'Name shown for the caller; null: none was.' }),
  to: z.string().meta({ description: 'What was dialled.', examples: ['102'] }),
  fromExtension: z.string().nullable().meta({ description: 'Extension that placed it, when one did.' }),
  did: z.string().nullable().meta({ description: 'Number it came in on.' }),
  trunkId: uuid.nullable().meta({ description: 'Line to the outside; null: it went by none.' }),
};

export const cdr = z
  .object({
    id: uuid,
    organizationId: uuid,
    direction,
    ...party,
    answeredBy: z.string().nullable().meta({ description: 'Who answered, else the last one tried.' }),
    result,
    reason: z
      .string()
      .meta({ description: `Why, in stable kebab-case: ${REASONS.join(', ')}.`, examples: ['caller-hung-up'] }),
    blame: z
      .enum(['caller', 'callee', 'organization', 'carrier', 'platform'])
      .meta({ description: 'Whose doing the end was.' }),
    startedAt: instant,
    answeredAt: instant.nullable(),
    endedAt: instant,
    ringDuration: duration.meta({ description: 'From the start to the answer, or to the end. Milliseconds.' }),
    talkDuration: duration.meta({ description: 'From the answer to the end. Milliseconds; 0: never answered.' }),
    revision: z.int().min(0).meta({ description: 'Revision that routed it.' }),
    cost: z.int().meta({ description: 'Of its legs to the outside, in millionths of `currency`.', examples: [12000] }),
    currency: z.string().nullable().meta({ description: 'ISO 4217; null: nothing of it had a price.' }),
    handledBy: z
      .enum(['brain', 'fallback'])
      .meta({ description: '`fallback`: the engine placed it by itself while the call logic was away.' }),
  })
  .meta({ id: 'Cdr', description: 'Call detail record.' });

const traceStep = z
  .object({
    at: instant,
    step: z.string().meta({ description: `Stable kebab-case: ${TRACE_STEPS.join(', ')}.`, examples: ['rang'] }),
    leg: z.string().exactOptional().meta({ description: 'Leg it is about, where there is one.' }),
    detail: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .exactOptional()
      .meta({ description: 'Facts of this kind of step.' }),
  })
  .meta({ id: 'TraceStep' });

export const liveCall = z
  .object({
    id: uuid,
    direction,
    ...party,
    state: z.enum(['ringing', 'talking', 'held']).meta({ description: 'What it is doing now.' }),
    with: z
      .string()
      .nullable()
      .meta({ description: 'Who answered, or who is being rung.', examples: ['102'] }),
    startedAt: instant,
    answeredAt: instant.nullable(),
    isRecorded: z.boolean().meta({ description: 'It is being recorded now.' }),
    revision: z.int().min(0).meta({ description: 'Revision that routes it.' }),
  })
  .meta({ id: 'LiveCall' });

const ofCalls = {
  extension: text
    .exactOptional()
    .meta({ description: 'Number of an extension that placed it, was dialled, or answered.', examples: ['101'] }),
  search: text.exactOptional().meta({
    description:
      'Part of a number or name at either end, names of extensions as they are now. Spaces and punctuation of a number do not matter.',
    examples: ['7946 0123'],
  }),
  result: result.exactOptional(),
  direction: direction.exactOptional().meta({ description: 'Into the organization, out of it, or inside.' }),
};

const callQuery = inOrder(
  z.strictObject({
    ...pageQuery,
    ...ofCalls,
    from: text.exactOptional().meta({ description: 'Number or extension of the caller.', examples: ['101'] }),
    to: text.exactOptional().meta({ description: 'What was dialled.', examples: ['102'] }),
    since: when.exactOptional().meta({ description: 'Began at or after this. Milliseconds since the epoch.' }),
    until: when.exactOptional().meta({ description: 'Began before this. Milliseconds since the epoch.' }),
    result: result.exactOptional(),
    direction: direction.exactOptional().meta({ description: 'Inside, or from and to the public network.' }),
  }),
);

/** Of a calendar. */
export const day = z
  .string()
  .regex(/^(20|19)[0-9]{2}-(0[1-9]|1[0-2])-[0-9]{2}$/, 'must be a day, such as 2026-10-31')
  .refine(
    (text) => new Date(`${text}T00:00Z`).toJSON()?.startsWith(text) ?? false,
    'must be a day, such as 2026-10-31',
  );
const periodQuery = z.strictObject({
  from: day.meta({ description: 'First day.', examples: ['2025-07-01'] }),
  to: day.meta({ description: 'Last day.', examples: ['2025-07-31'] }),
  timeZone: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'must be a time zone, such as Europe/London')
    .exactOptional()
    .meta({ description: "Whose days; IANA name. Left out: the organization's.", examples: ['Europe/London'] }),
});

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ org: orgParam, call: idParam });
const tags = ['Calls'] as const;
const done = { status: 204, body: null } as const;

export const callRoutes = {
  listCalls: route({
    method: 'GET',
    path: '/organizations/{org}/calls',
    summary: 'List past calls',
    description: 'Newest first. A call is here once it ended.',
    tags,
    scope: 'calls:read',
    params: orgParams,
    query: callQuery,
    responses: {
      status: 200,
      body: paged('CdrPage', cdr),
      description: 'A page of call detail records.',
      problems: ['invalid', 'not-found'],
    },
  }),
  exportCalls: route({
    method: 'GET',
    path: '/organizations/{org}/calls/export',
    summary: 'Export past calls',
    description:
      "CSV, oldest first, for bills: all calls that began on these days, or those of them that the filters name. Durations are in whole seconds, begun ones counted. A cell that a spreadsheet would take for a formula has a ' in front.",
    tags,
    scope: 'calls:read',
    params: orgParams,
    query: periodQuery.extend(ofCalls),
    responses: {
      status: 200,
      body: null,
      media: 'text/csv',
      description: 'The calls.',
      problems: ['invalid', 'not-found'],
    },
  }),
  callTotals: route({
    method: 'GET',
    path: '/organizations/{org}/calls/totals',
    summary: 'Sum up past calls',
    description: 'How many calls began on these days, by direction, how long people talked, and what it cost.',
    tags,
    scope: 'calls:read',
    params: orgParams,
    query: periodQuery,
    responses: {
      status: 200,
      body: z
        .object({
          since: instant,
          until: instant.meta({ description: 'Just after the last day. Milliseconds since the epoch.' }),
          timeZone: z.string(),
          totals: z.array(z.object({ direction, calls: z.int(), answered: z.int(), talkDuration: duration })),
          costs: z
            .array(
              z.object({
                currency: z.string().meta({ description: 'ISO 4217.', examples: ['EUR'] }),
                cost: money.meta({ description: 'In millionths of `currency`.' }),
              }),
            )
            .meta({ description: 'By currency; empty: nothing had a price.' }),
        })
        .meta({ id: 'CallTotals' }),
      description: 'The sums.',
      problems: ['invalid', 'not-found'],
    },
  }),
  getCall: route({
    method: 'GET',
    path: '/organizations/{org}/calls/{call}',
    summary: 'Explain a past call',
    description: 'Its record, and its trace: what happened and why, step by step.',
    tags,
    scope: 'calls:read',
    params,
    responses: {
      status: 200,
      body: z.object({ cdr, trace: z.array(traceStep) }).meta({ id: 'ExplainedCall' }),
      description: 'The record and the trace.',
      problems: ['not-found'],
    },
  }),
  listLiveCalls: route({
    method: 'GET',
    path: '/organizations/{org}/live-calls',
    summary: 'List calls in progress',
    description: 'Oldest first. Calls that the engine placed by itself while the call logic was away are not listed.',
    tags,
    scope: 'calls:read',
    params: orgParams,
    responses: {
      status: 200,
      body: z.object({ items: z.array(liveCall) }).meta({ id: 'LiveCalls' }),
      description: 'Calls in progress.',
      problems: ['not-found'],
    },
  }),
  getLiveCall: route({
    method: 'GET',
    path: '/organizations/{org}/live-calls/{call}',
    summary: 'Explain a call in progress',
    description: 'What it is doing, and its trace up to now. Once it ended, it is among the past calls.',
    tags,
    scope: 'calls:read',
    params,
    responses: {
      status: 200,
      body: z.object({ call: liveCall, trace: z.array(traceStep) }).meta({ id: 'ExplainedLiveCall' }),
      description: 'The call and its trace.',
      unversioned: 'all',
      problems: ['not-found'],
    },
  }),
  hangUpCall: route({
    method: 'DELETE',
    path: '/organizations/{org}/live-calls/{call}',
    summary: 'Hang up a call',
    description: 'Ends it for everybody in it. Its record says `hung-up-by-admin`.',
    tags,
    scope: 'calls:write',
    params,
    responses: { ...done, description: 'It is over.', problems: ['not-found', 'engine-unavailable'] },
  }),
  transferCall: route({
    method: 'POST',
    path: '/organizations/{org}/live-calls/{call}/transfer',
    summary: 'Transfer a call',
    description:
      'Blind: whoever called is connected to `to`, whoever answered is let go as soon as it rings there; from then on it is a call to `to` like any other, with its forwards and its mailbox. Where nothing rings they talk on, and the trace says why.',
    tags,
    scope: 'calls:write',
    params,
    body: z.strictObject({ to: dialled }).meta({ id: 'Transfer', examples: [{ to: '102' }] }),
    responses: {
      ...done,
      description: 'The transfer is under way.',
      problems: ['invalid', 'not-found', 'conflict', 'engine-unavailable'],
    },
  }),
  recordCall: route({
    method: 'POST',
    path: '/organizations/{org}/live-calls/{call}/recording',
    summary: 'Start or stop recording a call',
    description: 'Asking for what is already so is fine.',
    tags,
    scope: 'calls:write',
    params,
    body: z
      .strictObject({ action: z.enum(['start', 'stop']) })
      .meta({ id: 'RecordingAction', examples: [{ action: 'start' }] }),
    responses: {
      ...done,
      description: 'Done.',
      problems: ['invalid', 'not-found', 'conflict', 'storage-full', 'engine-unavailable'],
    },
  }),
};

export type CdrAnswer = z.infer<typeof cdr>;
export type LiveCallAnswer = z.infer<typeof liveCall>;
export type TraceStepAnswer = z.infer<typeof traceStep>;
