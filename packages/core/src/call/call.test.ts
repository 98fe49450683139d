import { describe, expect, test } from 'vitest';
import { Office } from './testing/office.ts';

const STEP = 200;

describe('a call inside', () => {
  test('bob answers ann, both hear each other, ann hangs up', async () => {
    const office = await Office.open();
    const [ann, bob] = [office.phone('ann1'), office.phone('bob1')];
    const line = ann.dial('102');
    await office.sim.clock.until('bob rings', () => bob.isRinging);
    expect(bob.line.shows).toMatchObject({ name: 'Person 101', number: '101' });
    expect(office.phone('bob2').isRinging).toBe(false);
    bob.answer();
    await office.sim.clock.until('ann is answered', () => line.state === 'answered');
    expect(office.sim.world.hears(line, bob.line)).toBe(true);
    expect(office.sim.world.hears(bob.line, line)).toBe(true);
    await office.sim.clock.advance(5000);
    ann.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({
      direction: 'internal',
      from: '101',
      to: '102',
      answeredBy: '102',
      result: 'answered',
      reason: 'caller-hung-up',
      blame: 'caller',
      revision: 1,
    });
    expect(office.record.cdr.talkDuration).toBeGreaterThan(4500);
    expect(office.record.trace.map((s) => s.step)).toEqual(['call-began', 'ringing', 'rang', 'answered', 'ended']);
  });

  test.each([
    ['while it rings', 'ringing'],
    ['while they talk', 'talking'],
  ])('the clock is set back by an hour %s: the call ends as ever, and no duration is negative', async (_, when) => {
    const office = await Office.open();
    const ann = office.phone('ann1');
    const bob = office.phone('bob1');
    const line = ann.dial('102');
    await office.sim.clock.until('bob rings', () => bob.isRinging);
    if (when === 'ringing') office.clockSetBy = -3_600_000;
    bob.answer();
    await office.sim.clock.until('ann is answered', () => line.state === 'answered');
    if (when === 'talking') office.clockSetBy = -3_600_000;
    await office.sim.clock.advance(5000);
    ann.hangUp();
    await office.closes();
    const { startedAt, answeredAt, endedAt, ringDuration, talkDuration } = office.record.cdr;
    expect(answeredAt).toBeGreaterThanOrEqual(startedAt);
    expect(endedAt).toBeGreaterThanOrEqual(answeredAt!);
    expect([ringDuration >= 0, talkDuration >= 0]).toEqual([true, true]);
  });

  test.each([3_600_000, -3_600_000])(
    'the clock is set by %i ms in a talk of five seconds: it lasted five',
    async (by) => {
      const office = await Office.open();
      const ann = office.phone('ann1');
      const bob = office.phone('bob1');
      const line = ann.dial('102');
      await office.sim.clock.until('bob rings', () => bob.isRinging);
      bob.answer();
      await office.sim.clock.until('ann is answered', () => line.state === 'answered');
      await office.sim.clock.advance(2000);
      office.clockSetBy = by;
      office.registry.clockWasSet(by);
      await office.sim.clock.advance(3000);
      ann.hangUp();
      await office.closes();
      const { cdr, trace } = office.record;
      expect(Math.abs(cdr.talkDuration - 5000)).toBeLessThan(100);
      expect(cdr.ringDuration).toBeLessThan(2000);
      expect(Math.abs(trace[0]!.at - cdr.startedAt)).toBeLessThan(100);
    },
  );

  test('all phones of an extension ring, the first answer wins, the others stop', async () => {
    const office = await Office.open();
    const mobile = office.secondPhone(office.demo, '102', 'mob1');
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('both ring', () => office.phone('bob1').isRinging && mobile.isRinging);
    await office.sim.clock.until('ann hears that it rings', () => line.hasRung);
    mobile.answer();
    await office.sim.clock.until('ann talks', () => line.state === 'answered');
    await office.sim.clock.advance(STEP);
    expect(office.phone('bob1').lines[0]).toMatchObject({ state: 'ended', isAnsweredElsewhere: true });
    expect(office.sim.world.hears(line, mobile.line)).toBe(true);
    mobile.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ reason: 'callee-hung-up', blame: 'callee' });
    const answers = office.record.trace.filter(({ step }) => step === 'answered');
    expect(answers.map(({ detail }) => detail)).toEqual([{ by: '102', on: 'mob1' }]);
  });

  for (let at = 0; at <= 120; at += 3) {
    test(`ann hangs up ${at} ms after dialling, while bob answers at once`, async () => {
      const office = await Office.open({ seed: at });
      office.phone('bob1').behaviour = { answers: 0 };
      const line = office.phone('ann1').dial('102');
      await office.sim.clock.advance(at);
      if (line.state !== 'ended') line.hangUp();
      await office.closes();
      expect(office.phone('bob1').lines.every((l) => l.state === 'ended')).toBe(true);
    });
  }

  test('nobody answers: the ring time of the extension counts', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { ringTimeInS: 7 });
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('it is over', () => line.state === 'ended', 9000);
    expect(line.status).toBe(480);
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'no-answer', reason: 'no-answer', answeredBy: '102' });
    expect(office.record.cdr.ringDuration).toBeGreaterThan(6900);
  });

  test('a busy phone is busy for the caller', async () => {
    const office = await Office.open();
    office.phone('bob1').behaviour = { refuses: { after: 50, status: 486 } };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('it is over', () => line.state === 'ended');
    expect(line.status).toBe(486);
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'busy', reason: 'busy', blame: 'callee' });
  });

  test('an extension without a registered phone', async () => {
    const office = await Office.open();
    office.phone('bob1').unregister();
    office.phone('ann1').dial('102');
    await office.closes();
    expect(office.record.cdr).toMatchObject({ reason: 'no-device-registered', answeredBy: '102', answeredAt: null });
  });

  test('calling the own extension rings the other phone', async () => {
    const office = await Office.open();
    const mobile = office.secondPhone(office.demo, '101', 'mob1');
    const line = office.phone('ann1').dial('101');
    await office.sim.clock.until('the mobile rings', () => mobile.isRinging);
    mobile.answer();
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    line.hangUp();
    await office.closes();
  });

  test('the echo test', async () => {
    const office = await Office.open();
    const line = office.phone('ann1').dial('*43');
    await office.sim.clock.until('it answers', () => line.state === 'answered');
    await office.sim.clock.advance(1000);
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'answered', answeredBy: '*43' });
  });
});

