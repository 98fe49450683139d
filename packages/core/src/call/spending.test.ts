/** What calls to the outside may use, with the whole call logic around it. */
import { describe, expect, test } from 'vitest';
import { type Rate, RateDeck } from '../spending/rates.ts';
import { type ExtensionLimits, NO_EXTENSION_LIMITS } from '../tenancy/organization.ts';
import { Office } from './testing/office.ts';

const OUTSIDE = '02079460777';
const MINUTE = 60_000;
/** One of the currency a minute. */
const UNIT = 1_000_000;

/** By day, so that the caps are whole. */
const NO_NIGHT = { fromHour: 0, toHour: 0, hasWeekends: false, percent: 100 };
const UNWATCHED = { callsToNewCountry: 0, shortCallsPerMinute: 0, parallelCallsToPrefix: 0, moneyPerTenMinutes: 0 };

function priced(office: Office, change: Partial<Rate> = {}): void {
  const rate: Rate = {
    prefix: '44',
    pricePerMinute: UNIT,
    setupFee: 0,
    firstIncrementInS: 60,
    incrementInS: 60,
    ...change,
  };
  office.registry.spending.putDeck('trunk-demo', new RateDeck(1, 'EUR', [rate]));
  office.change(office.demo, {
    rateDecks: [{ trunkId: 'trunk-demo', version: 1 }],
    limits: { offHours: NO_NIGHT, anomaly: UNWATCHED },
  });
}

async function opened(change: Partial<Rate> = {}): Promise<Office> {
  const office = await Office.open();
  priced(office, change);
  office.demoCarrier.behaviour = { answers: 100 };
  return office;
}

const limited = (office: Office, number: string, limits: Partial<ExtensionLimits>) =>
  office.change(office.demo, {
    controls: [{ extensionId: `demo-${number}`, limits: { ...NO_EXTENSION_LIMITS, ...limits }, suspension: null }],
  });

const usage = (office: Office) => {
  const { own, extensions } = office.registry.spending.usageOf(office.demo);
  return { ...own.day, live: own.live, extensions: [...extensions.keys()] };
};

/** 50 phones of one extension. */
function crowd(office: Office, size: number) {
  return Array.from({ length: size }, (_, i) => office.secondPhone(office.demo, '101', `crowd${i}`));
}

