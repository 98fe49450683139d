/** Calls that go on to somebody else: always, when busy, when nobody answers, and never in circles. */
import { describe } from 'vitest';
import { hangUp, hearEachOther } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';

describe.concurrent('forwarding', () => {
  test('busy goes on to the extension named for it', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    await office.set('102', { forwardBusy: '103' });
    const call = await ann.dial('102');
    (await bob.rings()).decline(486);
    const rung = await carol.rings();
    expect(rung).toMatchObject({ callerNumber: '101', callerName: 'Ann' });
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
    const record = await office.record();
    expect(record).toMatchObject({ to: '102', answeredBy: '103', result: 'answered' });
    expect(await office.steps(record)).toContain('forwarded');
  });

  test('no answer goes on, and the first phone stops', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    await office.set('102', { ringTimeInS: 5, forwardNoAnswer: '103' });
    const call = await ann.dial('102');
    const first = await bob.rings();
    const rung = await carol.rings();
    await first.stopsRinging();
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(rung, call);
    expect(await office.record()).toMatchObject({ answeredBy: '103', result: 'answered', blame: 'callee' });
  });

  test('a phone that is not there counts as no answer', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    await office.set('102', { forwardNoAnswer: '103' });
    await bob.deregister();
    const call = await ann.dial('102');
    const rung = await carol.rings();
    await rung.answer();
    await hangUp(rung, call);
  });

  test('always, or do not disturb: the extension’s own phone stays silent', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    await office.set('102', { forwardAlways: '103' });
    const call = await ann.dial('102');
    const rung = await carol.rings();
    await rung.answer();
    await call.answered();
    await hangUp(call, rung);
    await office.set('102', { forwardAlways: null, doNotDisturb: true });
    expect((await (await ann.dial('102')).refused()).status).toBe(486);
    expect(bob.calls).toEqual([]);
    expect((await office.records(2))[1]).toMatchObject({ result: 'busy', reason: 'do-not-disturb', blame: 'callee' });
  });

  test('to the outside, with the number of the one who forwards', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    const main = await office.did();
    const { ann, bob } = await office.staff('ann', 'bob');
    const bobs = await office.did('102');
    await office.update({ defaultNumber: main });
    await office.set('102', { forwardAlways: '020 7946 0999', outboundNumber: bobs });
    const call = await ann.dial('102');
    const rung = await carrier.rings();
    expect(rung.dialled).toBe('+442079460999');
    expect(rung.assertedIdentity?.number).toBe(bobs);
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    expect(bob.calls).toEqual([]);
    await hangUp(call, rung);
    expect(await office.record()).toMatchObject({ to: '102', answeredBy: '+442079460999', result: 'answered' });
  });

  test('a call from outside goes on to the outside', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    await office.staff('ann');
    const did = await office.did('101');
    await office.set('101', { forwardAlways: '+442079460998' });
    const call = await carrier.dial(did, { from: '<sip:+442079460555@carrier>' });
    const rung = await carrier.rings();
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
    expect(await office.record()).toMatchObject({ direction: 'inbound', did, answeredBy: '+442079460998' });
  });

  test.for(['forwardAlways', 'forwardBusy'] as const)('a circle by %s ends politely', async (kind, { town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    await office.change('102', { [kind]: '103' });
    await office.set('103', { [kind]: '102' });
    for (const phone of [bob, carol]) phone.onCall = (call) => call.decline(486);
    const call = await ann.dial('102');
    await call.earlyMedia();
    await call.hearsSound();
    expect((await call.refused({ within: 20_000 })).status).toBe(503);
    expect(await office.record()).toMatchObject({ result: 'failed', reason: 'forward-loop', blame: 'organization' });
    // Nobody was rung twice.
    expect([bob, carol].map((phone) => phone.calls.length)).toEqual(kind === 'forwardBusy' ? [1, 1] : [0, 0]);
  });

  test('to a number that may not be called: the caller hears so and it costs nothing', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    await office.did();
    const { ann } = await office.staff('ann', 'bob');
    await office.set('102', { forwardAlways: '+12125550123' });
    const call = await ann.dial('102');
    await call.earlyMedia();
    expect((await call.refused({ within: 20_000 })).status).toBeGreaterThanOrEqual(400);
    expect(carrier.calls).toEqual([]);
    expect(await office.record()).toMatchObject({ result: 'refused', reason: 'country-not-allowed' });
  });
});