describe('forwarding', () => {
  test('busy goes to cat, and the record says who answered', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { forwardBusy: '103' });
    office.phone('bob1').behaviour = { refuses: { after: 50, status: 486 } };
    office.phone('cat1').behaviour = { answers: 100 };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('cat talks', () => line.state === 'answered');
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ to: '102', answeredBy: '103' });
    expect(office.record.trace.find((s) => s.step === 'forwarded')?.detail).toEqual({
      from: '102',
      to: '103',
      why: 'busy',
    });
  });

  test('no answer goes outside with the number of the organization', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { forwardNoAnswer: '02079460999', ringTimeInS: 5 });
    office.demoCarrier.behaviour = { answers: 300 };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('the carrier is reached', () => office.demoCarrier.lines.length > 0);
    expect(office.demoCarrier.line.called).toBe('+442079460999');
    expect(office.demoCarrier.line.shows.number).toBe(office.demo.numbers[0]);
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    line.hangUp();
    await office.closes();
  });

  test('who is not to be disturbed is not rung: the caller gets what is got when it is busy', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { doNotDisturb: true, forwardNoAnswer: '103' });
    office.phone('ann1').dial('102');
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'busy', reason: 'do-not-disturb', blame: 'callee' });
    const detail = { to: '102', reason: 'do-not-disturb' };
    expect(office.record.trace.find((s) => s.step === 'refused')?.detail).toEqual(detail);
  });

  test('who is not to be disturbed has calls forwarded as when busy, and calls as always', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { doNotDisturb: true, forwardBusy: '103' });
    office.phone('cat1').behaviour = { answers: 100 };
    office.phone('ann1').behaviour = { answers: 100 };
    const line = office.phone('bob1').dial('101');
    await office.sim.clock.until('bob reaches ann', () => line.state === 'answered');
    line.hangUp();
    await office.sim.clock.advance(1000);
    const next = office.phone('ann1').dial('102');
    await office.sim.clock.until('cat answers', () => next.state === 'answered');
    next.hangUp();
    await office.closes();
    const [, { cdr, trace } = { cdr: null, trace: [] }] = office.journal.finished;
    expect(cdr).toMatchObject({ to: '102', answeredBy: '103' });
    const detail = { from: '102', to: '103', why: 'do-not-disturb' };
    expect(trace.find((s) => s.step === 'forwarded')?.detail).toEqual(detail);
  });

  test('a forward that goes round ends, and says so', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { forwardAlways: '103' });
    office.apply(office.demo, '103', { forwardAlways: '102' });
    office.phone('ann1').dial('102');
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'failed', reason: 'forward-loop', blame: 'organization' });
  });

  test('a busy phone whose forward leads back: the caller hears so', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { forwardBusy: '102' });
    office.phone('bob1').behaviour = { refuses: { after: 50, status: 486 } };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('she hears it', () => office.sim.world.hearsAnything(line), 2000);
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'failed', reason: 'forward-loop' });
  });

  test('a call keeps the revision it began with', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { forwardNoAnswer: '103', ringTimeInS: 5 });
    office.phone('ann1').dial('102');
    await office.sim.clock.until('bob rings', () => office.phone('bob1').isRinging);
    office.apply(office.demo, '102', { forwardNoAnswer: null });
    await office.sim.clock.until('cat rings all the same', () => office.phone('cat1').isRinging, 9000);
    office.phone('ann1').hangUp();
    await office.closes();
    expect(office.record.cdr.revision).toBe(2);
  });
});

