/** The engine dies or does not answer, and the supervisor dies: the others go on, and everything comes back by itself. */
import { littlepbx } from '../kit/installation.ts';
import { hangUp, hearEachOther, TONES, talk } from '../kit/talk.ts';
import { eventually, type Phone } from '../phones/index.ts';
import { expect, isBetween, machine, measured, system, systemIsReady, test } from './chaos.ts';
import { ControlRelay } from './control-relay.ts';
import { scan } from './scanning.ts';

/** The brain holds the engine, and the phones count as registered. */
async function engineIsBack(since: number): Promise<void> {
  let seen = '';
  await eventually(
    async () => {
      const { engine } = await system.api.getSystem();
      seen = JSON.stringify(engine);
      return engine.isConnected ? true : undefined;
    },
    { within: 40_000, reason: () => `the engine is not back: ${seen}` },
  );
  measured('control back', Date.now() - since);
}

const registeredAfter = (phone: Phone, since: number): boolean =>
  phone.wire.received.entries.some(
    ({ at, message }) =>
      at > since &&
      message.kind === 'response' &&
      message.status === 200 &&
      message.headers.get('CSeq')?.endsWith('REGISTER') === true,
  );

test('the engine dies: calls end and say so, phones register again, and new calls work by the same brain', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob, cat, dan } = await office.staff('ann', 'bob', 'cat', 'dan');
  // As phones do: again and again until somebody answers. Dan's turn comes only in an hour.
  await Promise.all([ann, bob, cat].map((phone) => phone.register({ expires: 2, keep: true })));
  const { call, answered } = await talk(ann, '102', bob);
  const ringing = await cat.dial('104');
  await dan.rings();
  await ringing.ringing();
  // The engine writes down who registered once a second.
  const registeredAt = dan.wire.received.entries[1]!.at;
  await eventually(() => (Date.now() - registeredAt > 2000 ? true : undefined), {
    within: 30_000,
    reason: () => 'unreachable',
  });
  const brain = machine.running('brain');
  const engine = machine.running('engine');
  const since = machine.kill('engine');
  await machine.isReplaced('engine', engine);
  await engineIsBack(since);
  const records = await office.records(2);
  expect(records.map((r) => [r.from, r.to, r.result, r.reason, r.blame])).toEqual([
    ['101', '102', 'answered', 'engine-lost', 'platform'],
    ['103', '104', 'failed', 'engine-lost', 'platform'],
  ]);
  // When the engine went, not when the next one was found.
  for (const record of records) isBetween(record.endedAt, since, since + 2000);
  expect(await office.liveCalls()).toEqual([]);
  // The phones know nothing of it: their calls are silent.
  await Promise.all([call, answered, ringing].map((one) => one.drop()));
  await Promise.all(dan.calls.map((one) => one.drop()));

  const dialledAt = Date.now();
  const toDan = await talk(cat, '104', dan);
  measured('a phone that was registered before is talked to after', Date.now() - dialledAt);
  await hangUp(toDan.call, toDan.answered);
  await eventually(() => ([ann, bob, cat].every((phone) => registeredAfter(phone, since)) ? true : undefined), {
    reason: () => 'not all phones registered again',
  });
  measured('all registered again', Date.now() - since);
  const toAnn = await talk(cat, '101', ann);
  await hangUp(toAnn.call, toAnn.answered);
  expect(machine.running('brain')).toBe(brain);
  const later = (await office.records(4)).slice(2);
  expect(later.map((r) => `${r.from} -> ${r.to}: ${r.result}, ${r.handledBy}`)).toEqual([
    '103 -> 104: answered, brain',
    '103 -> 101: answered, brain',
  ]);
});

test('the engine is frozen for 6 s: its calls are there afterwards, and the brain has them in hand', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  const before = await office.liveCall('talking');
  machine.freeze('engine');
  await eventually(async () => ((await system.api.getSystem()).engine.isConnected ? undefined : true), {
    within: 20_000,
    reason: () => 'the brain did not notice',
  });
  const refused = await system.request(
    'DELETE',
    `/organizations/${office.slug}/live-calls/${before.id}`,
    system.operatorKey,
  );
  expect(refused.status).toBe(503);
  machine.thaw();
  await engineIsBack(Date.now());
  await hearEachOther(call, answered);
  expect(await office.liveCall()).toEqual(before);
  await office.api.hangUpCall({ params: { ...office.params, call: before.id } });
  await Promise.all([call.ended(), answered.ended()]);
  expect(await office.record()).toMatchObject({ result: 'answered', reason: 'hung-up-by-admin' });
});

