/** What calls to the outside may cost, suspension, and the drills for stolen credentials: time to stop and money lost. */
import { describe } from 'vitest';
import { littlepbx } from '../kit/installation.ts';
import type { Office } from '../kit/office.ts';
import { hangUp } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import type { Town } from '../kit/town.ts';
import { eventually, type OutgoingCall, type Phone } from '../phones/index.ts';

const OUTSIDE = '+442079460777';
/** One of the currency. */
const UNIT = 1_000_000;
const NO_NIGHT = { fromHour: 0, toHour: 0, hasWeekends: false, percent: 100 };
const UNWATCHED = { callsToNewCountry: 0, shortCallsPerMinute: 0, parallelCallsToPrefix: 0, moneyPerTenMinutes: 0 };

interface Line {
  office: Office;
  carrier: Phone;
  ann: Phone;
}

/** An office whose calls cost one a minute. */
async function connected(town: Town, moneyPerDay: number, anomaly: Partial<typeof UNWATCHED> = {}): Promise<Line> {
  const office = await town.office({
    limits: {
      concurrentCalls: 100,
      callsPerSecond: 100,
      moneyPerDay,
      moneyPerHour: moneyPerDay,
      offHours: NO_NIGHT,
      anomaly: { ...UNWATCHED, ...anomaly },
    },
  });
  const carrier = await town.carrier();
  const trunk = await office.trunk(carrier);
  const csv = 'prefix,price_per_minute,increment\n44,1.00,60/60';
  await office.api.importRates({ params: { ...office.params, trunk }, body: { currency: 'EUR', csv } });
  const { ann } = await office.staff('ann');
  await office.did();
  return { office, carrier, ann };
}

/** A busy machine refuses some of many calls that come at once, with 503; people dial again. Resolves when it is not that. */
async function dialUntilHeard(phone: Phone): Promise<OutgoingCall> {
  for (;;) {
    const call = await phone.dial(OUTSIDE);
    await eventually(() => call.state === 'answered' || call.state === 'early' || !call.isLive || undefined, {
      reason: () => `the call is still ${call.state}`,
    });
    if (call.ending?.status !== 503) return call;
  }
}

const usage = (office: Office) => office.api.getUsage({ params: office.params });

