/** No brain is there, or it hangs: phones ring, help is called and customers get through all the same, and it is recorded. */
import { Listener } from '../kit/listener.ts';
import type { Office } from '../kit/office.ts';
import { hangUp, hearEachOther, TONES, talk } from '../kit/talk.ts';
import { eventually } from '../phones/index.ts';
import { expect, isBetween, machine, measured, recordedOnce, system, test } from './chaos.ts';

/** From then on new calls go to the fallback at once: the dead brain's last beat is too old. Milliseconds. */
const BEAT_IS_STALE = 3100;

async function brainHasBeenAwayFor(ms: number, since: number): Promise<void> {
  await eventually(() => (Date.now() - since >= ms ? true : undefined), {
    within: ms + 30_000,
    every: 20,
    reason: () => 'unreachable',
  });
}

async function theBrainComesBack(): Promise<void> {
  const at = Date.now();
  machine.thaw();
  measured('control back', await machine.brainIsBack(at));
}

/** The fallback writes the end down while the channel is still there. */
const engineHasEnded = (office: Office): Promise<void> => system.hasNoChannel(office.id);

async function recordOfFallback(office: Office, what: { from: string; to: string }) {
  const [record] = await recordedOnce(office, 1);
  expect(record).toMatchObject({ ...what, organizationId: office.id, handledBy: 'fallback' });
  return record!;
}

test('without a brain an extension rings all phones of another, they talk, and it is recorded later', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const mobile = await office.phone('102', { name: "bob's mobile" });
  await brainHasBeenAwayFor(BEAT_IS_STALE, machine.takeBrainAway());
  const dialledAt = Date.now();
  const call = await ann.dial('102');
  const [bobs, mobiles] = await Promise.all([bob.rings(), mobile.rings()]);
  const rangAt = Date.now();
  measured('rang after', rangAt - dialledAt);
  await mobiles.answer();
  await call.answered();
  const answeredAt = Date.now();
  await bobs.stopsRinging();
  await hearEachOther(call, mobiles);
  const beforeTheEnd = Date.now();
  await hangUp(mobiles, call);
  await engineHasEnded(office);
  const afterTheEnd = Date.now();
  await theBrainComesBack();
  const record = await recordOfFallback(office, { from: '101', to: '102' });
  expect(record).toMatchObject({ direction: 'internal', result: 'answered', answeredBy: '102', fromExtension: '101' });
  isBetween(record.startedAt, dialledAt, rangAt);
  isBetween(record.answeredAt, rangAt, answeredAt);
  isBetween(record.endedAt, beforeTheEnd, afterTheEnd);
  expect(record.talkDuration).toBe(record.endedAt - record.answeredAt!);
});

test('whenever somebody dials after the death of the brain, it rings, and is recorded once', async ({ town }) => {
  const office = await town.office();
  const moments = [0, 100, 200, 300, 400, 600, 800, 1000, 1500];
  for (const [i] of moments.entries()) {
    await office.extension(String(200 + i));
    await office.extension(String(300 + i));
  }
  await office.apply();
  const people = await Promise.all(
    moments.map(async (moment, i) => ({
      moment,
      caller: await office.phone(String(200 + i)),
      callee: await office.phone(String(300 + i)),
    })),
  );
  const since = machine.kill('brain');
  const waits = await Promise.all(
    people.map(async ({ moment, caller, callee }) => {
      await brainHasBeenAwayFor(moment, since);
      const dialledAt = Date.now();
      const call = await caller.dial(callee.name);
      const ringing = await callee.rings({ within: 8000 });
      const wait = Date.now() - dialledAt;
      await call.ringing();
      await call.cancel();
      await ringing.stopsRinging();
      return wait;
    }),
  );
  measured(`dialled ${moments.join(', ')} ms after the death, rang after`, waits.join(', '));
  await machine.brainAnswers();
  const records = await recordedOnce(office, moments.length);
  for (const record of records) expect(record).toMatchObject({ result: 'cancelled', reason: 'caller-hung-up' });
});

test('without a brain it rings at once when its last beat is old, and soon when it is not', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const since = machine.takeBrainAway();
  const moments = [300, 1800, 3100];
  for (const moment of moments) {
    await brainHasBeenAwayFor(moment, since);
    const dialledAt = Date.now();
    const call = await ann.dial('102');
    const ringing = await bob.rings({ within: 8000 });
    measured(`dialled ${moment} ms after the death, rang after`, Date.now() - dialledAt);
    await call.ringing();
    await call.cancel();
    await ringing.stopsRinging();
  }
  await theBrainComesBack();
  const records = await recordedOnce(office, moments.length);
  for (const record of records) {
    expect(record).toMatchObject({ result: 'cancelled', reason: 'caller-hung-up', handledBy: 'fallback' });
  }
});

