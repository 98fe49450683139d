/** Transfers that a phone asks for by REFER. */
import { describe } from 'vitest';
import { hangUp, hearEachOther, replacing, talk } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import type { IncomingCall } from '../phones/index.ts';

describe.concurrent('transfer', () => {
  test.for(['caller', 'callee'] as const)('blind, by the %s', async (who, { town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    const { call, answered } = await talk(ann, '102', bob);
    const [transferor, stays] = who === 'caller' ? [call, answered] : [answered, call];
    const transfer = transferor.transferTo('103');
    const rung = await carol.rings();
    expect(await transfer.finished()).toBe(200);
    await transferor.ended();
    await rung.answer();
    await hearEachOther(stays, rung);
    await hangUp(stays, rung);
    const record = await office.record();
    expect(record).toMatchObject({ result: 'answered', answeredBy: '103' });
    expect(await office.steps(record)).toEqual(expect.arrayContaining(['transfer-began', 'transferred']));
  });

  test('attended: the two who are left hear each other', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    const first = await talk(ann, '102', bob);
    await first.answered.hold();
    const second = await talk(bob, '103', carol);
    const transfer = first.answered.transferToCall(second.call);
    expect(await transfer.finished()).toBe(200);
    await Promise.all([first.answered.ended(), second.call.ended()]);
    await hearEachOther(first.call, second.answered);
    await hangUp(first.call, second.answered);
    const records = await office.records(2);
    expect(records.map((r) => r.result)).toEqual(['answered', 'answered']);
    expect(records.map((r) => r.reason).sort()).toEqual(['caller-hung-up', 'transferred']);
  });

  test('attended while it still rings: the far end goes on to wait', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    const first = await talk(ann, '102', bob);
    await first.answered.hold();
    const consultation = await bob.dial('103');
    const announced = await carol.rings();
    await consultation.ringing();
    const transfer = first.answered.transferTo(replacing(consultation));
    expect(await transfer.finished()).toBe(200);
    await Promise.all([consultation.ended(), first.answered.ended()]);
    await announced.ended();
    const rung = await carol.rings();
    await rung.answer();
    await hearEachOther(first.call, rung);
    await hangUp(rung, first.call);
  });

  test('to nobody: the call comes back to the one who transferred', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    expect(await answered.transferTo('199').finished()).toBeGreaterThanOrEqual(400);
    await hearEachOther(call, answered);
    await hangUp(answered, call);
    const record = await office.record();
    expect(record).toMatchObject({ result: 'answered', answeredBy: '102', blame: 'callee' });
    expect(await office.steps(record)).toContain('transfer-refused');
  });

  test.for([
    ['busy', (busy: IncomingCall) => busy.decline(486)],
    ['declined', (declined: IncomingCall) => declined.decline(603)],
  ] as const)('to somebody who is %s after ringing: the one who waits is told', async ([, refuse], { town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    carol.onCall = refuse;
    const { call, answered } = await talk(ann, '102', bob);
    const transfer = answered.transferTo('103');
    await transfer.accepted();
    await call.ended();
    await answered.ended();
    expect(await office.record()).toMatchObject({ result: 'answered' });
  });

  test('to a phone that is not there: the call comes back', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    await carol.deregister();
    const { call, answered } = await talk(ann, '102', bob);
    expect(await answered.transferTo('103').finished()).toBeGreaterThanOrEqual(400);
    await hearEachOther(call, answered);
    await hangUp(call, answered);
  });

  test('to the outside passes the choke point', async ({ town }) => {
    const office = await town.office();
    const carrier = await town.carrier();
    await office.trunk(carrier);
    const did = await office.did();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    // Premium, and abroad.
    for (const number of ['09098790000', '+12125550123']) {
      expect(await answered.transferTo(number).finished()).toBeGreaterThanOrEqual(400);
      await hearEachOther(call, answered);
    }
    expect(carrier.calls).toEqual([]);
    const transfer = answered.transferTo('02079460999');
    const rung = await carrier.rings();
    expect(rung.dialled).toBe('+442079460999');
    expect(rung.assertedIdentity?.number).toBe(did);
    expect(await transfer.finished()).toBe(200);
    await rung.answer();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
  });

  test('another organization is not to be reached, by its address or by its call', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const foreign = await town.office();
    const { ann: dave, bob: erin } = await foreign.staff('ann', 'bob');
    await foreign.extension('177');
    await foreign.apply();
    const frank = await foreign.phone('177', { name: 'frank' });
    const { call, answered } = await talk(ann, '102', bob);
    const theirs = await talk(dave, '102', erin);

    const byName = [frank.agent.options.username, '177', frank.agent.uri, frank.contactUri, `sip:177@${foreign.slug}`];
    for (const target of byName) {
      expect(await answered.transferTo(target).finished()).toBeGreaterThanOrEqual(400);
    }
    // Replaces with the real tags of a call of theirs.
    expect(await answered.transferTo(replacing(theirs.call)).finished()).toBeGreaterThanOrEqual(400);
    expect(await answered.transferToCall(theirs.answered).finished()).toBeGreaterThanOrEqual(400);
    expect(frank.calls).toEqual([]);
    await hearEachOther(call, answered);
    await hearEachOther(theirs.call, theirs.answered);
    await hangUp(call, answered);
    await hangUp(theirs.call, theirs.answered);
  });
});