describe('a cap of money', () => {
  test('lets out 10 of 50 calls that begin at once, and no eleventh', async () => {
    const office = await opened();
    const phones = crowd(office, 50);
    office.change(office.demo, { limits: { moneyPerDay: 10 * UNIT, concurrentCalls: 100, callsPerSecond: 100 } });
    const lines = phones.map((phone) => phone.dial(OUTSIDE));
    await office.sim.clock.advance(3000);
    expect(office.demoCarrier.lines).toHaveLength(10);
    expect(usage(office)).toMatchObject({ calls: 10, cost: 10 * UNIT, live: 10 });
    for (const line of lines) if (line.state !== 'ended') line.hangUp();
    await office.closes();
    const reasons = office.journal.finished.map(({ cdr }) => cdr.reason);
    expect(reasons.filter((reason) => reason === 'spend-limit')).toHaveLength(40);
    expect(usage(office)).toMatchObject({ calls: 10, cost: 10 * UNIT, live: 0 });
    expect(office.alerts.map((alert) => alert.id)).toEqual(
      expect.arrayContaining(['spend-limit-near', 'spend-limit-reached']),
    );
    expect(office.alerts).toHaveLength(2);
  });

  test('ends a running call where its paid time ends, after a beep, and the record says why', async () => {
    const office = await opened();
    office.change(office.demo, { limits: { moneyPerDay: 2 * UNIT } });
    const line = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    await office.sim.clock.advance(119_000);
    expect(line.state).toBe('answered');
    await office.sim.clock.advance(2000);
    expect(line.state).toBe('ended');
    await office.closes();
    expect(office.record.cdr).toMatchObject({
      result: 'answered',
      reason: 'spend-limit',
      blame: 'organization',
      cost: 2 * UNIT,
      currency: 'EUR',
    });
    expect(office.record.cdr.talkDuration).toBeLessThanOrEqual(2 * MINUTE);
    expect(office.record.trace.map((step) => step.step)).toContain('spend-limit-near');
  });

  test('raised in time, it lets the call go on', async () => {
    const office = await opened();
    office.change(office.demo, { limits: { moneyPerDay: 1 * UNIT } });
    const line = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    await office.sim.clock.advance(55_000);
    office.change(office.demo, { limits: { moneyPerDay: 5 * UNIT } });
    await office.sim.clock.advance(60_000);
    expect(line.state).toBe('answered');
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ reason: 'caller-hung-up', cost: 2 * UNIT });
  });

  test('what was not used is given back: by a call that nobody answers all, by a short one the rest', async () => {
    const office = await opened({ firstIncrementInS: 1, incrementInS: 1 });
    office.change(office.demo, { limits: { moneyPerDay: 1 * UNIT } });
    office.demoCarrier.behaviour = { refuses: { after: 50, status: 486 } };
    const first = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.until('busy', () => first.state === 'ended');
    expect(usage(office)).toMatchObject({ calls: 0, cost: 0, duration: 0, live: 0 });
    office.demoCarrier.behaviour = { answers: 10 };
    const second = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.until('they talk', () => second.state === 'answered');
    await office.sim.clock.advance(14_500);
    second.hangUp();
    await office.closes();
    expect(usage(office)).toMatchObject({ calls: 1, cost: UNIT / 4, live: 0 });
    expect(office.journal.finished[1]?.cdr.cost).toBe(UNIT / 4);
  });

  test('of an extension holds for its forwards and transfers too, and for nobody else', async () => {
    const office = await opened();
    limited(office, '102', { moneyPerHour: 0 });
    office.apply(office.demo, '102', { forwardAlways: OUTSIDE });
    const forwarded = office.phone('ann1').dial('102');
    await office.sim.clock.until('it is refused', () => forwarded.state === 'ended', 20_000);
    const own = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.until('ann may', () => own.state === 'answered');
    own.hangUp();
    await office.sim.clock.advance(1000);
    office.apply(office.demo, '102', { forwardAlways: null });
    office.phone('bob1').behaviour = { answers: 10 };
    const inside = office.phone('ann1').dial('102');
    await office.sim.clock.until('they talk', () => inside.state === 'answered');
    office.phone('bob1').transferBlind(OUTSIDE);
    await office.sim.clock.advance(2000);
    expect(office.sim.world.hears(inside, office.phone('bob1').line)).toBe(true);
    inside.hangUp();
    await office.closes();
    expect(office.journal.finished[0]?.cdr.reason).toBe('spend-limit');
    const steps = office.journal.finished[2]?.trace ?? [];
    expect(steps.find((step) => step.step === 'transfer-failed')?.detail).toMatchObject({ reason: 'spend-limit' });
    expect(office.demoCarrier.lines).toHaveLength(1);
  });

  test('a number without a price is not called', async () => {
    const office = await opened({ prefix: '4413' });
    office.phone('ann1').dial(OUTSIDE);
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'refused', reason: 'no-rate' });
  });

  test('an emergency call passes it, and costs nothing that is counted', async () => {
    const office = await opened();
    office.change(office.demo, { limits: { moneyPerDay: 0, minutesPerDay: 0 } });
    const line = office.phone('ann1').dial('999');
    await office.sim.clock.until('help answers', () => line.state === 'answered');
    await office.sim.clock.advance(3 * MINUTE);
    expect(line.state).toBe('answered');
    line.hangUp();
    await office.closes();
    expect(usage(office)).toMatchObject({ calls: 0, cost: 0 });
  });
});

describe('caps of minutes', () => {
  test('hold without a rate deck', async () => {
    const office = await Office.open();
    office.change(office.demo, { limits: { minutesPerHour: 2, offHours: NO_NIGHT } });
    office.demoCarrier.behaviour = { answers: 100 };
    const line = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.advance(3 * MINUTE);
    expect(line.state).toBe('ended');
    await office.closes();
    expect(office.record.cdr).toMatchObject({ reason: 'spend-limit', cost: 0, currency: null });
    expect(Math.abs(office.record.cdr.talkDuration - 2 * MINUTE)).toBeLessThan(50);
  });

  test('begin anew with the hour', async () => {
    const office = await Office.open();
    office.change(office.demo, { limits: { minutesPerHour: 1, offHours: NO_NIGHT } });
    office.demoCarrier.behaviour = { answers: 100 };
    office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.advance(2 * MINUTE);
    const refused = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.advance(20_000);
    expect(refused.state).toBe('ended');
    await office.sim.clock.advance(60 * MINUTE);
    const again = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.until('it is let out', () => again.state === 'answered');
    again.hangUp();
    await office.closes();
    expect(office.demoCarrier.lines).toHaveLength(2);
  });

  test('are lower at night', async () => {
    const office = await Office.open();
    // All day is night here.
    const offHours = { fromHour: 0, toHour: 24, hasWeekends: true, percent: 50 };
    office.change(office.demo, { limits: { minutesPerHour: 4, offHours } });
    office.demoCarrier.behaviour = { answers: 100 };
    office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.advance(5 * MINUTE);
    await office.closes();
    expect(Math.abs(office.record.cdr.talkDuration - 2 * MINUTE)).toBeLessThan(50);
  });
});