test('the control connection is a black hole: calls go on, and what happened meanwhile is caught up with', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob, cat, dan, eve, fay } = await office.staff('ann', 'bob', 'cat', 'dan', 'eve', 'fay');
  await using relay = await ControlRelay.between(system, machine);
  const stays = await talk(ann, '102', bob);
  const ends = await talk(cat, '104', dan);
  await eventually(
    async () => (await office.liveCalls()).filter(({ state }) => state === 'talking').length === 2 || undefined,
    { reason: () => 'the brain does not know of both calls' },
  );
  relay.swallow(true);
  const since = Date.now();
  await Promise.all([ends.call.hangUp(), ends.answered.hangUp()]);
  const call = await eve.dial('106');
  await Promise.all([
    stays.call.hears(TONES.callee, { lasting: 5500 }),
    stays.answered.hears(TONES.caller, { lasting: 5500 }),
  ]);
  relay.swallow(false);
  await engineIsBack(since);
  const fays = await fay.rings();
  await fays.answer();
  await call.answered();
  await hearEachOther(call, fays);
  await hangUp(call, fays);
  const records = await office.records(2);
  expect(records.map((r) => `${r.from} -> ${r.to}: ${r.result}`).sort()).toEqual([
    '103 -> 104: answered',
    '105 -> 106: answered',
  ]);
  const live = await office.liveCall('talking');
  await office.api.hangUpCall({ params: { ...office.params, call: live.id } });
  await Promise.all([stays.call.ended(), stays.answered.ended()]);
});

test('the supervisor dies: all three go on, and a new `up` takes them over', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  const before = (['brain', 'engine', 'db'] as const).map((name) => machine.running(name));
  machine.kill('supervisor');
  const { code, out, err } = await littlepbx(['up', '--detach', '--data', system.installation.data]);
  expect(code, `${out}\n${err}`).toBe(0);
  expect((['brain', 'engine', 'db'] as const).map((name) => machine.running(name))).toEqual(before);
  await hearEachOther(call, answered);
  const supervisor = await eventually(() => machine.pid('supervisor') ?? undefined, {
    reason: () => 'no new supervisor runs',
  });
  // It really looks after them.
  await machine.brainIsBack(machine.kill('brain'), { calls: 1 });
  expect(machine.running('supervisor')).toBe(supervisor);
  await hearEachOther(call, answered);
  await hangUp(call, answered);
});

test('after `down` and `up` the same passwords work, and a call that was cut is recorded', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  const down = await littlepbx(['down', '--data', system.installation.data]);
  const downAt = Date.now();
  expect(down.code, down.err).toBe(0);
  expect((['supervisor', 'brain', 'engine', 'db'] as const).map((name) => machine.pid(name))).toEqual(
    Array(4).fill(null),
  );
  await Promise.all([call, answered].map((one) => one.drop()));
  const up = await littlepbx(['up', '--detach', '--data', system.installation.data]);
  expect(up.code, up.err).toBe(0);
  await systemIsReady();
  await Promise.all([ann.register(), bob.register()]);
  const next = await talk(ann, '102', bob);
  await hangUp(next.call, next.answered);
  const records = await office.records(2);
  expect(records[0]).toMatchObject({ result: 'answered', reason: 'stopped-by-operator', blame: 'platform' });
  measured('end of the cut call after `down`', records[0]!.endedAt - downAt);
  expect(records[1]).toMatchObject({ result: 'answered', reason: 'caller-hung-up' });
});

test('strangers scan and send broken messages, 500 a second: people talk, call and register as ever', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob, cat, dan } = await office.staff('ann', 'bob', 'cat', 'dan');
  const { call, answered } = await talk(ann, '102', bob);
  const pids = (['brain', 'engine'] as const).map((name) => machine.running(name));
  const scanning = await scan(system.installation.sipPort);
  const waits: number[] = [];
  const lost = call.rtp.stats.lost + answered.rtp.stats.lost;
  await Promise.all([
    call.hears(TONES.callee, { lasting: 5000 }),
    answered.hears(TONES.caller, { lasting: 5000 }),
    (async () => {
      for (let i = 0; i < 5; i += 1) {
        const dialledAt = Date.now();
        const next = await cat.dial('104');
        const ringing = await dan.rings();
        waits.push(Date.now() - dialledAt);
        await ringing.answer();
        await next.answered();
        await hearEachOther(next, ringing);
        await hangUp(next, ringing);
        await dan.register();
      }
    })(),
  ]);
  const sent = await scanning.stop();
  measured('strange messages', sent, '');
  measured('rang after', waits.join(', '));
  measured('packets lost', call.rtp.stats.lost + answered.rtp.stats.lost - lost, '');
  expect(sent).toBeGreaterThan(1500);
  expect((['brain', 'engine'] as const).map((name) => machine.running(name))).toEqual(pids);
  await hangUp(call, answered);
  // None of the strangers' calls is anybody's.
  expect(await office.records(6)).toHaveLength(6);
});