describe('carriers', () => {
  test('a DID rings its extension, with the number of the caller', async () => {
    const office = await Office.open();
    const line = office.demoCarrier.calls('+442079460110', '+447700900123');
    await office.sim.clock.until('ann rings', () => office.phone('ann1').isRinging);
    expect(office.phone('ann1').line.shows.number).toBe('+447700900123');
    office.phone('ann1').answer();
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ direction: 'inbound', did: '+442079460110', trunkId: 'trunk-demo' });
  });

  test('the carrier of another organization reaches nobody', async () => {
    const office = await Office.open();
    const line = office.acmeCarrier.calls('+442079460110', '+447700900123');
    await office.sim.clock.until('it is refused', () => line.state === 'ended');
    expect(line.status).toBe(404);
    await office.closes();
    expect(office.phone('ann1').lines).toEqual([]);
    expect(office.record.cdr).toMatchObject({ organizationId: 'acme', reason: 'not-your-carrier' });
  });

  test('a busy number outside is busy for the caller', async () => {
    const office = await Office.open();
    office.demoCarrier.behaviour = { refuses: { after: 100, status: 486 } };
    const line = office.phone('ann1').dial('02079460999');
    await office.sim.clock.until('it is over', () => line.state === 'ended');
    expect(line.status).toBe(486);
    await office.closes();
    expect(office.record.cdr).toMatchObject({ direction: 'outbound', result: 'busy', blame: 'callee' });
  });

  test.each([
    ['a foreign country', '+33142685300', 'country-not-allowed'],
    ['a premium number', '0909 879 0123', 'premium-number-blocked'],
  ])('%s is refused, and the caller hears why', async (_what, number, reason) => {
    const office = await Office.open();
    const line = office.phone('ann1').dial(number.replaceAll(' ', ''));
    await office.sim.clock.until('something is heard', () => office.sim.world.hearsAnything(line));
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'refused', reason });
    expect(office.demoCarrier.lines).toEqual([]);
  });

  test('an emergency call passes every limit, and a suspended organization', async () => {
    const office = await Office.open();
    office.change(office.demo, {
      isSuspended: true,
      limits: { concurrentCalls: 0, callsPerSecond: 0, storageBytes: 0 },
    });
    office.demoCarrier.behaviour = { answers: 100 };
    const line = office.phone('ann1').dial('999');
    await office.sim.clock.until('help answers', () => line.state === 'answered');
    expect(office.demoCarrier.line.called).toBe('999');
    line.hangUp();
    await office.closes();
  });

  test('concurrent calls are limited, and freed again', async () => {
    const office = await Office.open();
    office.change(office.demo, { limits: { concurrentCalls: 1, callsPerSecond: 10, storageBytes: 0 } });
    office.phone('bob1').behaviour = { answers: 10 };
    const first = office.phone('ann1').dial('102');
    await office.sim.clock.until('they talk', () => first.state === 'answered');
    const second = office.phone('cat1').dial('102');
    await office.sim.clock.until('it is refused', () => second.state === 'ended', 20_000);
    first.hangUp();
    await office.sim.clock.advance(1000);
    const third = office.phone('cat1').dial('102');
    await office.sim.clock.until('they talk', () => third.state === 'answered');
    third.hangUp();
    await office.closes();
    expect(office.journal.finished.map((c) => c.cdr.reason)).toContain('too-many-calls');
  });
});

