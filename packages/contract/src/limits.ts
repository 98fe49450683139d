import { z } from 'zod';

/** Money: whole millionths of the rate deck's currency. */
export const money = z
  .int()
  .min(0)
  .max(1_000_000_000_000_000)
  .meta({
    description: 'Millionths of the currency of the rates of its outbound trunk: 1500000 is 1.50.',
    examples: [50_000_000],
  });

const count = z.int().min(0).max(100_000);
const minutes = z.int().min(0).max(10_000_000);
const hourOfDay = z.int().min(0).max(23);

const offHours = {
  fromHour: hourOfDay.meta({ description: 'Night begins, by the clock of the organization.', examples: [20] }),
  toHour: hourOfDay.meta({ description: 'Night ends. The same as `fromHour`: no night.', examples: [7] }),
  hasWeekends: z.boolean().meta({ description: 'Saturday and Sunday count as off hours.' }),
  percent: z
    .int()
    .min(0)
    .max(100)
    .meta({ description: 'What of the minutes and money may be used in off hours.', examples: [50] }),
};

const anomaly = {
  callsToNewCountry: count.meta({
    description:
      'A phone with more calls than this in an hour to a country first called less than a day ago is suspended. 0: not watched.',
    examples: [5],
  }),
  shortCallsPerMinute: count.meta({
    description: 'So is one with more answered calls of less than 15 s in a minute. 0: not watched.',
    examples: [10],
  }),
  parallelCallsToPrefix: count.meta({
    description: 'So is one with more calls at once to numbers whose first 7 digits are the same. 0: not watched.',
    examples: [5],
  }),
  moneyPerTenMinutes: money.meta({
    description: 'So is one whose calls cost more in ten minutes, in the same currency. 0: not watched.',
  }),
};

const own = {
  concurrentCalls: count.meta({
    description: 'Calls in progress, inside ones included. 0 allows none.',
    examples: [30],
  }),
  callsPerSecond: count.meta({
    description: 'New calls per second, with one second of burst. 0 allows none.',
    examples: [5],
  }),
  minutesPerHour: minutes.meta({
    description: 'Minutes of talking to the outside in a clock hour, reserved a minute ahead. 0 allows none.',
    examples: [1000],
  }),
  minutesPerDay: minutes.meta({ description: '`minutesPerHour` of a day of the organization.', examples: [5000] }),
  moneyPerHour: money.meta({
    description:
      'What calls to the outside may cost in a clock hour, in millionths of the currency of the rates of its outbound trunk (`currency` of `getUsage`): 1500000 is 1.50. Without rates there is no cost.',
  }),
  moneyPerDay: money.meta({ description: '`moneyPerHour` of a day of the organization.' }),
  storageBytes: z
    .int()
    .min(0)
    .max(100_000_000_000_000)
    .meta({
      description: 'Recordings, voicemail, greetings, prompts and music it may store. Bytes.',
      examples: [1_073_741_824],
    }),
};

export const limits = z
  .object({ ...own, offHours: z.object(offHours), anomaly: z.object(anomaly) })
  .meta({ id: 'Limits' });

export const limitsChange = z
  .strictObject({
    ...optional(own),
    offHours: z.strictObject(optional(offHours)).exactOptional(),
    anomaly: z.strictObject(optional(anomaly)).exactOptional(),
  })
  .meta({ id: 'LimitsChange', description: 'What is left out stays as it is.' });

const orNone = <T extends z.ZodType>(schema: T) => schema.nullable();
const ofExtension = {
  concurrentCalls: orNone(count).meta({ description: 'Calls to the outside at once on its behalf.' }),
  callsPerSecond: orNone(count).meta({ description: 'New calls to the outside per second on its behalf.' }),
  minutesPerHour: orNone(minutes).meta({ description: 'Minutes of talking to the outside in a clock hour.' }),
  minutesPerDay: orNone(minutes).meta({ description: 'Minutes of talking to the outside in a day.' }),
  moneyPerHour: orNone(money),
  moneyPerDay: orNone(money),
};

export const extensionLimits = z
  .object(ofExtension)
  .meta({ id: 'ExtensionLimits', description: "null: the organization's limit alone." });

export const extensionLimitsChange = z
  .strictObject(optional(ofExtension))
  .meta({ id: 'ExtensionLimitsChange', examples: [{ moneyPerDay: 5_000_000, concurrentCalls: 2 }] });

function optional<T extends Record<string, z.ZodType>>(shape: T): { [K in keyof T]: z.ZodExactOptional<T[K]> } {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, schema.exactOptional()])) as never;
}
