/** Brains that die, come back, refuse new calls, or command what is no longer there. */
import assert from 'node:assert/strict';
import { CAUSE, type Done, EngineError, type LegId } from '../../src/port.ts';
import { callsIn, clears, hearEachOther, type Party, rings, talk } from '../acts.ts';
import type { Scenario, World } from '../world.ts';

/** The brain dies, and another one takes over; it is told what legs it must see ended. */
async function replaceBrain(world: World, legs: LegId[]): Promise<void> {
  await world.killBrain();
  await world.pass(300);
  const brain = await world.startBrain();
  for (const leg of legs) brain.asked.add(leg);
}

async function legIn(world: World, leg: LegId) {
  const { legs } = await world.brain.engine.snapshot();
  return legs.find(({ id }) => id === leg);
}

async function isBridged(world: World, ...parties: Party[]): Promise<boolean> {
  const { bridges } = await world.brain.engine.snapshot();
  return bridges.some(({ legs }) => parties.every(({ leg }) => legs.includes(leg)));
}

const restarts: Scenario[] = [
  {
    name: 'a new brain finds a caller who waits, and answers her',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      await replaceBrain(world, [ann.leg]);
      const found = await legIn(world, ann.leg);
      assert.equal(found?.state, 'ringing');
      assert.equal(found?.isOurs, true);
      assert.deepEqual(found?.source, { kind: 'device', username: world.phone('ann').username });
      assert.equal(found?.dialled, '102');
      assert.equal(await world.brain.engine.answer(ann.leg), 'ok');
      await world.until('her phone to be answered', () => ann.call.isAnswered);
      ann.call.hangUp();
      await world.until('the leg to end', () => world.brain.hasEnded(ann.leg));
    },
  },
  {
    name: 'a new brain finds a phone that rings, and hears of its answer',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      const bridge = world.newBridge();
      await world.brain.engine.bridge(bridge, 'talk');
      const bob = await rings(world, 'bob', { bridge, together: [ann.leg] });
      await replaceBrain(world, [ann.leg, bob.leg]);
      assert.equal((await legIn(world, bob.leg))?.state, 'ringing');
      assert.equal(await isBridged(world, ann, bob), true);
      bob.call.answer();
      await world.until('the answer to be reported', () => world.brain.hasBeen(bob.leg, 'answered'));
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'a new brain finds a phone that answered while no brain was there',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      const bridge = world.newBridge();
      await world.brain.engine.bridge(bridge, 'talk');
      const bob = await rings(world, 'bob', { bridge, together: [ann.leg] });
      await world.killBrain();
      bob.call.answer();
      await hearEachOther(world, ann.call, bob.call);
      const brain = await world.startBrain();
      for (const { leg } of [ann, bob]) brain.asked.add(leg);
      assert.equal((await legIn(world, bob.leg))?.state, 'answered');
      assert.equal((await legIn(world, ann.leg))?.state, 'answered');
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'of two phones one answers while no brain is there, and waits until a new one joins the caller to it',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      const [bob, carol] = await Promise.all([rings(world, 'bob'), rings(world, 'carol')]);
      await world.killBrain();
      // The engine has noticed by then.
      await world.pass(500);
      carol.call.answer();
      await world.pass(500);
      assert.equal(carol.call.isEnded, false);
      const brain = await world.startBrain();
      for (const { leg } of [ann, bob, carol]) brain.asked.add(leg);
      assert.equal((await legIn(world, carol.leg))?.state, 'answered');
      assert.equal((await legIn(world, bob.leg))?.state, 'ringing');
      const { engine } = world.brain;
      await Promise.all([
        engine.hangup(bob.leg, CAUSE.answeredElsewhere),
        engine.answer(ann.leg),
        engine.join(carol.bridge, ann.leg),
      ]);
      await hearEachOther(world, ann.call, carol.call);
      await clears(world, [ann.leg, carol.leg]);
    },
  },
  {
    name: 'two go on talking without a brain; a new one hangs them up',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      await replaceBrain(world, [ann.leg, bob.leg]);
      await hearEachOther(world, ann.call, bob.call);
      assert.equal(await isBridged(world, ann, bob), true);
      await clears(world, [ann.leg, bob.leg], [bridge]);
      await world.until('both phones to be told', () => ann.call.isEnded && bob.call.isEnded);
    },
  },
  {
    name: 'a new brain records, plays to, mutes and moves those who talked before it came',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      await replaceBrain(world, [ann.leg, bob.leg]);
      const { engine } = world.brain;
      const id = world.newRecord();
      await engine.record(bridge, { id, maxDuration: 1000, maxSilence: 0, beep: false, endOn: 'none' });
      await world.until('the recording to end', () => world.brain.mediaEnd(id) !== undefined);
      assert.equal((await world.recording(id)).hasSound, true);
      await engine.mute(ann.leg, true);
      await world.until('him not to hear her', () => !bob.call.hears(ann.call));
      await engine.mute(ann.leg, false);
      await hearEachOther(world, ann.call, bob.call);
      const other = world.newBridge();
      await engine.bridge(other, 'talk');
      assert.equal(await engine.join(other, ann.leg, bob.leg), 'ok');
      await hearEachOther(world, ann.call, bob.call);
      await engine.leave(other, ann.leg);
      const play = world.newPlay();
      await engine.play(ann.leg, [{ kind: 'tone', name: 'ring' }], play);
      await world.until('her to hear a tone', () => ann.call.hearsSound() && !ann.call.hears(bob.call));
      await clears(world, [ann.leg, bob.leg], [bridge, other]);
    },
  },
  {
    name: 'a new brain learns whether a recording that began before it came has ended',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      await world.brain.engine.answer(ann.leg);
      const [short, long] = [world.newRecord(), world.newRecord()];
      const how = { maxSilence: 0, beep: false, endOn: 'none' } as const;
      await world.brain.engine.record(ann.leg, { id: short, maxDuration: 1000, ...how });
      assert.equal(await world.brain.engine.isRecording(short), true);
      await world.killBrain();
      await world.pass(2000);
      const brain = await world.startBrain();
      brain.asked.add(ann.leg);
      assert.equal(await brain.engine.isRecording(short), false);
      await brain.engine.record(ann.leg, { id: long, maxDuration: 60_000, ...how });
      assert.equal(await brain.engine.isRecording(long), true);
      await clears(world, [ann.leg]);
      await world.until('it to end with the call', async () => !(await brain.engine.isRecording(long)));
    },
  },
  {
    name: 'a new brain hears of the end, the hold and the keys of legs it adopted',
    async run(world) {
      const { ann, bob, bridge } = await talk(world, 'talk-dtmf');
      await replaceBrain(world, [ann.leg, bob.leg]);
      bob.call.hold();
      await world.until('the hold', () => world.brain.of('leg:hold').some(({ leg }) => leg === bob.leg));
      bob.call.resume();
      await world.until('its end', () => world.brain.of('leg:hold').some(({ isHeld }) => !isHeld));
      bob.call.presses('8');
      await world.until('the key', () => world.brain.digitsOf(bob.leg) === '8');
      bob.call.hangUp();
      await world.until('the end', () => world.brain.hasEnded(bob.leg));
      await clears(world, [ann.leg], [bridge]);
    },
  },
  {
    name: 'one hangs up while no brain is there; a new one finds the other alone',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      await world.killBrain();
      ann.call.hangUp();
      await world.until('her phone to be free', () => ann.call.isEnded);
      await world.pass(300);
      const brain = await world.startBrain();
      brain.asked.add(bob.leg);
      assert.equal(await legIn(world, ann.leg), undefined);
      assert.equal((await legIn(world, bob.leg))?.state, 'answered');
      await clears(world, [bob.leg], [bridge]);
    },
  },
  {
    name: 'a new brain finds a spy and its bridge, and ends them',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      const spy = world.newLeg();
      assert.equal(await world.brain.engine.snoop(bob.leg, spy, 'listen'), 'ok');
      await replaceBrain(world, [ann.leg, bob.leg, spy]);
      assert.equal((await legIn(world, spy))?.isOurs, true);
      await clears(world, [spy, ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'commands of a brain whose connection is gone are refused, never silently lost',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      const { engine } = world.brain;
      await replaceBrain(world, [ann.leg]);
      await assert.rejects(engine.answer(ann.leg), EngineError);
      assert.equal(ann.call.isAnswered, false);
      await clears(world, [ann.leg]);
    },
  },
];