describe('limits of single extensions', () => {
  test('calls to the outside at once', async () => {
    const office = await opened();
    const mobile = office.secondPhone(office.demo, '101', 'mob1');
    limited(office, '101', { concurrentCalls: 1 });
    const first = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.until('they talk', () => first.state === 'answered');
    mobile.dial(OUTSIDE);
    await office.sim.clock.advance(20_000);
    expect(office.demoCarrier.lines).toHaveLength(1);
    first.hangUp();
    await office.sim.clock.advance(1000);
    const second = mobile.dial(OUTSIDE);
    await office.sim.clock.until('it is free again', () => second.state === 'answered');
    second.hangUp();
    await office.closes();
    expect(office.journal.finished.map(({ cdr }) => cdr.reason)).toContain('too-many-calls');
  });

  test('calls a second', async () => {
    const office = await opened();
    const phones = crowd(office, 5);
    limited(office, '101', { callsPerSecond: 2 });
    const lines = phones.map((phone) => phone.dial(OUTSIDE));
    await office.sim.clock.advance(500);
    expect(office.demoCarrier.lines).toHaveLength(2);
    for (const line of lines) if (line.state !== 'ended') line.hangUp();
    await office.closes();
  });
});

describe('a new brain', () => {
  test('counts what ended calls used, and goes on with live ones', async () => {
    const office = await opened();
    office.change(office.demo, { limits: { moneyPerDay: 4 * UNIT } });
    const first = office.phone('ann1').dial(OUTSIDE);
    await office.sim.clock.until('they talk', () => first.state === 'answered');
    first.hangUp();
    await office.sim.clock.advance(1000);
    const second = office.phone('bob1').dial(OUTSIDE);
    await office.sim.clock.until('they talk', () => second.state === 'answered');
    await office.sim.clock.advance(30_000);
    await office.brainDies({ for: 45_000 });
    priced(office);
    expect(usage(office)).toMatchObject({ cost: 2 * UNIT, live: 1 });
    // A minute was over while no brain was there: it is taken now.
    await office.sim.clock.advance(1000);
    expect(usage(office)).toMatchObject({ cost: 3 * UNIT, live: 1 });
    await office.sim.clock.until('the cap ends it', () => second.state === 'ended', 4 * MINUTE);
    await office.closes();
    expect(usage(office)).toMatchObject({ calls: 2, cost: 4 * UNIT, live: 0 });
    expect(office.journal.finished[1]?.cdr).toMatchObject({ reason: 'spend-limit', cost: 3 * UNIT });
  });
});

test('an attended transfer takes the cost along: the call that goes on pays, and each leg once', async () => {
  const office = await opened();
  const ann = office.phone('ann1');
  const outside = ann.dial(OUTSIDE);
  await office.sim.clock.until('they talk', () => outside.state === 'answered');
  office.phone('bob1').behaviour = { answers: 10 };
  const consultation = ann.dial('102');
  await office.sim.clock.until('bob answers', () => consultation.state === 'answered');
  consultation.transferAttended(outside);
  await office.sim.clock.advance(70_000);
  expect(usage(office)).toMatchObject({ cost: 2 * UNIT, live: 1 });
  office.phone('bob1').hangUp();
  await office.closes();
  const costs = office.journal.finished.map(({ cdr }) => cdr.cost);
  expect(costs.toSorted()).toEqual([0, 2 * UNIT]);
  expect(usage(office)).toMatchObject({ cost: 2 * UNIT, live: 0 });
});