describe.concurrent('spending', () => {
  test('of 30 calls at once, a cap that pays for 5 lets out 5', async ({ town }) => {
    const { office, carrier, ann } = await connected(town, 5 * UNIT);
    carrier.onCall = (call) => call.answer();
    const calls: OutgoingCall[] = [];
    await Promise.all(Array.from({ length: 30 }, async () => calls.push(await dialUntilHeard(ann))));
    await eventually(
      async () => (await usage(office)).alerts.some((alert) => alert.id === 'spend-limit-reached') || undefined,
      { reason: () => 'nobody was told that the cap is reached' },
    );
    await eventually(async () => calls.filter((call) => call.state === 'answered').length === 5 || undefined, {
      reason: () => `${carrier.calls.length} calls got out`,
    });
    const { day, callsInProgress, currency } = await usage(office);
    expect({ ...day, callsInProgress, currency }).toMatchObject({
      calls: 5,
      cost: 5 * UNIT,
      callsInProgress: 5,
      currency: 'EUR',
    });
    expect(carrier.calls).toHaveLength(5);
    for (const call of calls) if (call.state === 'answered') await call.hangUp();
    const records = (await office.records(ann.calls.length)).filter(({ reason }) => reason !== 'overload');
    expect(records.filter((record) => record.reason === 'spend-limit')).toHaveLength(25);
    expect(records).toHaveLength(30);
    expect(records.reduce((sum, record) => sum + record.cost, 0)).toBe(5 * UNIT);
  });

  test('limits, rates and usage by command', async ({ town }) => {
    const { office } = await connected(town, UNIT);
    const run = async (...words: string[]) => {
      const { code, out, err } = await littlepbx([
        ...words,
        '--org',
        office.slug,
        '--data',
        town.system.installation.data,
      ]);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return out;
    };
    await run('limits', 'set', '--money-per-day', '12.5', '--night', '19-7');
    expect(JSON.parse(await run('limits', 'show', '--json'))).toMatchObject({ moneyPerDay: 12.5 * UNIT });
    const { items } = await office.api.listTrunks({ params: office.params });
    expect(await run('rate', 'list', '--trunk', items[0]!.id)).toMatch(/^44 +1\.00 +60\/60/m);
    expect(await run('usage', 'show')).toContain('money-per-day');
  });

  test('a suspended phone cannot register, calls nobody but help, and is back when that is taken back', async ({
    town,
  }) => {
    const { office, carrier, ann } = await connected(town, 100 * UNIT);
    const username = ann.agent.options.username;
    const device = await office.api.suspendDevice({ params: { username }, body: { calls: 'keep', reason: 'stolen' } });
    expect(device.suspension).toMatchObject({ by: 'operator', reason: 'stolen' });
    await eventually(
      async () => (await office.api.getDevice({ params: { username } })).registration === null || undefined,
      { reason: () => 'its contact is not forgotten' },
    );
    await expect(ann.register()).rejects.toThrow(/403/);
    const refused = await ann.dial(OUTSIDE);
    await refused.refused({ within: 20_000 });
    const help = await ann.dial('999');
    const rung = await carrier.rings();
    await rung.answer();
    await help.answered();
    await hangUp(help, rung);
    await office.api.unsuspendDevice({ params: { username } });
    await ann.register();
    expect((await office.records(2)).map((record) => record.reason)).toContain('device-suspended');
  });

  test('drill: a stolen password is out with its reset', async ({ town }) => {
    const { office, carrier, ann } = await connected(town, 100 * UNIT);
    const { username } = ann.agent.options;
    const call = await ann.dial(OUTSIDE);
    const rung = await carrier.rings();
    await rung.answer();
    await call.answered();
    const began = performance.now();
    await office.api.resetDevicePassword({ params: { username }, body: {} });
    await rung.ended();
    const took = performance.now() - began;
    await expect(ann.register()).rejects.toThrow(/401|403/);
    const [record] = await office.records(1);
    console.info(`drill, stolen SIP password: stopped after ${Math.round(took)} ms, cost ${record!.cost / UNIT} EUR`);
    // 0.1 s on a quiet machine. A slow one is given longer, but no fraud goes on until something expires.
    expect(took).toBeLessThan(5000);
    expect(record!.cost).toBe(UNIT);
  });

  test('drill: a phone that calls one prefix many times at once suspends itself', async ({ town }) => {
    const { office, carrier, ann } = await connected(town, 100 * UNIT, { parallelCallsToPrefix: 3 });
    carrier.onCall = (call) => call.answer();
    const began = performance.now();
    for (let i = 0; i < 8; i += 1) await dialUntilHeard(ann);
    await eventually(async () => (await usage(office)).callsInProgress === 0 || undefined, {
      reason: () => 'its calls go on',
    });
    const took = performance.now() - began;
    const { username } = ann.agent.options;
    const { suspension } = await eventually(
      async () => {
        const device = await office.api.getDevice({ params: { username } });
        return device.suspension ? device : undefined;
      },
      { reason: () => 'it is not shown as suspended' },
    );
    expect(suspension).toMatchObject({ by: 'system', reason: 'parallel-calls-to-prefix' });
    const { day } = await usage(office);
    console.info(`drill, fraud watch: stopped after ${Math.round(took)} ms, cost ${day.cost / UNIT} EUR`);
    expect(day.cost).toBeLessThanOrEqual(4 * UNIT);
    const { items } = await office.api.listAudit({ params: office.params, query: { resource: 'device' } });
    expect(items.some((entry) => entry.author.kind === 'system' && entry.author.name === 'fraud-watch')).toBe(true);
    await office.api.unsuspendDevice({ params: { username } });
  });

  test('drill: a stolen API key is out with its deletion, on an open connection too', async ({ town }) => {
    const { office } = await connected(town, UNIT);
    const token = await office.adminKey();
    const thief = town.system.apiAs(token);
    await thief.listDevices({ params: office.params });
    const { items } = await office.api.listKeys({ params: office.params });
    const began = performance.now();
    await office.api.deleteKey({ params: { key: items[0]!.id } });
    await expect(thief.listDevices({ params: office.params })).rejects.toMatchObject({ status: 401 });
    console.info(`drill, stolen API key: stopped after ${Math.round(performance.now() - began)} ms`);
  });
});