const gone: Scenario[] = [
  {
    name: 'every command to a leg that is over answers gone',
    async run(world) {
      const { engine } = world.brain;
      const ann = await callsIn(world, 'ann', '102');
      await engine.answer(ann.leg);
      const bridge = world.newBridge();
      await engine.bridge(bridge, 'talk');
      await clears(world, [ann.leg]);
      await world.until('the leg to end', () => world.brain.hasEnded(ann.leg));
      const leg = ann.leg;
      const record = { id: world.newRecord(), maxDuration: 0, maxSilence: 0, beep: false, endOn: 'none' } as const;
      const verbs: Record<string, () => Promise<Done>> = {
        ring: () => engine.ring(leg),
        answer: () => engine.answer(leg),
        hangup: () => engine.hangup(leg, CAUSE.normal),
        play: () => engine.play(leg, [{ kind: 'tone', name: 'beep' }], world.newPlay()),
        record: () => engine.record(leg, record),
        join: () => engine.join(bridge, leg),
        leave: () => engine.leave(bridge, leg),
        music: () => engine.music(leg, true),
        mute: () => engine.mute(leg, true),
        sendDtmf: () => engine.sendDtmf(leg, '1'),
        snoop: () => engine.snoop(leg, world.newLeg(), 'listen'),
        transferProgress: () => engine.transferProgress(leg, 'failed'),
        echo: () => engine.echo(leg),
      };
      for (const [verb, run] of Object.entries(verbs)) assert.equal(await run(), 'gone', verb);
      await clears(world, [], [bridge]);
    },
  },
  {
    name: 'every command to a bridge or playback that is not there answers gone',
    async run(world) {
      const { engine } = world.brain;
      const ann = await callsIn(world, 'ann', '102');
      const bridge = world.newBridge();
      const record = { id: world.newRecord(), maxDuration: 0, maxSilence: 0, beep: false, endOn: 'none' } as const;
      assert.equal(await engine.join(bridge, ann.leg), 'gone');
      assert.equal(await engine.leave(bridge, ann.leg), 'gone');
      assert.equal(await engine.unbridge(bridge), 'gone');
      assert.equal(await engine.play(bridge, [{ kind: 'tone', name: 'beep' }], world.newPlay()), 'gone');
      assert.equal(await engine.record(bridge, record), 'gone');
      assert.equal(await engine.stopMedia(world.newPlay()), 'gone');
      assert.equal(await engine.stopMedia(world.newRecord()), 'gone');
      await clears(world, [ann.leg]);
    },
  },
];

