/** The brain is killed with calls in every state: they go on, and the next brain has them in hand within two seconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Office } from '../kit/office.ts';
import { hangUp, hearEachOther, TONES, talk } from '../kit/talk.ts';
import type { Call } from '../phones/index.ts';
import { eventually } from '../phones/index.ts';
import { hasTone } from '../phones/tones.ts';
import { parseWav } from '../phones/wav.ts';
import { brainHasNoted, expect, isBetween, isWrittenDown, machine, measured, system, test } from './chaos.ts';

/** Both hear each other without a gap for so long from now on. */
async function hearWithoutGap(call: Call, other: Call, lasting: number): Promise<void> {
  const patience = { lasting };
  await Promise.all([other.hears(TONES.caller, patience), call.hears(TONES.callee, patience)]);
}

async function killed(calls: number): Promise<void> {
  await isWrittenDown();
  measured('control back', await machine.brainIsBack(machine.kill('brain'), { calls }));
}

/** The brain knows that something rings, and has written it down. */
async function knowsOfRinging(): Promise<void> {
  await eventually(async () => ((await system.api.getSystem()).callsInSetup === 0 ? true : undefined), {
    reason: () => 'the brain still waits for something to ring',
  });
  await isWrittenDown();
}

async function isRecorded(office: Office, steps: string[]) {
  const record = await office.record();
  expect(await office.steps(record)).toEqual(steps);
  expect(record.ringDuration).toBe((record.answeredAt ?? record.endedAt) - record.startedAt);
  return record;
}

test('ann and bob talk on, and the new brain records, transfers and ends their call', async ({ town }) => {
  const office = await town.office();
  const { ann, bob, cat } = await office.staff('ann', 'bob', 'cat');
  const dialledAt = Date.now();
  const { call, answered } = await talk(ann, '102', bob);
  const answeredAt = Date.now();
  const before = await brainHasNoted(office, 'talking');
  await Promise.all([hearWithoutGap(call, answered, 3000), killed(1)]);
  expect(await office.liveCall()).toEqual(before);

  const params = { ...office.params, call: before.id };
  await office.api.recordCall({ params, body: { action: 'start' } });
  await eventually(async () => (await office.liveCall()).isRecorded || undefined, {
    reason: () => 'it is not recorded',
  });
  await hearWithoutGap(call, answered, 1200);
  await office.api.recordCall({ params, body: { action: 'stop' } });

  await office.api.transferCall({ params, body: { to: '103' } });
  const cats = await cat.rings();
  await answered.ended();
  await cats.answer();
  await hearEachOther(call, cats);
  const beforeTheEnd = Date.now();
  await office.api.hangUpCall({ params });
  await call.ended();
  await cats.ended();

  const record = await isRecorded(office, [
    ...['call-began', 'ringing', 'rang', 'answered', 'adopted', 'recording-began', 'recording-ended'],
    ...['transfer-began', 'ringing', 'transferred', 'rang', 'answered', 'ended'],
  ]);
  expect(record).toMatchObject({
    result: 'answered',
    reason: 'hung-up-by-admin',
    blame: 'organization',
    answeredBy: '103',
    handledBy: 'brain',
  });
  isBetween(record.answeredAt, dialledAt, answeredAt);
  isBetween(record.endedAt, beforeTheEnd, Date.now());
  const [recording] = await office.recordings(record.id, 1);
  const { rate, samples } = parseWav(await office.sound(recording!.id));
  const seconds = samples.length / rate;
  expect(seconds).toBeGreaterThan(1);
  expect(seconds).toBeLessThan(4);
  // Away from the edges, where one of them may not have begun.
  const middle = samples.subarray(samples.length / 4, (samples.length * 3) / 4);
  expect(hasTone(middle, TONES.caller, rate)).toBe(true);
  expect(hasTone(middle, TONES.callee, rate)).toBe(true);
});

test("bob's phone rings on, and he answers the new brain", async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const call = await ann.dial('102');
  const ringing = await bob.rings();
  await knowsOfRinging();
  await killed(1);
  expect(ringing.isLive).toBe(true);
  await ringing.answer();
  await hearEachOther(call, ringing);
  await hangUp(ringing, call);
  const record = await isRecorded(office, ['call-began', 'ringing', 'rang', 'adopted', 'answered', 'ended']);
  expect(record).toMatchObject({ result: 'answered', reason: 'callee-hung-up', answeredBy: '102' });
});

