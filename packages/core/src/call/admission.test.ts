import { describe, expect, test } from 'vitest';
import { Office } from './testing/office.ts';

/** The engine takes this long for a command, so calls pile up. */
const slow = { seed: 1, delay: { network: [1, 2] as [number, number], control: [40, 40] as [number, number] } };

async function offered(office: Office, calls: number, every: number): Promise<void> {
  for (let i = 0; i < calls; i++) {
    office.demoCarrier.calls('+442079460110', '+447700900123');
    await office.sim.clock.advance(every);
  }
}

const refused = (office: Office) => office.journal.finished.filter((c) => c.cdr.reason === 'overload').length;

describe('calls in set-up', () => {
  test('a burst is served, whatever the target', async () => {
    const office = await Office.open({ ...slow, setupLimits: { standing: 2, target: 2, max: 50 } });
    await offered(office, 20, 0);
    await office.sim.clock.advance(2000);
    expect(refused(office)).toBe(0);
    expect(office.phone('ann1').lines).toHaveLength(20);
    for (const line of office.demoCarrier.lines) line.hangUp();
    await office.closes();
  });

  test('a queue that stands is cut down, and calls are taken again afterwards', async () => {
    const office = await Office.open({ ...slow, setupLimits: { standing: 2, target: 2, max: 50 } });
    await offered(office, 200, 10);
    const lines = office.demoCarrier.lines;
    expect(lines.filter((l) => l.status === 503).length).toBeGreaterThan(50);
    expect(office.registry.admission.inSetup).toBeLessThanOrEqual(3);
    await office.sim.clock.advance(3000);
    const accepted = office.phone('ann1').lines.length;
    expect(accepted).toBeGreaterThan(10);
    await offered(office, 3, 500);
    expect(office.phone('ann1').lines).toHaveLength(accepted + 3);
    for (const line of lines) if (line.state !== 'ended') line.hangUp();
    await office.closes();
  });

  test('phones that take their time to ring are no load', async () => {
    const office = await Office.open({ ...slow, setupLimits: { standing: 2, target: 2, max: 50 } });
    office.phone('ann1').behaviour = { rings: 8000 };
    await offered(office, 30, 200);
    expect(refused(office)).toBe(0);
    for (const line of office.demoCarrier.lines) line.hangUp();
    await office.closes();
  });

  test('an emergency call is let in when there is no room', async () => {
    const office = await Office.open({ ...slow, setupLimits: { standing: 1, target: 1, max: 1 } });
    office.demoCarrier.behaviour = { answers: 100 };
    office.phone('bob1').dial('103');
    const line = office.phone('ann1').dial('999');
    await office.sim.clock.until('help answers', () => line.state === 'answered');
    line.hangUp();
    office.phone('bob1').hangUp();
    await office.closes();
  });
});
