/** What the check of spending costs, and whether a cap holds when many calls want the same money at once. */
import { runningInstallation } from '../test/kit/installation.ts';
import { System } from '../test/kit/system.ts';
import { Town } from '../test/kit/town.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import { until } from './kit/installation.ts';
import { inMs, type Measurement, times } from './kit/report.ts';
import { median, ratioOfPairs } from './kit/statistics.ts';

const OUTSIDE = '+442079460777';
/** One of the currency: what a call costs. */
const UNIT = 1_000_000;
const AT_ONCE = 50;
const PAID_FOR = 5;

const caps = (money: number, minutes: number) => ({
  concurrentCalls: 10_000,
  callsPerSecond: 10_000,
  moneyPerDay: money,
  moneyPerHour: money,
  minutesPerDay: minutes,
  minutesPerHour: minutes,
  offHours: { fromHour: 0, toHour: 0, hasWeekends: false, percent: 100 },
  anomaly: { callsToNewCountry: 0, shortCallsPerMinute: 0, parallelCallsToPrefix: 0, moneyPerTenMinutes: 0 },
});

/** 20,000 prefixes, as a carrier's list has, and the one that is called. */
function deck(): string {
  const prefixes = Array.from({ length: 20_000 }, (_, i) => `${49 + Math.floor(i / 10_000)}${10_000 + (i % 10_000)}`);
  return ['prefix,price_per_minute,increment', '44,1.00,60/60', ...prefixes.map((p) => `${p},0.02,60/1`)].join('\n');
}

export function spend(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  /** Calls of one arm at a time: processor time is counted in steps of 10 ms. */
  const burst = isQuick ? 20 : 200;
  return withInstallation(context, async (installation) => {
    const town = new Town(new System(runningInstallation(installation.data)));
    /** An office with a carrier that answers. */
    const line = async (money: number, minutes: number, isPriced: boolean) => {
      const office = await town.office({ limits: caps(money, minutes) });
      const carrier = await town.carrier();
      carrier.onCall = (call) => call.answer();
      const trunk = await office.trunk(carrier);
      if (isPriced) {
        await office.api.importRates({ params: { ...office.params, trunk }, body: { currency: 'EUR', csv: deck() } });
      }
      const { ann } = await office.staff('ann');
      await office.did();
      return { office, ann, carrier };
    };
    const priced = await line(1_000_000 * UNIT, 10_000_000, true);
    const free = await line(1_000_000 * UNIT, 10_000_000, false);
    const cost: Record<'priced' | 'free', number[]> = { priced: [], free: [] };
    const measure = async (arm: 'priced' | 'free', { ann }: typeof free) => {
      const before = installation.cpu().brain;
      for (let i = 0; i < burst; i += 1) {
        const call = await ann.dial(OUTSIDE);
        await call.answered();
        await call.hangUp();
        await call.ended();
      }
      cost[arm].push((installation.cpu().brain - before) / burst);
    };
    await measure('free', free);
    await measure('priced', priced);
    cost.free.length = cost.priced.length = 0;
    for (let i = 0; i < (isQuick ? 2 : 20); i += 1) {
      await untilQuiet();
      for (const arm of i % 2 ? (['priced', 'free'] as const) : (['free', 'priced'] as const)) {
        await measure(arm, arm === 'priced' ? priced : free);
      }
    }
    say(`brain per call: priced ${inMs(median(cost.priced))}, without prices ${inMs(median(cost.free))}`);

    const races: { answered: number; spent: number; took: number }[] = [];
    for (let i = 0; i < (isQuick ? 1 : 10); i += 1) {
      const { office, ann } = await line(PAID_FOR * UNIT, 10_000_000, true);
      const began = performance.now();
      const calls = await Promise.all(Array.from({ length: AT_ONCE }, () => ann.dial(OUTSIDE)));
      await until('all calls are answered or refused', 60_000, () =>
        calls.every((call) => call.state === 'answered' || call.ending !== null),
      );
      const took = performance.now() - began;
      const answered = calls.filter((call) => call.state === 'answered');
      for (const call of answered) await call.hangUp();
      await until('no call is left', 20_000, async () => (await office.liveCalls()).length === 0);
      const { day } = await office.api.getUsage({ params: office.params });
      races.push({ answered: answered.length, spent: day.cost / UNIT, took });
      say(`${answered.length} of ${AT_ONCE} calls got out and cost ${day.cost / UNIT}, the cap is ${PAID_FOR}`);
    }
    await Promise.all(town.phones.map((phone) => phone.close()));
    await town.remove();
    const ratio = ratioOfPairs(cost.priced, cost.free);
    const most = Math.max(...races.map((race) => race.spent));
    return {
      title: `Spending: the check per call, and a cap under ${AT_ONCE} calls at once`,
      figures: [
        { what: 'Brain per call, with prices and caps / without prices', value: times(ratio) },
        { what: 'With prices and caps', value: inMs(median(cost.priced)) },
        { what: 'Without prices', value: inMs(median(cost.free)) },
        {
          what: `Most that ${AT_ONCE} calls at once spent of a cap of ${PAID_FOR}`,
          value: `${most}, in ${races.length} races`,
          target: `<= ${PAID_FOR}`,
          isMet: most <= PAID_FOR,
        },
        { what: 'Fewest calls that got out', value: String(Math.min(...races.map((race) => race.answered))) },
        { what: 'Until all were answered or refused, median', value: inMs(median(races.map((race) => race.took))) },
      ],
      notes: [
        `Outside calls one after the other, in turns of ${burst}; the deck has 20,001 prefixes. Caps in minutes are asked in both arms. A call costs one: its first minute.`,
      ],
      data: { cost, races },
    };
  });
}