test('bob answers while no brain is there: they talk at once', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const call = await ann.dial('102');
  const ringing = await bob.rings();
  await knowsOfRinging();
  const at = machine.takeBrainAway();
  await ringing.answer();
  await call.answered();
  const answeredAt = Date.now();
  await hearEachOther(call, ringing);
  machine.thaw();
  await machine.brainIsBack(at, { calls: 1, within: 5000 });
  expect(await office.liveCall('talking')).toMatchObject({ with: '102' });
  const backAt = Date.now();
  await hearEachOther(call, ringing);
  const beforeTheEnd = Date.now();
  await hangUp(call, ringing);
  const record = await isRecorded(office, ['call-began', 'ringing', 'rang', 'adopted', 'answered', 'ended']);
  expect(record).toMatchObject({ result: 'answered', reason: 'caller-hung-up', answeredBy: '102' });
  // Nobody saw the answer: it counts from when the new brain found it, so to the caller's favour.
  isBetween(record.answeredAt, answeredAt, backAt);
  isBetween(record.endedAt, beforeTheEnd, Date.now());
});

for (const [when, away] of [
  ['in the moment in which the brain dies', 0],
  ['when the engine has long noticed that no brain is there', 700],
] as const) {
  test(`one of two phones is answered ${when}: the new brain connects it and stops the other`, async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const mobile = await office.phone('102', { name: "bob's mobile" });
    const call = await ann.dial('102');
    const [ringing, mobiles] = [await bob.rings(), await mobile.rings()];
    await call.ringing();
    await knowsOfRinging();
    const at = machine.takeBrainAway();
    await sleep(away);
    await mobiles.answer();
    machine.thaw();
    await machine.brainIsBack(at, { calls: 1, within: 5000 });
    await call.answered();
    await hearEachOther(call, mobiles);
    await ringing.stopsRinging();
    await hangUp(mobiles, call);
    const record = await isRecorded(office, ['call-began', 'ringing', 'rang', 'rang', 'adopted', 'answered', 'ended']);
    expect(record).toMatchObject({ result: 'answered', reason: 'callee-hung-up', answeredBy: '102' });
  });
}

test('several phones ring on; ann gives up, and all of them stop', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const mobile = await office.phone('102', { name: "bob's mobile" });
  const call = await ann.dial('102');
  const ringing = [await bob.rings(), await mobile.rings()];
  await call.ringing();
  await killed(1);
  expect(ringing.every((phone) => phone.isLive)).toBe(true);
  await call.cancel();
  await Promise.all(ringing.map((phone) => phone.stopsRinging()));
  expect(await office.record()).toMatchObject({ result: 'cancelled', reason: 'caller-hung-up', blame: 'caller' });
});

test('ann gives up while no brain is there: the phones stop when it is back', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const mobile = await office.phone('102', { name: "bob's mobile" });
  const call = await ann.dial('102');
  const ringing = [await bob.rings(), await mobile.rings()];
  await call.ringing();
  const at = machine.takeBrainAway();
  await call.cancel();
  machine.thaw();
  await machine.brainIsBack(at, { calls: 0, within: 5000 });
  await Promise.all(ringing.map((phone) => phone.stopsRinging()));
  expect(await office.record()).toMatchObject({ result: 'cancelled', reason: 'caller-hung-up', blame: 'caller' });
});

test('bob stays on hold with music, and is taken back', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  await call.hold();
  await answered.hearsSound();
  await brainHasNoted(office, 'held');
  // Music has its quiet moments, but no three seconds without a sound.
  const music = async (): Promise<void> => {
    for (let i = 0; i < 10; i += 1) await answered.hearsSound({ within: 3000 });
  };
  await Promise.all([music(), killed(1)]);
  expect(await office.liveCall()).toMatchObject({ state: 'held' });
  await call.resume();
  await hearEachOther(call, answered);
  await office.liveCall('talking');
  await hangUp(call, answered);
  await isRecorded(office, ['call-began', ...['ringing', 'rang', 'answered', 'held', 'adopted', 'resumed', 'ended']]);
});