describe('transfer', () => {
  async function talking(): Promise<{ office: Office; line: ReturnType<Office['phone']>['line'] }> {
    const office = await Office.open();
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('bob rings', () => office.phone('bob1').isRinging);
    office.phone('bob1').answer();
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    await office.sim.clock.advance(STEP);
    return { office, line };
  }

  test('bob sends ann to cat, blindly', async () => {
    const { office, line } = await talking();
    office.phone('bob1').transferBlind('103');
    await office.sim.clock.until('cat rings', () => office.phone('cat1').isRinging);
    office.phone('cat1').answer();
    await office.sim.clock.until('ann hears cat', () => office.sim.world.hears(line, office.phone('cat1').line));
    await office.sim.clock.until('bob is let go', () => office.phone('bob1').lines[0]?.state === 'ended');
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ answeredBy: '103', result: 'answered' });
  });

  test('ann, who called, sends bob to cat', async () => {
    const { office, line } = await talking();
    const bob = office.phone('bob1').line;
    office.phone('ann1').transferBlind('103');
    await office.sim.clock.until('cat rings', () => office.phone('cat1').isRinging);
    office.phone('cat1').answer();
    await office.sim.clock.until('bob hears cat', () => office.sim.world.hears(bob, office.phone('cat1').line));
    await office.sim.clock.until('ann is let go', () => line.state === 'ended');
    office.phone('cat1').hangUp();
    await office.closes();
  });

  test('to a number that is not there: bob has ann back', async () => {
    const { office, line } = await talking();
    const bob = office.phone('bob1').line;
    office.phone('bob1').transferBlind('777');
    await office.sim.clock.until('bob is told', () => bob.transferProgress.includes('failed'));
    await office.sim.clock.advance(STEP);
    expect(office.sim.world.hears(line, bob)).toBe(true);
    line.hangUp();
    await office.closes();
  });

  test('to a phone that is not registered: bob has ann back', async () => {
    const { office, line } = await talking();
    const bob = office.phone('bob1').line;
    office.phone('cat1').unregister();
    office.phone('bob1').transferBlind('103');
    await office.sim.clock.until('bob is told', () => bob.transferProgress.includes('failed'));
    await office.sim.clock.until('they talk again', () => office.sim.world.hears(line, bob));
    line.hangUp();
    await office.closes();
  });

  test('bob asks cat first, then joins ann and cat', async () => {
    const { office, line } = await talking();
    const first = office.phone('bob1').line;
    first.hold();
    const second = office.phone('bob1').dial('103');
    await office.sim.clock.until('cat rings', () => office.phone('cat1').isRinging);
    office.phone('cat1').answer();
    await office.sim.clock.until('bob talks with cat', () => second.state === 'answered');
    first.transferAttended(second);
    await office.sim.clock.until('ann hears cat', () => office.sim.world.hears(line, office.phone('cat1').line));
    await office.sim.clock.until('bob is let go', () => first.state === 'ended' && second.state === 'ended');
    line.hangUp();
    await office.closes();
    expect(office.journal.finished.map((c) => c.cdr.reason).sort()).toEqual(['caller-hung-up', 'transferred']);
  });

  test('bob joins ann and cat while cat still rings', async () => {
    const { office, line } = await talking();
    const first = office.phone('bob1').line;
    const second = office.phone('bob1').dial('103');
    await office.sim.clock.until('cat rings', () => office.phone('cat1').isRinging);
    first.transferAttended(second);
    await office.sim.clock.advance(STEP);
    await office.sim.clock.until('cat rings for ann', () => office.phone('cat1').isRinging);
    office.phone('cat1').answer();
    await office.sim.clock.until('ann hears cat', () => office.sim.world.hears(line, office.phone('cat1').line));
    line.hangUp();
    await office.closes();
  });
});