test('without a brain help is called by the trunk, with a number of the organization', async ({ town }) => {
  const office = await town.office({ limits: { concurrentCalls: 1, callsPerSecond: 1 } });
  const { ann } = await office.staff('ann');
  const carrier = await town.carrier();
  const number = await office.did('101');
  await office.trunk(carrier);
  await office.apply();
  await brainHasBeenAwayFor(BEAT_IS_STALE, machine.takeBrainAway());
  const call = await ann.dial('999');
  const help = await carrier.rings();
  expect(help.dialled).toBe('999');
  expect(help.callerNumber).toBe(number);
  await help.answer();
  await call.answered();
  await hearEachOther(call, help);
  await hangUp(call, help);
  await theBrainComesBack();
  const record = await recordOfFallback(office, { from: '101', to: '999' });
  expect(record).toMatchObject({ direction: 'outbound', result: 'answered' });
});

test('without a brain a customer gets through to the extension of the number', async ({ town }) => {
  const office = await town.office();
  const { ann } = await office.staff('ann');
  const carrier = await town.carrier();
  const number = await office.did('101');
  await office.trunk(carrier);
  await office.apply();
  await brainHasBeenAwayFor(BEAT_IS_STALE, machine.takeBrainAway());
  const call = await carrier.dial(number, { from: '<sip:+447700900123@carrier.example>' });
  const anns = await ann.rings();
  expect(anns.callerNumber).toBe('+447700900123');
  await anns.answer();
  await call.answered();
  await hearEachOther(call, anns);
  await hangUp(call, anns);
  await theBrainComesBack();
  const record = await recordOfFallback(office, { from: '+447700900123', to: number });
  expect(record).toMatchObject({ direction: 'inbound', did: number, result: 'answered', fromExtension: null });
});

test('without a brain nobody reaches another organization', async ({ town }) => {
  const [office, other] = [await town.office(), await town.office()];
  const { ann } = await office.staff('ann');
  const carrier = await town.carrier();
  const theirs = await other.staff('zoe', 'yan', 'xia');
  const number = await other.did('103');
  await other.trunk(await town.carrier());
  await office.trunk(carrier);
  await Promise.all([office.apply(), other.apply()]);
  await brainHasBeenAwayFor(BEAT_IS_STALE, machine.takeBrainAway());
  const silence = Promise.all(Object.values(theirs).map((phone) => phone.doesNotRing({ during: 2000 })));
  // 102 and 103 are extensions of theirs alone, the number is theirs, and the carrier is ours.
  const dialled = await Promise.all(['102', '103', number].map((to) => ann.dial(to)));
  const called = await carrier.dial(number);
  await silence;
  await Promise.all(dialled.map((call) => (call.isLive ? call.cancel() : undefined)));
  expect((await called.refused()).status).toBe(404);
  await theBrainComesBack();
  expect(await other.records(0)).toEqual([]);
});

test('a call of the fallback goes on when the brain is back, and is recorded once, when it ends', async ({ town }) => {
  const office = await town.office();
  const { ann, bob, cat } = await office.staff('ann', 'bob', 'cat');
  await brainHasBeenAwayFor(BEAT_IS_STALE, machine.takeBrainAway());
  const dialledAt = Date.now();
  const { call, answered } = await talk(ann, '102', bob);
  const answeredAt = Date.now();
  await Promise.all([
    theBrainComesBack(),
    call.hears(TONES.callee, { lasting: 2000 }),
    answered.hears(TONES.caller, { lasting: 2000 }),
  ]);
  // Others call by the brain meanwhile, and it sweeps what is nobody's after 5 s.
  const next = await cat.dial('101');
  await next.ringing();
  await next.cancel();
  await Promise.all([call.hears(TONES.callee, { lasting: 4500 }), answered.hears(TONES.caller, { lasting: 4500 })]);
  const beforeTheEnd = Date.now();
  await hangUp(answered, call);
  await engineHasEnded(office);
  const afterTheEnd = Date.now();
  const records = await recordedOnce(office, 2);
  expect(records.map((r) => r.handledBy).sort()).toEqual(['brain', 'fallback']);
  const record = records.find((r) => r.handledBy === 'fallback')!;
  expect(record).toMatchObject({ from: '101', to: '102', result: 'answered' });
  isBetween(record.answeredAt, dialledAt, answeredAt);
  isBetween(record.endedAt, beforeTheEnd, afterTheEnd);
});