test('the echo test goes on, and ends with a right record', async ({ town }) => {
  const office = await town.office();
  const { ann } = await office.staff('ann');
  const dialledAt = Date.now();
  const call = await ann.dial('*43');
  await call.answered();
  await brainHasNoted(office, 'talking');
  const answeredAt = Date.now();
  call.sayTone(TONES.caller);
  await call.hears(TONES.caller);
  await Promise.all([call.hears(TONES.caller, { lasting: 2500 }), killed(1)]);
  const beforeTheEnd = Date.now();
  await call.hangUp();
  const record = await isRecorded(office, ['call-began', 'answered', 'adopted', 'ended']);
  expect(record).toMatchObject({ result: 'answered', reason: 'caller-hung-up', answeredBy: '*43' });
  isBetween(record.answeredAt, dialledAt, answeredAt);
  isBetween(record.endedAt, beforeTheEnd, Date.now());
});

test('the echo test is hung up by the new brain', async ({ town }) => {
  const office = await town.office();
  const { ann } = await office.staff('ann');
  const call = await ann.dial('*43');
  await call.answered();
  await brainHasNoted(office, 'talking');
  await killed(1);
  await office.api.hangUpCall({ params: { ...office.params, call: (await office.liveCall()).id } });
  await call.ended();
  expect(await office.record()).toMatchObject({ result: 'answered', reason: 'hung-up-by-admin' });
});

test('a refused caller in the middle of the announcement is let go, and recorded as refused', async ({ town }) => {
  const office = await town.office();
  const { ann } = await office.staff('ann');
  const call = await ann.dial('777');
  await call.hearsSound();
  const at = machine.kill('brain');
  await machine.brainIsBack(at, { calls: 0 });
  await call.ended();
  expect(await office.record()).toMatchObject({ result: 'refused', reason: 'unknown-number', blame: 'caller' });
});

test('a blind transfer goes on: cat answers, and bob is let go', async ({ town }) => {
  const office = await town.office();
  const { ann, bob, cat } = await office.staff('ann', 'bob', 'cat');
  const { call, answered } = await talk(ann, '102', bob);
  answered.transferTo('103');
  const cats = await cat.rings();
  await killed(1);
  await cats.answer();
  await hearEachOther(call, cats);
  await answered.ended();
  await hangUp(cats, call);
  expect(await office.record()).toMatchObject({ result: 'answered', answeredBy: '103', reason: 'callee-hung-up' });
});

test('a blind transfer to a phone that is busy brings bob back to ann', async ({ town }) => {
  const office = await town.office();
  await office.extension('103');
  const { ann, bob } = await office.staff('ann', 'bob');
  // Sends no 180, so bob is not let go yet: the transfer hangs between the two.
  const cat = await office.phone('103', { name: 'cat', autoRing: false });
  const { call, answered } = await talk(ann, '102', bob);
  answered.transferTo('103');
  const cats = await cat.rings();
  await killed(1);
  cats.decline(486);
  await hearEachOther(call, answered);
  await hangUp(call, answered);
  const record = await isRecorded(office, [
    ...['call-began', 'ringing', 'rang', 'answered', 'transfer-began', 'ringing', 'adopted'],
    ...['not-answered', 'transfer-failed', 'ended'],
  ]);
  expect(record).toMatchObject({ result: 'answered', reason: 'caller-hung-up' });
});

test('bob has asked cat first: after the death of the brain he still joins ann and cat', async ({ town }) => {
  const office = await town.office();
  const { ann, bob, cat } = await office.staff('ann', 'bob', 'cat');
  const { call, answered } = await talk(ann, '102', bob);
  await answered.hold();
  const asked = await talk(bob, '103', cat);
  await killed(2);
  answered.transferToCall(asked.call);
  await hearEachOther(call, asked.answered);
  await Promise.all([answered.ended(), asked.call.ended()]);
  await hangUp(call, asked.answered);
  const records = await office.records(2);
  expect(records.map((r) => `${r.from} -> ${r.to}: ${r.result}, ${r.reason}`).sort()).toEqual([
    '101 -> 102: answered, caller-hung-up',
    '102 -> 103: answered, transferred',
  ]);
});