describe('the brain dies', () => {
  test('while bob rings: he answers the next brain', async () => {
    const office = await Office.open();
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('bob rings', () => office.phone('bob1').isRinging);
    await office.brainDies();
    office.phone('bob1').answer();
    await office.sim.clock.until('they talk', () => office.sim.world.hears(line, office.phone('bob1').line));
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'answered', answeredBy: '102' });
  });

  test('bob rings, and gives up while no brain is there', async () => {
    const office = await Office.open();
    office.apply(office.demo, '102', { ringTimeInS: 5 });
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('ann hears that it rings', () => line.hasRung);
    await office.sim.clock.advance(STEP);
    await office.brainDies({ for: 6000 });
    await office.sim.clock.until('it is over', () => line.state === 'ended');
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'no-answer', reason: 'no-answer', answeredBy: '102' });
  });

  test('bob answers while no brain is there', async () => {
    const office = await Office.open();
    const mobile = office.secondPhone(office.demo, '102', 'mob1');
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('both ring', () => mobile.isRinging && office.phone('bob1').isRinging);
    office.sim.killBrain();
    mobile.answer();
    await office.sim.clock.advance(STEP);
    await office.brainDies();
    await office.sim.clock.until('they talk', () => office.sim.world.hears(line, mobile.line));
    mobile.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'answered', answeredBy: '102', blame: 'callee' });
  });

  test('bob answers, or ann hangs up, in any moment in which a new brain looks around', async () => {
    for (let moment = 490; moment < 515; moment += 0.5) {
      const office = await Office.open();
      office.phone('bob1').behaviour = { answers: moment };
      const mobile = office.secondPhone(office.demo, '102', 'mob1');
      const line = office.phone('ann1').dial('102');
      await office.sim.clock.until('both ring', () => mobile.isRinging && office.phone('bob1').isRinging);
      const bobs = office.phone('bob1').line;
      await office.brainDies();
      await office.sim.clock.until('they talk', () => office.sim.world.hears(line, bobs), 2000);
      office.sim.clock.inFlight(moment, () => line.hangUp());
      await office.brainDies();
      await office.sim.clock.until('bob is let go', () => bobs.state === 'ended', 2000);
      await office.closes();
      expect(office.record.cdr).toMatchObject({ result: 'answered', answeredBy: '102' });
    }
  });

  test('while they talk: the call goes on, and ends with a right record', async () => {
    const office = await Office.open();
    office.phone('bob1').behaviour = { answers: 100 };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    await office.brainDies();
    expect(office.sim.world.hears(line, office.phone('bob1').line)).toBe(true);
    expect(office.registry.calls()).toHaveLength(1);
    office.registry.calls()[0]?.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'answered', reason: 'hung-up-by-admin' });
  });

  test('and bob transfers meanwhile: he hears that it failed, and they talk on', async () => {
    const office = await Office.open();
    office.phone('bob1').behaviour = { answers: 100 };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    office.sim.killBrain();
    office.phone('bob1').transferBlind('103');
    await office.sim.clock.advance(STEP);
    await office.brainDies();
    await office.sim.clock.until('bob is told', () => office.phone('bob1').line.transferProgress.includes('failed'));
    expect(office.sim.world.hears(line, office.phone('bob1').line)).toBe(true);
    line.hangUp();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ answeredBy: '102', reason: 'caller-hung-up' });
  });

  for (let at = 480; at <= 540; at += 3) {
    test(`ann dials ${at} ms after the death, when the next brain takes over: bob rings, and it is one call`, async () => {
      const office = await Office.open({ seed: at });
      office.sim.clock.after(at, () => office.phone('ann1').dial('102'));
      await office.brainDies();
      await office.sim.clock.until('ann dials', () => office.phone('ann1').lines.length > 0);
      const { line } = office.phone('ann1');
      await office.sim.clock.until('bob rings', () => office.phone('bob1').isRinging);
      office.phone('bob1').answer();
      await office.sim.clock.until('they talk', () => office.sim.world.hears(line, office.phone('bob1').line));
      line.hangUp();
      await office.closes();
      expect(office.record.cdr).toMatchObject({ result: 'answered', reason: 'caller-hung-up' });
    });
  }

  test('and ann hangs up meanwhile: bob is let go', async () => {
    const office = await Office.open();
    office.phone('bob1').behaviour = { answers: 100 };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    office.sim.killBrain();
    line.hangUp();
    await office.sim.clock.advance(STEP);
    await office.brainDies();
    await office.sim.clock.until('bob is let go', () => office.phone('bob1').lines[0]?.state === 'ended');
    await office.closes();
    expect(office.record.cdr.result).toBe('answered');
  });

  test('and both hang up meanwhile: the record is written all the same', async () => {
    const office = await Office.open();
    office.phone('bob1').behaviour = { answers: 100 };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    office.sim.killBrain();
    line.hangUp();
    office.phone('bob1').hangUp();
    await office.sim.clock.advance(STEP);
    await office.brainDies();
    await office.closes();
    expect(office.record.cdr).toMatchObject({ result: 'answered', reason: 'brain-restarted', blame: 'platform' });
  });
});

