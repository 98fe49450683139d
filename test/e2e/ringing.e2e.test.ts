/** Somebody calls somebody: who rings, who stops ringing, and what the caller is told. */
import { describe } from 'vitest';
import { hangUp, hearEachOther, talk } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import type { IncomingCall } from '../phones/index.ts';

/** Q.850 cause of "somebody else answered". */
const ANSWERED_ELSEWHERE = 26;

describe.concurrent('ringing', () => {
  test.for([2, 3])('all %i phones of an extension ring, the first to answer has the call', async (count, { town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const others = await Promise.all(
      Array.from({ length: count - 1 }, (_, i) => office.phone('102', { name: `bob's phone ${i + 2}` })),
    );
    const phones = [bob, ...others];
    const call = await ann.dial('102');
    const rung = await Promise.all(phones.map((phone) => phone.rings()));
    await call.ringing();
    const winner = rung.at(-1)!;
    await winner.answer();
    await call.answered();
    for (const other of rung.slice(0, -1)) {
      await other.stopsRinging();
      expect(other.ending).toMatchObject({ how: 'cancelled', cause: ANSWERED_ELSEWHERE });
    }
    await hearEachOther(call, winner);
    await hangUp(winner, call);
    expect(await office.record()).toMatchObject({ result: 'answered', reason: 'callee-hung-up', blame: 'callee' });
  });

  test('two phones answer at the same moment: one has the call, the other is let go', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const mobile = await office.phone('102', { name: "bob's mobile" });
    for (let round = 0; round < 4; round++) {
      const call = await ann.dial('102');
      const rung = await Promise.all([bob.rings(), mobile.rings()]);
      // An INVITE that was cancelled in the same moment gets its 487 or is answered and hung up: both are right.
      await Promise.allSettled(rung.map((one) => one.answer({ within: 3000 })));
      await call.answered();
      const loser = await Promise.race(rung.map((one) => one.ended().then(() => one)));
      const winner = rung.find((one) => one !== loser)!;
      expect(winner.state).toBe('answered');
      await hearEachOther(call, winner);
      await hangUp(call, winner);
    }
    expect((await office.records(4)).map((r) => r.result)).toEqual(Array(4).fill('answered'));
  });

  test('the caller gives up: every phone stops, and the record says so', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const mobile = await office.phone('102', { name: "bob's mobile" });
    const call = await ann.dial('102');
    const rung = await Promise.all([bob.rings(), mobile.rings()]);
    await call.ringing();
    await call.cancel();
    await Promise.all(rung.map((one) => one.stopsRinging()));
    expect(call.ending!.status).toBe(487);
    expect(rung.map((one) => one.ending!.cause)).not.toContain(ANSWERED_ELSEWHERE);
    expect(await office.record()).toMatchObject({ result: 'cancelled', reason: 'caller-hung-up', blame: 'caller' });
  });

  test('the caller gives up before anything rings', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    await office.extension('102');
    await office.apply();
    const bob = await office.phone('102', { name: 'bob', autoRing: false });
    const call = await ann.dial('102');
    const asked = await bob.rings();
    asked.trying();
    await call.cancel();
    expect(call.ending!.how).toBe('cancelled');
    await asked.stopsRinging();
    expect(await office.record()).toMatchObject({ result: 'cancelled', reason: 'caller-hung-up' });
  });

  // Whether anybody but Asterisk's transaction layer ever heard of such a call is a matter of luck: it may have no record.
  test('the caller gives up at once, and calls somebody else', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    const call = await ann.dial('102');
    await call.cancel();
    expect(call.ending!.how).toBe('cancelled');
    const other = await talk(ann, '103', carol);
    await hangUp(other.call, other.answered);
    for (const rung of bob.calls) expect((await rung.ended()).how).toBe('cancelled');
  });

  // The race is swept over time: from the answer well before the CANCEL to well after it.
  test.for([-40, -20, -10, -5, 0, 5, 10, 20])('the caller gives up %i ms after the answer', async (lag, { town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102');
    const rung = await bob.rings();
    await call.ringing();
    const after = (ms: number, act: () => Promise<unknown>): Promise<unknown> =>
      new Promise((resolve, reject) => setTimeout(() => act().then(resolve, reject), ms));
    await Promise.allSettled([
      after(Math.max(0, -lag), () => rung.answer({ within: 2000 })),
      after(Math.max(0, lag), () => call.cancel()),
    ]);
    await Promise.all([call.ended(), rung.ended()]);
    const record = await office.record();
    expect(['answered', 'cancelled']).toContain(record.result);
    expect(record).toMatchObject({ reason: 'caller-hung-up', blame: 'caller' });
  });

  test('it rings for as long as the extension says', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    await office.set('102', { ringTimeInS: 5 });
    const began = Date.now();
    const call = await ann.dial('102');
    const rung = await bob.rings();
    expect((await call.refused()).status).toBe(480);
    await rung.stopsRinging();
    const lasted = call.ending!.at - began;
    expect(lasted).toBeGreaterThanOrEqual(4900);
    // Without that setting it is 20 s.
    expect(lasted).toBeLessThan(15_000);
    const record = await office.record();
    expect(record).toMatchObject({ result: 'no-answer', reason: 'no-answer', blame: 'callee', answeredAt: null });
    expect(record.ringDuration).toBeGreaterThanOrEqual(4900);
  });

  test('a busy phone is told as busy', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102');
    (await bob.rings()).decline(486);
    expect((await call.refused()).status).toBe(486);
    expect(await office.record()).toMatchObject({ result: 'busy', reason: 'busy', blame: 'callee' });
  });

  test('one of two phones is busy, the other goes on ringing', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const mobile = await office.phone('102', { name: "bob's mobile" });
    const call = await ann.dial('102');
    (await bob.rings()).decline(486);
    const rung = await mobile.rings();
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(call, rung);
  });

  test('a declined call is told as busy, and recorded as declined', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102');
    (await bob.rings()).decline(603);
    expect((await call.refused()).status).toBeGreaterThanOrEqual(400);
    expect(await office.record()).toMatchObject({ result: 'busy', reason: 'rejected-by-callee', blame: 'callee' });
  });

  test('calling one’s own extension rings the other phone, not the one that calls', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    const mobile = await office.phone('101', { name: "ann's mobile" });
    const { call, answered } = await talk(ann, '101', mobile);
    expect(ann.calls).toHaveLength(1);
    await hangUp(call, answered);
  });

  test('an extension without any phone, and one that nobody has', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    await office.extension('150');
    await office.apply();
    expect((await (await ann.dial('150')).refused()).status).toBe(480);
    const call = await ann.dial('199');
    await call.earlyMedia();
    await call.hearsSound();
    expect((await call.refused({ within: 20_000 })).status).toBe(404);
    const [unheard, unknown] = await office.records(2);
    expect(unheard).toMatchObject({ to: '150', result: 'no-answer', reason: 'no-device-registered' });
    expect(unknown).toMatchObject({ to: '199', result: 'refused', reason: 'unknown-number', blame: 'caller' });
  });

  test('the caller hears early media before the answer, and a 180 when there is none', async ({ town }) => {
    const office = await town.office();
    const { ann } = await office.staff('ann');
    await office.extension('102');
    await office.apply();
    const bob = await office.phone('102', { name: 'bob', autoRing: false });
    const call = await ann.dial('102');
    const rung = await bob.rings();
    rung.progress();
    rung.sayTone(425);
    await call.earlyMedia();
    await call.hears(425);
    expect(call.state).toBe('early');
    await rung.answer();
    await call.answered();
    await hearEachOther(call, rung);
    await hangUp(call, rung);

    const plain = await ann.dial('102');
    const ringing: IncomingCall = await bob.rings();
    ringing.ring();
    await plain.ringing();
    expect(plain.provisionals.every((provisional) => provisional.body === '')).toBe(true);
    await plain.cancel();
  });
});
