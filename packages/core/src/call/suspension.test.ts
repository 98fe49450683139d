/** Phones, extensions and organizations that are shut out, by somebody or by what watches the calls. */
import { describe, expect, test } from 'vitest';
import { NO_EXTENSION_LIMITS, type Suspension } from '../tenancy/organization.ts';
import { Office } from './testing/office.ts';

const OUTSIDE = '02079460777';
const SUSPENSION: Suspension = { by: 'organization', reason: 'stolen', at: 0 };

const suspendDevice = (office: Office, username: string) =>
  office.change(office.demo, {
    devices: office.demo.devices.map((d) => (d.username === username ? { ...d, suspension: SUSPENSION } : d)),
  });
const suspendExtension = (office: Office, number: string) =>
  office.change(office.demo, {
    controls: [{ extensionId: `demo-${number}`, limits: NO_EXTENSION_LIMITS, suspension: SUSPENSION }],
  });
const watch = (office: Office, anomaly: Partial<Office['demo']['limits']['anomaly']>) =>
  office.change(office.demo, {
    limits: {
      anomaly: {
        callsToNewCountry: 0,
        shortCallsPerMinute: 0,
        parallelCallsToPrefix: 0,
        moneyPerTenMinutes: 0,
        ...anomaly,
      },
    },
  });

describe('a suspended phone', () => {
  test('calls nobody but help, and is not rung', async () => {
    const office = await Office.open();
    suspendDevice(office, 'ann1');
    office.demoCarrier.behaviour = { answers: 10 };
    const inside = office.phone('ann1').dial('102');
    await office.sim.clock.until('it is refused', () => inside.state === 'ended', 20_000);
    const help = office.phone('ann1').dial('999');
    await office.sim.clock.until('help answers', () => help.state === 'answered');
    help.hangUp();
    const called = office.phone('bob1').dial('101');
    await office.sim.clock.until('nobody is there', () => called.state === 'ended', 30_000);
    expect(office.phone('ann1').lines.filter((line) => line.state === 'ringing')).toEqual([]);
    await office.closes();
    expect(office.journal.finished[0]?.cdr).toMatchObject({ result: 'refused', reason: 'device-suspended' });
  });

  test('in a call that goes on, it cannot send the other outside', async () => {
    const office = await Office.open();
    office.phone('bob1').behaviour = { answers: 10 };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    suspendDevice(office, 'bob1');
    office.phone('bob1').transferBlind(OUTSIDE);
    await office.sim.clock.advance(2000);
    expect(office.demoCarrier.lines).toEqual([]);
    expect(office.sim.world.hears(line, office.phone('bob1').line)).toBe(true);
    line.hangUp();
    await office.closes();
  });
});

describe('a suspended extension', () => {
  test('forwards to nobody, and its callers hear that it is not there', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { forwardAlways: OUTSIDE });
    suspendExtension(office, '102');
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('something is heard', () => office.sim.world.hearsAnything(line));
    await office.closes();
    expect(office.demoCarrier.lines).toEqual([]);
    expect(office.record.cdr).toMatchObject({ result: 'refused', reason: 'extension-suspended' });
  });
});

test('calls of a suspended organization end when that is asked for, emergency calls excepted', async () => {
  const office = await Office.open();
  office.demoCarrier.behaviour = { answers: 10 };
  const help = office.phone('ann1').dial('999');
  const chat = office.phone('bob1').dial(OUTSIDE);
  await office.sim.clock.until('both talk', () => help.state === 'answered' && chat.state === 'answered');
  office.change(office.demo, { isSuspended: true });
  office.registry.hangUpOrganization('demo');
  await office.sim.clock.advance(500);
  expect([help.state, chat.state]).toEqual(['answered', 'ended']);
  help.hangUp();
  await office.closes();
});

describe('a phone that behaves as a stolen one is suspended at once, and its calls end', () => {
  test('many calls at once to one prefix', async () => {
    const office = await Office.open();
    watch(office, { parallelCallsToPrefix: 3 });
    office.demoCarrier.behaviour = { answers: 10 };
    const ann = office.phone('ann1');
    for (let i = 0; i < 5; i++) ann.dial(OUTSIDE);
    await office.sim.clock.advance(1000);
    expect(office.suspensions).toMatchObject([
      { kind: 'device', id: 'ann1', organizationId: 'demo', reason: 'parallel-calls-to-prefix' },
    ]);
    expect(office.alerts.map((alert) => alert.id)).toEqual(['device-suspended']);
    expect(ann.lines.filter((line) => line.state === 'answered')).toEqual([]);
    const again = ann.dial('102');
    await office.sim.clock.until('it stays out', () => again.state === 'ended', 20_000);
    const bob = office.phone('bob1').dial(OUTSIDE);
    await office.sim.clock.until('bob may', () => bob.state === 'answered');
    bob.hangUp();
    await office.closes();
  });

  test('a burst of short calls', async () => {
    const office = await Office.open();
    watch(office, { shortCallsPerMinute: 2 });
    office.demoCarrier.behaviour = { answers: 10 };
    for (let i = 0; i < 3; i++) {
      expect(office.suspensions).toEqual([]);
      const line = office.phone('ann1').dial(OUTSIDE);
      await office.sim.clock.until('they talk', () => line.state === 'answered');
      line.hangUp();
      await office.sim.clock.advance(1000);
    }
    expect(office.suspensions).toMatchObject([{ id: 'ann1', reason: 'short-calls' }]);
    await office.closes();
  });

  test('calls to a country that was never called before; the first one is told alone', async () => {
    const office = await Office.open();
    const now = office.sim.clock.now();
    office.journal.called.push({ organizationId: 'demo', country: 'GB', at: now - 48 * 3_600_000 });
    await office.brainDies();
    watch(office, { callsToNewCountry: 1 });
    office.change(office.demo, { allowedCountries: ['GB', 'IE'] });
    office.demoCarrier.behaviour = { answers: 10 };
    const first = office.phone('ann1').dial('+35312345678');
    await office.sim.clock.until('they talk', () => first.state === 'answered');
    expect(office.alerts.map((alert) => alert.id)).toEqual(['country-first-called']);
    expect(office.suspensions).toEqual([]);
    office.phone('ann1').dial('+35312345679');
    await office.sim.clock.advance(1000);
    expect(office.suspensions).toMatchObject([{ id: 'ann1', reason: 'calls-to-new-country' }]);
    await office.closes();
  });

  test('a forward that spends for callers from outside takes its extension out', async () => {
    const office = await Office.open();
    watch(office, { shortCallsPerMinute: 1 });
    office.apply(office.demo, '101', { forwardAlways: OUTSIDE });
    office.demoCarrier.behaviour = { answers: 10 };
    for (let i = 0; i < 2; i++) {
      const line = office.demoCarrier.calls(office.demo.numbers[0]!, '+447700900123');
      await office.sim.clock.until('they talk', () => line.state === 'answered');
      line.hangUp();
      await office.sim.clock.advance(1000);
    }
    expect(office.suspensions).toMatchObject([{ kind: 'extension', id: 'demo-101', reason: 'short-calls' }]);
    await office.closes();
  });
});