test('the engine is about to be stopped: nobody new is let in, those who talk go on, and then they are ended by us', async () => {
  const office = await Office.open();
  office.phone('bob1').behaviour = { answers: 100 };
  const line = office.phone('ann1').dial('102');
  await office.sim.clock.until('they talk', () => line.state === 'answered');
  office.registry.drain(true);
  const refused = office.phone('cat1').dial('102');
  const emergency = office.phone('cat1').dial('999');
  await office.sim.clock.until('cat is told', () => refused.state === 'ended');
  expect(emergency.state).not.toBe('ended');
  emergency.hangUp();
  expect(office.sim.world.hears(line, office.phone('bob1').line)).toBe(true);
  office.registry.stopCalls();
  await office.sim.clock.until('their call is over', () => line.state === 'ended');
  office.registry.drain(false);
  const next = office.phone('ann1').dial('102');
  await office.sim.clock.until('they talk again', () => next.state === 'answered');
  next.hangUp();
  await office.closes();
  const reasons = office.journal.finished.map(({ cdr }) => `${cdr.to}: ${cdr.result}, ${cdr.reason}, ${cdr.blame}`);
  expect(reasons).toContain('102: refused, draining, platform');
  expect(reasons).toContain('102: answered, stopped-by-operator, platform');
});

