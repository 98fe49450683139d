import { z } from 'zod';
import { duration, expecting, extensionParam, idParam, instant, orgParam, paged, pageQuery } from './common.ts';
import { extensionLimits, extensionLimitsChange, money } from './limits.ts';
import { route } from './route.ts';

const tags = ['Spending'] as const;
const orgParams = z.strictObject({ org: orgParam });
const extensionParams = z.strictObject({ org: orgParam, extension: extensionParam });
const trunkParams = z.strictObject({ org: orgParam, trunk: idParam });

const currency = z.string().meta({ description: 'ISO 4217.', examples: ['EUR'] });

const tally = {
  calls: z.int().meta({ description: 'Calls to the outside, those under way included.' }),
  duration: duration.meta({ description: 'Of talking, what is reserved ahead included. Milliseconds.' }),
  cost: money.meta({ description: 'In millionths of `currency`.' }),
};
const period = z
  .object({ since: instant.meta({ description: 'When it began. Milliseconds since the epoch.' }), ...tally })
  .meta({ description: 'Used in the one that runs.' });
const capId = z.enum(['minutes-per-hour', 'minutes-per-day', 'money-per-hour', 'money-per-day']);

export const usage = z
  .object({
    timeZone: z.string().meta({ description: 'IANA name; whose hours and days.' }),
    currency: currency.nullable().meta({ description: 'Of the outbound trunk; null: it has no rate deck.' }),
    isOffHours: z.boolean().meta({ description: 'The lower caps of nights and weekends hold now.' }),
    hour: period,
    day: period,
    callsInProgress: z.int().meta({ description: 'To the outside.' }),
    caps: z
      .array(
        z.object({
          id: capId,
          isOffHours: z.boolean().meta({ description: 'The lower one, of nights and weekends.' }),
          used: z.int().meta({ description: 'Milliseconds of talking, or millionths of `currency`.' }),
          limit: z.int().meta({ description: 'What may be used, counted alike.' }),
        }),
      )
      .meta({ description: 'The caps that hold now.' }),
    extensions: z
      .array(
        z.object({
          extensionId: z.string(),
          extension: z.string().nullable().meta({ description: 'Number, as applied.' }),
          hour: z.object(tally),
          day: z.object(tally),
          callsInProgress: z.int(),
        }),
      )
      .meta({ description: 'Those that called outside today.' }),
    alerts: z
      .array(
        z.object({
          id: z.string().meta({ examples: ['spend-limit-near'] }),
          at: instant,
          detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        }),
      )
      .meta({ description: 'The latest, newest first.' }),
  })
  .meta({ id: 'Usage' });

const PRICE = 'Per minute, in millionths of the currency of the deck.';
const SETUP_FEE = 'Per answered call, in millionths of the currency of the deck.';
const FIRST_INCREMENT = 'What is charged at least of an answered call. Seconds.';
const INCREMENT = 'In steps of this the rest is charged. Seconds.';

const rate = z
  .object({
    prefix: z.string().meta({ description: 'Leading digits of the E.164 number.', examples: ['4420'] }),
    pricePerMinute: money.meta({ description: PRICE }),
    setupFee: money.meta({ description: SETUP_FEE }),
    firstIncrementInS: z.int().meta({ description: FIRST_INCREMENT, examples: [60] }),
    incrementInS: z.int().meta({ description: INCREMENT, examples: [60] }),
  })
  .meta({ id: 'Rate' });

const rateParams = trunkParams.extend({
  prefix: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/, 'must be 1 to 15 digits, the country code first')
    .meta({ description: 'Leading digits of the E.164 number.', examples: ['44'] }),
});
const price = z.int().min(0).max(100_000_000_000);
const seconds = z.int().min(1).max(3600);
const priced = {
  pricePerMinute: price.meta({ description: PRICE, examples: [12_000] }),
  setupFee: price.meta({ description: SETUP_FEE, examples: [0] }),
  firstIncrementInS: seconds.meta({ description: FIRST_INCREMENT, examples: [60] }),
  incrementInS: seconds.meta({ description: INCREMENT, examples: [60] }),
};

const newRate = z
  .strictObject({
    pricePerMinute: priced.pricePerMinute,
    setupFee: priced.setupFee.default(0),
    firstIncrementInS: priced.firstIncrementInS.default(60),
    incrementInS: priced.incrementInS.default(60),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be three capital letters (ISO 4217)')
      .exactOptional()
      .meta({ description: 'Of the deck; needed for the first rate of a trunk.', examples: ['EUR'] }),
    expected: expecting('ExpectedRate', priced),
  })
  .meta({ id: 'NewRate', examples: [{ pricePerMinute: 12_000, currency: 'EUR' }] });