test('a brain that hangs is replaced; calls go on, and one made meanwhile rings and is recorded', async ({ town }) => {
  const office = await town.office();
  const { ann, bob, cat, dan } = await office.staff('ann', 'bob', 'cat', 'dan');
  const { call, answered } = await talk(ann, '102', bob);
  const brain = machine.running('brain');
  const since = machine.freeze('brain');
  const audio = Promise.all([
    call.hears(TONES.callee, { lasting: 4500 }),
    answered.hears(TONES.caller, { lasting: 4500 }),
  ]);
  // The frozen brain still holds its socket, so this caller waits for whoever comes next.
  const second = await cat.dial('104');
  const replaced = machine.isReplaced('brain', brain).then(() => measured('replaced', Date.now() - since));
  const ringing = await dan.rings({ within: 20_000 });
  measured('rang after', Date.now() - since);
  await Promise.all([replaced, audio]);
  await ringing.answer();
  await second.answered();
  await hearEachOther(second, ringing);
  measured('control back', await machine.brainIsBack(since, { within: 10_000 }));
  await hangUp(second, ringing);
  await office.api.hangUpCall({ params: { ...office.params, call: (await office.liveCall('talking')).id } });
  await Promise.all([call.ended(), answered.ended()]);
  const records = await recordedOnce(office, 2);
  expect(records.map((r) => `${r.from} -> ${r.to}: ${r.result}, ${r.reason}`).sort()).toEqual([
    '101 -> 102: answered, hung-up-by-admin',
    '103 -> 104: answered, caller-hung-up',
  ]);
});

test('a call made when the brain has hung for some seconds rings by the fallback', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  // Nobody replaces it.
  machine.freeze('supervisor');
  const since = machine.freeze('brain');
  await brainHasBeenAwayFor(BEAT_IS_STALE, since);
  const dialledAt = Date.now();
  const { call, answered } = await talk(ann, '102', bob);
  measured('rang and talked after', Date.now() - dialledAt);
  // It goes on where it was frozen, and takes nothing away.
  machine.thaw();
  await machine.brainAnswers();
  await hearEachOther(call, answered);
  await hangUp(call, answered);
  expect(await recordOfFallback(office, { from: '101', to: '102' })).toMatchObject({ result: 'answered' });
});

test('who listens when the brain dies is told by the next one to read anew, and hears on', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const listener = await Listener.of(office, await office.adminKey());
  const { call, answered } = await talk(ann, '102', bob);
  await listener.hears('call-began');
  await machine.brainIsBack(machine.kill('brain'), { calls: 1, within: 10_000 });
  await listener.hears('reset');
  expect(await office.liveCalls()).toHaveLength(1);
  await hangUp(call, answered);
  await listener.hears('call-ended', (e) => e.result === 'answered');
  listener.close();
});

test('an apply that waits for the end of a call survives the brain, and is done when the call has ended', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  await office.api.deleteExtension({ params: { ...office.params, extension: '102' } });
  const draft = () => office.api.getDraft({ params: office.params });
  // The brain reads anew who is registered when what it knows is some seconds old.
  const { effect } = await eventually(
    async () => {
      const seen = await draft();
      return seen.effect.devicesRemoved[0]?.isRegistered ? seen : undefined;
    },
    { reason: () => 'the phone that leaves is not shown as registered' },
  );
  expect(effect).toMatchObject({
    kind: 'drain',
    callsInProgress: 1,
    devicesRemoved: [{ extension: '102', isRegistered: true, isInCall: true }],
  });
  await office.api.applyWhenIdle({ params: office.params, body: { deadlineInS: 600 } });
  await machine.brainIsBack(machine.kill('brain'), { calls: 1, within: 10_000 });
  await hearEachOther(call, answered);
  expect(await draft()).toMatchObject({ revision: 1, waiting: { askedBy: expect.any(String) } });
  await hangUp(call, answered);
  await eventually(async () => ((await draft()).revision === 2 ? true : undefined), {
    within: 8000,
    reason: () => 'what waited is not applied',
  });
  expect(await draft()).toMatchObject({ waiting: null, changes: [], effect: { kind: 'none' } });
  // What Postgres has is in effect a moment later; until then bob's phone is rung.
  bob.onCall = (rung) => rung.decline(486);
  await eventually(async () => ((await (await ann.dial('102')).refused()).status === 404 ? true : undefined), {
    reason: () => 'what was applied is not in effect',
  });
});