test('the engine dies: calls end with that reason, and new ones work', async () => {
  const office = await Office.open();
  office.phone('bob1').behaviour = { answers: 100 };
  const line = office.phone('ann1').dial('102');
  await office.sim.clock.until('they talk', () => line.state === 'answered');
  await office.sim.restartEngine(3000);
  await office.sim.clock.advance(1000);
  expect(office.record.cdr).toMatchObject({ result: 'answered', reason: 'engine-lost', blame: 'platform' });
  const again = office.phone('ann1').dial('102');
  await office.sim.clock.until('they talk again', () => again.state === 'answered');
  again.hangUp();
  await office.closes();
});

test('a connection to the engine that breaks loses no call, nor what happened meanwhile', async () => {
  const office = await Office.open();
  const mobile = office.secondPhone(office.demo, '102', 'mob1');
  const line = office.phone('ann1').dial('102');
  await office.sim.clock.until('both ring', () => mobile.isRinging && office.phone('bob1').isRinging);
  office.sim.loseEngine();
  mobile.answer();
  await office.sim.clock.advance(STEP);
  office.sim.regainEngine();
  await office.sim.clock.until('they talk', () => office.sim.world.hears(line, mobile.line));
  mobile.hangUp();
  await office.closes();
});

test('a connection breaks just after the answer, and ann hangs up meanwhile: bob is let go soon', async () => {
  const office = await Office.open();
  office.phone('bob1').behaviour = { answers: 100 };
  const line = office.phone('ann1').dial('102');
  await office.sim.clock.until('they talk', () => line.state === 'answered');
  const bobs = office.phone('bob1').line;
  office.sim.loseEngine();
  line.hangUp();
  await office.sim.clock.advance(100);
  office.sim.regainEngine();
  await office.sim.clock.until('bob is let go', () => bobs.state === 'ended', 3000);
  await office.closes();
});

describe('a recording', () => {
  async function talking() {
    const office = await Office.open();
    office.phone('bob1').behaviour = { answers: 100 };
    const line = office.phone('ann1').dial('102');
    await office.sim.clock.until('they talk', () => line.state === 'answered');
    return { office, line, call: office.registry.calls()[0]! };
  }

  test('ends with the call, and is the organization’s', async () => {
    const { office, line, call } = await talking();
    expect(call.startRecording()).toBe('ok');
    expect(office.files.expected.size).toBe(1);
    await office.sim.clock.advance(STEP);
    line.hangUp();
    await office.closes();
    expect(office.files.taken).toMatchObject([{ organizationId: 'demo', kind: 'recording', callId: call.id }]);
    expect(office.files.expected.size).toBe(0);
  });

  test('goes on while the brain dies, and is taken over by the next', async () => {
    const { office, line, call } = await talking();
    call.startRecording();
    office.registry.keep(call);
    await office.sim.clock.advance(STEP);
    await office.brainDies();
    office.registry.calls()[0]!.stopRecording();
    await office.sim.clock.until('it is taken over', () => office.files.taken.length === 1);
    line.hangUp();
    await office.closes();
    expect(office.record.trace.map((s) => s.step)).toContain('recording-ended');
  });

  test('is refused where the storage or the disk is full, and the call goes on', async () => {
    const { office, line, call } = await talking();
    office.files.full.add('demo');
    expect(call.startRecording()).toBe('storage-full');
    office.files.full.clear();
    office.files.isDiskFull = true;
    expect(call.startRecording()).toBe('disk-full');
    expect(office.files.expected.size).toBe(0);
    line.hangUp();
    await office.closes();
    expect(office.record.trace).toContainEqual(
      expect.objectContaining({ step: 'recording-refused', detail: { reason: 'storage-full' } }),
    );
  });
});