const once: Scenario = {
  name: 'a join that names a leg that is over joins nobody, and a bridge is made only once',
  async run(world) {
    const { engine } = world.brain;
    const ann = await callsIn(world, 'ann', '102');
    const bridge = world.newBridge();
    assert.equal(await engine.bridge(bridge, 'talk'), 'ok');
    assert.equal(await engine.bridge(bridge, 'talk'), 'gone');
    assert.equal(await engine.leave(bridge, ann.leg), 'gone');
    assert.equal(await engine.join(bridge, ann.leg, world.newLeg()), 'gone');
    const { bridges } = await engine.snapshot();
    assert.deepEqual(bridges, [{ id: bridge, legs: [] }]);
    await clears(world, [ann.leg], [bridge]);
  },
};

const shedding: Scenario[] = [
  {
    name: 'new callers are refused while calls are shed, and the gate opens by itself',
    async run(world) {
      await world.brain.engine.shed(null, world.now() + 2000);
      const refused = world.phone('ann').dial('102');
      await world.until('her to be refused', () => refused.isEnded);
      assert.equal(refused.status, 503);
      assert.equal(world.brain.of('leg:new').length, 0);
      await world.pass(3100);
      const bob = await callsIn(world, 'bob', '101');
      await clears(world, [bob.leg]);
    },
  },
  {
    name: 'calls that are up go on while new ones are shed, and the gate opens when told',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      await world.brain.engine.shed(null, world.now() + 60_000);
      const refused = world.phone('carol').dial('102');
      await world.until('her to be refused', () => refused.isEnded);
      await hearEachOther(world, ann.call, bob.call);
      await world.brain.engine.shed(null, 0);
      const carol = await callsIn(world, 'carol', '101');
      await clears(world, [ann.leg, bob.leg, carol.leg], [bridge]);
    },
  },
];

/** On the control socket Asterisk dies of an answer of half a megabyte; this one has more. */
const crowd: Scenario = {
  name: 'a snapshot of very much is taken, and a call goes on',
  async run(world) {
    const { engine } = world.brain;
    const { ann, bob, bridge } = await talk(world);
    const bridges = Array.from({ length: 3000 }, () => world.newBridge());
    await Promise.all(bridges.map((id) => engine.bridge(id, 'talk')));
    const snapshot = await engine.snapshot();
    assert.ok(snapshot.bridges.length > 3000, `only ${snapshot.bridges.length} bridges`);
    await Promise.all(bridges.map((id) => engine.unbridge(id)));
    await hearEachOther(world, ann.call, bob.call);
    await clears(world, [ann.leg, bob.leg], [bridge]);
  },
};

export const brains: Scenario[] = [...restarts, ...gone, once, crowd, ...shedding];