const newDeck = z
  .strictObject({
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be three capital letters (ISO 4217)')
      .meta({ examples: ['EUR'] }),
    csv: z.string().max(4_000_000).meta({
      description:
        'Columns `prefix` and `price_per_minute`, and if you like `increment` (such as 60/60 or 1/1) and `setup_fee`, under a heading; comma or semicolon.',
    }),
    isDryRun: z.boolean().exactOptional().meta({ description: 'Only says whether it could be imported.' }),
  })
  .meta({
    id: 'NewRateDeck',
    examples: [
      { currency: 'EUR', csv: 'prefix,price_per_minute,increment,setup_fee\n44,0.012,60/60,0\n447,0.09,1/1,0' },
    ],
  });

export const spendingRoutes = {
  getUsage: route({
    method: 'GET',
    path: '/organizations/{org}/usage',
    summary: 'Show what was used',
    description:
      'Calls to the outside of the present hour and day, by organization and extension, what live calls have reserved included; the caps; and the latest alerts.',
    tags,
    scope: 'calls:read',
    params: orgParams,
    responses: { status: 200, body: usage, description: 'The usage.', problems: ['not-found'] },
  }),
  getExtensionLimits: route({
    method: 'GET',
    path: '/organizations/{org}/extensions/{extension}/limits',
    summary: "Show an extension's limits",
    description: 'Of calls to the outside on its behalf, forwards and transfers included.',
    tags,
    scope: 'extensions:read',
    params: extensionParams,
    responses: { status: 200, body: extensionLimits, description: 'The limits.', problems: ['not-found'] },
  }),
  updateExtensionLimits: route({
    method: 'PATCH',
    path: '/organizations/{org}/extensions/{extension}/limits',
    summary: "Change an extension's limits",
    description:
      'Acts at once, without apply; calls in progress obey too. An organization may only lower; the operator may raise and remove.',
    tags,
    scope: 'extensions:write',
    params: extensionParams,
    body: extensionLimitsChange,
    responses: {
      status: 200,
      body: extensionLimits,
      description: 'The limits as they are now.',
      problems: ['invalid', 'not-found'],
    },
  }),
  listRates: route({
    method: 'GET',
    path: '/organizations/{org}/trunks/{trunk}/rates',
    summary: "List a trunk's rates",
    description: 'By prefix.',
    tags,
    scope: 'trunks:read',
    isOperatorOnly: true,
    params: trunkParams,
    query: z.strictObject({
      ...pageQuery,
      prefix: z
        .string()
        .regex(/^[0-9]{1,15}$/, 'must be digits')
        .exactOptional()
        .meta({ description: 'Only those that begin so.', examples: ['44'] }),
    }),
    responses: {
      status: 200,
      body: paged('RatePage', rate).extend({
        currency: currency.nullable().meta({ description: 'null: the trunk has no deck.' }),
        importedAt: instant.nullable(),
        count: z.int().meta({ description: 'Rates of the whole deck.' }),
      }),
      description: 'A page of rates.',
      problems: ['invalid', 'not-found'],
    },
  }),
  importRates: route({
    method: 'POST',
    path: '/organizations/{org}/trunks/{trunk}/rates',
    summary: "Import a trunk's rates",
    description:
      'Replaces the whole deck, or changes nothing and names every bad line. Acts at once on new calls; those in progress keep their price. With a deck, numbers that no prefix fits are not called.',
    tags,
    scope: 'trunks:write',
    isOperatorOnly: true,
    maxBody: 5 * 1024 * 1024,
    params: trunkParams,
    body: newDeck,
    responses: {
      status: 200,
      body: z.object({ currency, count: z.int(), isDryRun: z.boolean() }).meta({ id: 'RateImport' }),
      description: 'What was imported.',
      problems: ['invalid', 'not-found'],
    },
  }),
  setRate: route({
    method: 'PUT',
    path: '/organizations/{org}/trunks/{trunk}/rates/{prefix}',
    summary: 'Set one rate of a trunk',
    description:
      'Adds it or replaces it; the others stay. A trunk without a deck gets one. Acts at once on new calls; those in progress keep their price.',
    tags,
    scope: 'trunks:write',
    isOperatorOnly: true,
    params: rateParams,
    body: newRate,
    responses: {
      status: 200,
      body: rate,
      description: 'The rate.',
      problems: ['invalid', 'not-found', 'stale'],
    },
  }),
  deleteRate: route({
    method: 'DELETE',
    path: '/organizations/{org}/trunks/{trunk}/rates/{prefix}',
    summary: 'Delete one rate of a trunk',
    description: 'Numbers that it was for go by a shorter prefix, or are not called where there is none.',
    tags,
    scope: 'trunks:write',
    isOperatorOnly: true,
    params: rateParams,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['invalid', 'not-found', 'in-use'] },
  }),
  deleteRates: route({
    method: 'DELETE',
    path: '/organizations/{org}/trunks/{trunk}/rates',
    summary: "Delete a trunk's rates",
    description: 'Its calls cost nothing that is known from now on; caps of minutes stay.',
    tags,
    scope: 'trunks:write',
    isOperatorOnly: true,
    params: trunkParams,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found'] },
  }),
};

export type RateAnswer = z.infer<typeof rate>;
export type UsageAnswer = z.infer<typeof usage>;