test('bob transfers while no brain is there: he hears that it failed when it is back, and talks on with ann', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob', 'cat');
  const { call, answered } = await talk(ann, '102', bob);
  await brainHasNoted(office, 'talking');
  const at = machine.takeBrainAway();
  const transfer = answered.transferTo('103');
  await transfer.accepted();
  await hearWithoutGap(call, answered, 500);
  machine.thaw();
  await machine.brainIsBack(at, { calls: 1, within: 5000 });
  expect(await transfer.finished()).toBeGreaterThanOrEqual(400);
  await hearEachOther(call, answered);
  await hangUp(call, answered);
  expect(await office.record()).toMatchObject({ result: 'answered', reason: 'caller-hung-up', answeredBy: '102' });
});

test('calls from outside and to the outside go on', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const carrier = await town.carrier();
  const number = await office.did('101');
  const trunk = await office.trunk(carrier);
  await office.apply();
  const [outside, inside] = [await carrier.dial(number), await ann.rings()];
  await inside.answer();
  await outside.answered();
  const [out, customer] = [await bob.dial('02079460999'), await carrier.rings()];
  await customer.answer();
  await out.answered();
  await Promise.all([hearEachOther(outside, inside), hearEachOther(out, customer)]);
  await Promise.all([hearWithoutGap(outside, inside, 2000), hearWithoutGap(out, customer, 2000), killed(2)]);
  await hangUp(outside, inside);
  await hangUp(customer, out);
  const records = await office.records(2);
  expect(records.map((r) => [r.direction, r.did, r.trunkId, r.result, r.reason])).toEqual([
    ['inbound', number, trunk, 'answered', 'caller-hung-up'],
    ['outbound', null, trunk, 'answered', 'callee-hung-up'],
  ]);
});

test('ann hangs up while no brain is there: bob is let go when it is back', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  await brainHasNoted(office, 'talking');
  const at = machine.takeBrainAway();
  await call.hangUp();
  machine.thaw();
  await machine.brainIsBack(at, { calls: 0, within: 5000 });
  await answered.ended();
  const record = await isRecorded(office, ['call-began', 'ringing', 'rang', 'answered', 'adopted', 'ended']);
  expect(record).toMatchObject({ result: 'answered', reason: 'caller-hung-up', blame: 'caller' });
});

test('both hang up while no brain is there: the call is recorded', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  await brainHasNoted(office, 'talking');
  const at = machine.takeBrainAway();
  await Promise.all([call.hangUp(), answered.hangUp()]);
  await system.hasNoChannel(office.id);
  machine.thaw();
  await machine.brainIsBack(at, { calls: 0, within: 5000 });
  const record = await isRecorded(office, ['call-began', 'ringing', 'rang', 'answered', 'ended']);
  expect(record).toMatchObject({ result: 'answered', reason: 'brain-restarted', blame: 'platform' });
});

test('20 calls, the brain killed 3 times: none is lost, and nothing is left over', async ({ town }) => {
  const office = await town.office();
  const people = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const [caller, callee] = [String(200 + i), String(300 + i)];
      await office.extension(caller);
      await office.extension(callee);
      return { caller, callee };
    }),
  );
  await office.apply();
  const conversations = await Promise.all(
    people.map(async ({ caller, callee }) => {
      const [from, to] = [await office.phone(caller), await office.phone(callee)];
      return talk(from, callee, to);
    }),
  );
  for (let round = 0; round < 3; round += 1) {
    await killed(20);
    await Promise.all(conversations.map(({ call, answered }) => hearWithoutGap(call, answered, 300)));
  }
  await Promise.all(conversations.map(({ call, answered }) => hangUp(call, answered)));
  const records = await office.records(20);
  expect(new Set(records.map((r) => `${r.result} ${r.reason}`))).toEqual(new Set(['answered caller-hung-up']));
  await eventually(
    async () => {
      const [channels, bridges] = await Promise.all([system.channels(), system.bridges()]);
      return channels.length + bridges.length === 0 ? true : undefined;
    },
    { reason: () => 'channels or bridges are left over' },
  );
});
