/** The simulator's own: time, faults, and the engine's fallback. What it shares with Asterisk is in `conformance/`. */
import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { bridgeId, EngineError, type EngineEvent, type LegId, legId } from '../port.ts';
import { createSim, randomFates, type Sim, type SimOptions } from './index.ts';

async function begin(options: SimOptions = {}): Promise<{ sim: Sim; events: EngineEvent[] }> {
  const sim = createSim(options);
  const events: EngineEvent[] = [];
  sim.engine.onEvent((event) => events.push(event));
  await sim.connect(sim.engine);
  return { sim, events };
}

/** Ann dials and is announced. */
async function annDials(sim: Sim, events: EngineEvent[]): Promise<LegId> {
  sim.world.device('ann').dial('102');
  await sim.clock.advance(20);
  const announced = events.findLast((event) => event.type === 'leg:new');
  assert.ok(announced, 'the call was announced');
  return announced.leg;
}

const kinds = (events: EngineEvent[]) => events.map(({ type }) => type);

describe('time', () => {
  test('the same seed gives the same run, to the millisecond', async () => {
    const run = async (seed: number) => {
      const { sim, events } = await begin({ seed });
      sim.world.device('bob').behaviour = { answers: 900, hangsUp: 4000 };
      await annDials(sim, events);
      const to = { kind: 'device', username: 'bob' } as const;
      const callerId = { name: null, number: '101' };
      const bridge = bridgeId('1');
      void sim.engine.bridge(bridge, 'talk');
      void sim.engine.originate({ legId: legId('1'), to, bridge, callerId, ringTime: 20_000 });
      sim.world.device('ann').hangUp();
      await sim.clock.runUntilIdle();
      await Promise.all([sim.engine.unbridge(bridge), sim.clock.runUntilIdle()]);
      sim.assertQuiet();
      return JSON.stringify(events);
    };
    assert.equal(await run(7), await run(7));
    assert.notEqual(await run(7), await run(8));
  });

  test('a leak is named', async () => {
    const { sim, events } = await begin();
    const leg = await annDials(sim, events);
    await Promise.all([sim.engine.bridge(bridgeId('1'), 'talk'), sim.clock.advance(10)]);
    assert.throws(() => sim.assertQuiet(), new RegExp(`leg ${leg}.*bridge b-1`));
  });
});

describe('faults', () => {
  test('events are lost, doubled and late as a test says', async () => {
    const { sim, events } = await begin();
    sim.meets({ event: ({ type }) => (type === 'leg:new' ? { copies: 2, late: 100 } : { copies: 0 }) });
    sim.world.device('ann').dial('102');
    await sim.clock.advance(50);
    assert.deepEqual(kinds(events), ['engine:back']);
    sim.world.device('ann').hangUp();
    await sim.clock.runUntilIdle();
    assert.deepEqual(kinds(events), ['engine:back', 'leg:new', 'leg:new']);
    sim.assertQuiet();
  });

  test("a leg's own events come in another order when nothing keeps it", async () => {
    const { sim, events } = await begin();
    sim.meets({ order: 'none', event: ({ type }) => ({ late: type === 'leg:new' ? 300 : 0 }) });
    sim.world.device('ann').dial('102');
    await sim.clock.advance(50);
    sim.world.device('ann').hangUp();
    await sim.clock.runUntilIdle();
    assert.deepEqual(kinds(events), ['engine:back', 'leg:ended', 'leg:new']);
  });

  test('a command fails before it is carried out, or after', async () => {
    const { sim, events } = await begin();
    const leg = await annDials(sim, events);
    const ann = sim.world.device('ann').line;
    for (const [fails, isAnswered] of [
      ['before', false],
      ['after', true],
    ] as const) {
      sim.meets({ verb: () => ({ fails }) });
      const answered = assert.rejects(sim.engine.answer(leg), EngineError);
      await sim.clock.advance(20);
      await answered;
      assert.equal(ann.state === 'answered', isAnswered);
    }
  });

  test('random faults repeat with their seed', () => {
    const draw = () => {
      const { event } = randomFates(3, { lost: 0.3, doubled: 0.3, late: 0.5 });
      return Array.from({ length: 50 }, () => event!({ type: 'engine:lost', at: 0 }));
    };
    assert.deepEqual(draw(), draw());
  });
});

describe('the connection', () => {
  test('a lost engine rejects what is under way, misses events, and comes back with its legs', async () => {
    const { sim, events } = await begin();
    const leg = await annDials(sim, events);
    const waiting = assert.rejects(sim.engine.answer(leg), EngineError);
    sim.loseEngine();
    await waiting;
    await sim.clock.advance(1000);
    sim.regainEngine();
    assert.deepEqual(kinds(events).slice(-2), ['engine:lost', 'engine:back']);
    let legs: LegId[] = [];
    void sim.engine.snapshot().then((snapshot) => {
      legs = snapshot.legs.map(({ id }) => id);
    });
    await sim.clock.advance(10);
    assert.deepEqual(legs, [leg]);
    assert.equal(sim.world.device('ann').line.state, 'calling');
  });

  test('a restarted engine is fresh, and every call is over', async () => {
    const { sim, events } = await begin();
    await annDials(sim, events);
    await sim.restartEngine(500);
    const back = events.findLast((event) => event.type === 'engine:back');
    assert.equal(back?.isFresh, true);
    sim.assertQuiet();
  });
});

describe('no brain', () => {
  test('phones ring by the fallback, the first to answer wins, and no brain is told', async () => {
    const { sim, events } = await begin({ fallback: (dialled) => (dialled === '102' ? ['bob', 'carol'] : []) });
    sim.killBrain();
    const [bob, carol] = [sim.world.device('bob'), sim.world.device('carol')];
    bob.behaviour = { answers: 2000 };
    const ann = sim.world.device('ann').dial('102');
    await sim.clock.advance(4000);
    assert.equal(ann.state, 'answered');
    assert.equal(carol.lines[0]?.isAnsweredElsewhere, true);
    bob.hangUp();
    await sim.clock.runUntilIdle();
    sim.assertQuiet();
    assert.deepEqual(kinds(events), ['engine:back']);
  });

  test('a brain that stopped beating counts as away', async () => {
    const { sim, events } = await begin({ fallback: () => ['bob'] });
    const bob = sim.world.device('bob');
    void sim.engine.beat();
    await sim.clock.advance(5000);
    sim.world.device('ann').dial('102');
    await sim.clock.advance(3000);
    assert.equal(bob.isRinging, true);
    assert.deepEqual(kinds(events), ['engine:back']);
    bob.busy();
    await sim.clock.runUntilIdle();
    assert.equal(sim.world.device('ann').lines[0]?.status, 486);
    sim.assertQuiet();
  });
});
