/** Setting a call up, and all the ways in which it does not come about. */
import assert from 'node:assert/strict';
import { CAUSE, type Done, type LegId } from '../../src/port.ts';
import { asks, callsIn, clears, deviceOf, hearEachOther, rings, talk } from '../acts.ts';
import type { Scenario, World } from '../world.ts';

/** A caller is refused with `cause`, and their phone shows `status`. */
function refusal(what: string, cause: number, status: number): Scenario {
  return {
    name: `a caller who is refused with ${what} sees ${status}`,
    async run(world) {
      const ann = await callsIn(world, 'ann', '999');
      assert.equal(await world.brain.engine.hangup(ann.leg, cause), 'ok');
      await world.until('her phone to be told', () => ann.call.isEnded);
      assert.equal(ann.call.status, status);
      await world.until('the leg to end', () => world.brain.hasEnded(ann.leg));
      assert.equal(world.brain.causeOf(ann.leg), cause);
    },
  };
}

/** The one who is rung refuses with `status`, and the leg ends with `cause`. */
function refused(what: string, status: number, cause: number): Scenario {
  return {
    name: `a phone that says ${what} ends its leg with cause ${cause}`,
    async run(world) {
      const bob = await rings(world, 'bob');
      bob.call.refuse(status);
      await world.until('the leg to end', () => world.brain.hasEnded(bob.leg));
      assert.equal(world.brain.causeOf(bob.leg), cause);
      assert.equal(world.brain.hasBeen(bob.leg, 'answered'), false);
    },
  };
}

const bridgeless: Scenario[] = [
  {
    name: 'a caller is announced with number and source, rings, and is answered',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      const [announced] = world.brain.of('leg:new');
      assert.deepEqual(announced?.source, { kind: 'device', username: world.phone('ann').username });
      assert.equal(announced?.dialled, '102');
      assert.equal(await world.brain.engine.ring(ann.leg), 'ok');
      await world.until('her phone to ring back', () => ann.call.isRinging);
      assert.equal(ann.call.isAnswered, false);
      assert.equal(await world.brain.engine.answer(ann.leg), 'ok');
      await world.until('her phone to be answered', () => ann.call.isAnswered);
      await world.until('the answer to be reported', () => world.brain.hasBeen(ann.leg, 'answered'));
      ann.call.hangUp();
      await world.until('the leg to end', () => world.brain.hasEnded(ann.leg));
      assert.equal(world.brain.causeOf(ann.leg), CAUSE.normal);
    },
  },
  {
    name: 'a call from the carrier is announced with the DID, the caller and the trunk',
    async run(world) {
      const call = world.carrier.dial('+442071838750', '+442079460000');
      await world.until('the call to be announced', () => world.brain.of('leg:new').length === 1);
      const [leg] = world.brain.of('leg:new');
      assert.equal(leg!.source.kind, 'carrier');
      assert.equal(leg!.dialled, '+442071838750');
      assert.equal(leg!.callerId.number, '+442079460000');
      await world.brain.engine.hangup(leg!.leg, CAUSE.unallocated);
      await world.until('the carrier to be told', () => call.isEnded);
      assert.equal(call.status, 404);
    },
  },
  {
    name: 'the carrier is rung with the number dialled, answers, and hears the caller',
    async run(world) {
      const ann = await callsIn(world, 'ann', '+442079460000');
      const bridge = world.newBridge();
      await world.brain.engine.bridge(bridge, 'talk');
      const to = { kind: 'trunk', trunkId: world.carrier.trunkId, number: '+442079460000' } as const;
      const { leg, result } = await asks(world, to, { bridge, together: [ann.leg] });
      assert.equal(result, 'ok');
      await world.until('the carrier to be called', () => world.carrier.calls.at(-1)?.isRinging === true);
      const carrier = world.carrier.calls.at(-1)!;
      assert.equal(carrier.shows.number, '101');
      carrier.answer();
      await hearEachOther(world, ann.call, carrier);
      await clears(world, [ann.leg, leg], [bridge]);
    },
  },
  {
    name: 'a phone that is rung shows the caller, answers, and hangs up',
    async run(world) {
      const bob = await rings(world, 'bob');
      assert.equal(bob.call.shows.number, '101');
      assert.equal(bob.call.shows.name, 'Ann Able');
      bob.call.answer();
      await world.until('the answer to be reported', () => world.brain.hasBeen(bob.leg, 'answered'));
      bob.call.hangUp();
      await world.until('the leg to end', () => world.brain.hasEnded(bob.leg));
      assert.equal(world.brain.causeOf(bob.leg), CAUSE.normal);
    },
  },
  {
    name: 'a phone that nobody picks up stops ringing when its ring time is over',
    async run(world) {
      const bob = await rings(world, 'bob', { ringTime: 1000 });
      await world.until('the leg to end', () => world.brain.hasEnded(bob.leg));
      assert.equal(world.brain.causeOf(bob.leg), CAUSE.noAnswer);
      await world.until('his phone to stop ringing', () => bob.call.isEnded);
      assert.equal(bob.call.isAnsweredElsewhere, false);
    },
  },
  {
    name: 'a phone that is rung in a bridge and that nobody picks up stops ringing too',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      const bridge = world.newBridge();
      await world.brain.engine.bridge(bridge, 'talk');
      const bob = await rings(world, 'bob', { bridge, together: [ann.leg], ringTime: 1000 });
      await world.until('the leg to end', () => world.brain.hasEnded(bob.leg));
      assert.equal(world.brain.causeOf(bob.leg), CAUSE.noAnswer);
      assert.equal(world.brain.hasEnded(ann.leg), false);
      assert.equal(ann.call.isAnswered, false);
      await clears(world, [ann.leg], [bridge]);
    },
  },
  {
    name: 'a phone that is not registered is unreachable, and no leg is left',
    async run(world) {
      await world.phone('dave').unregister();
      const { leg, result } = await asks(world, deviceOf(world, 'dave'));
      await world.phone('dave').register();
      assert.equal(result, 'unreachable');
      await world.pass(200);
      assert.equal(world.brain.hasEnded(leg), false);
    },
  },
  {
    name: 'a destination with foreign characters is refused',
    async run(world) {
      const to = { kind: 'trunk', trunkId: world.carrier.trunkId, number: '500&PJSIP/x' } as const;
      assert.equal((await asks(world, to)).result, 'invalid');
    },
  },
  {
    name: 'of three phones that ring, the first to answer wins and the others stop',
    async run(world) {
      const ann = await callsIn(world, 'ann', '100');
      const group = await Promise.all([rings(world, 'bob'), rings(world, 'carol'), rings(world, 'dave')]);
      const [bob, carol, dave] = group;
      await world.brain.engine.ring(ann.leg);
      carol.call.answer();
      await world.until('her answer to be reported', () => world.brain.hasBeen(carol.leg, 'answered'));
      const { engine } = world.brain;
      await Promise.all([
        engine.hangup(bob.leg, CAUSE.answeredElsewhere),
        engine.hangup(dave.leg, CAUSE.answeredElsewhere),
        engine.answer(ann.leg),
        engine.join(carol.bridge, ann.leg),
      ]);
      await hearEachOther(world, ann.call, carol.call);
      await world.until('the others to stop', () => bob.call.isEnded && dave.call.isEnded);
      assert.equal(bob.call.isAnsweredElsewhere, true);
      assert.equal(dave.call.isAnsweredElsewhere, true);
      await clears(world, [ann.leg, carol.leg]);
    },
  },
  {
    name: 'a caller gives up before anybody answers',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      const bridge = world.newBridge();
      await world.brain.engine.bridge(bridge, 'talk');
      const bob = await rings(world, 'bob', { bridge, together: [ann.leg] });
      ann.call.hangUp();
      await world.until('her leg to end', () => world.brain.hasEnded(ann.leg));
      assert.equal(world.brain.causeOf(ann.leg), CAUSE.normal);
      assert.equal(world.brain.hasEnded(bob.leg), false, "the other's leg is the brain's to end");
      await clears(world, [bob.leg], [bridge]);
      await world.until('his phone to stop', () => bob.call.isEnded);
    },
  },
];

const inBridge: Scenario[] = [
  {
    name: 'an answer is acted on in the moment it is reported',
    async run(world) {
      const { engine } = world.brain;
      for (const who of ['bob', 'carol', 'dave'] as const) {
        const ann = await callsIn(world, 'ann', '102');
        const party = await rings(world, who);
        const joined = new Promise<Done>((resolve, reject) => {
          world.brain.react = (event) => {
            if (event.type !== 'leg:state' || event.leg !== party.leg || event.state !== 'answered') return;
            void engine.answer(ann.leg);
            engine.join(party.bridge, ann.leg).then(resolve, reject);
          };
        });
        party.call.answer();
        await world.until('the answer to be reported', () => world.brain.hasBeen(party.leg, 'answered'));
        assert.equal(await joined, 'ok');
        world.brain.react = null;
        await hearEachOther(world, ann.call, party.call);
        await clears(world, [ann.leg, party.leg]);
      }
    },
  },
  {
    name: 'a caller who is joined to one who talks is not answered by that',
    async run(world) {
      const { engine } = world.brain;
      const bob = await rings(world, 'bob');
      bob.call.answer();
      await world.until('the answer to be reported', () => world.brain.hasBeen(bob.leg, 'answered'));
      const ann = await callsIn(world, 'ann', '102');
      const bridge = world.newBridge();
      await engine.bridge(bridge, 'talk');
      assert.equal(await engine.join(bridge, ann.leg, bob.leg), 'ok');
      await world.pass(300);
      assert.equal(ann.call.isAnswered || ann.call.hears(bob.call), false);
      await engine.answer(ann.leg);
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'ringing and answer of a leg made into a bridge reach the caller by themselves',
    async run(world) {
      const ann = await callsIn(world, 'ann', '102');
      const bridge = world.newBridge();
      await world.brain.engine.bridge(bridge, 'talk');
      const bob = await rings(world, 'bob', { bridge, together: [ann.leg], onBehalfOf: ann.leg });
      await world.until('her phone to ring back', () => ann.call.isRinging);
      bob.call.answer();
      await world.until('her phone to be answered', () => ann.call.isAnswered);
      await world.until('both answers to be reported', () =>
        [ann.leg, bob.leg].every((leg) => world.brain.hasBeen(leg, 'answered')),
      );
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'early media reaches the caller before the answer',
    async run(world) {
      const ann = await callsIn(world, 'ann', '+442079460000');
      const bridge = world.newBridge();
      await world.brain.engine.bridge(bridge, 'talk');
      const to = { kind: 'trunk', trunkId: world.carrier.trunkId, number: '+442079460000' } as const;
      const { leg } = await asks(world, to, { bridge, together: [ann.leg] });
      await world.until('the carrier to be called', () => world.carrier.calls.at(-1)?.isRinging === true);
      const carrier = world.carrier.calls.at(-1)!;
      carrier.sendEarlyMedia();
      await world.until('her to hear the carrier', () => ann.call.hasEarlyMedia && ann.call.hears(carrier));
      assert.equal(ann.call.isAnswered, false);
      carrier.refuse(404);
      await world.until('the leg to end', () => world.brain.hasEnded(leg));
      assert.equal(world.brain.causeOf(leg), CAUSE.unallocated);
      await clears(world, [ann.leg], [bridge]);
    },
  },
  {
    name: 'a bridge that is gone takes no new leg, and the leg ends',
    async run(world) {
      const { leg, result } = await asks(world, deviceOf(world, 'bob'), { bridge: world.newBridge() });
      assert.equal(result, 'ok');
      await world.until('the leg to end', () => world.brain.hasEnded(leg));
    },
  },
  {
    name: 'the callee hangs up and the caller stays until the brain decides',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      bob.call.hangUp();
      await world.until('his leg to end', () => world.brain.hasEnded(bob.leg));
      await world.pass(200);
      assert.equal(ann.call.isEnded, false);
      await clears(world, [ann.leg], [bridge]);
      await world.until('her phone to be told', () => ann.call.isEnded);
    },
  },
];

/** Answer and hang-up cross: whoever wins, no leg and no phone is left in a call. */
async function crosses(world: World, gap: number): Promise<void> {
  const bob = await rings(world, 'bob');
  bob.call.answer();
  await world.pass(gap);
  await world.brain.engine.hangup(bob.leg, CAUSE.normal);
  await world.until(`the leg to end, ${gap} ms after the answer`, () => world.brain.hasEnded(bob.leg));
  await world.until(`his phone to be free, ${gap} ms after the answer`, () => bob.call.isEnded);
}

/** A caller's CANCEL and the callee's answer cross. */
async function cancels(world: World, gap: number): Promise<void> {
  const ann = await callsIn(world, 'ann', '102');
  const bridge = world.newBridge();
  await world.brain.engine.bridge(bridge, 'talk');
  const bob = await rings(world, 'bob', { bridge, together: [ann.leg] });
  bob.call.answer();
  await world.pass(gap);
  ann.call.hangUp();
  await world.until(`her leg to end, ${gap} ms after the answer`, () => world.brain.hasEnded(ann.leg));
  await clears(world, [bob.leg], [bridge]);
  await world.until(`both phones to be free, ${gap} ms after the answer`, () => ann.call.isEnded && bob.call.isEnded);
}

const races: Scenario[] = [
  {
    name: 'a phone answers in the moment in which it is told to stop, whatever the moment',
    async run(world) {
      for (const gap of world.crossings) await crosses(world, gap);
    },
  },
  {
    name: 'a caller gives up in the moment of the answer, whatever the moment',
    async run(world) {
      for (const gap of world.crossings) await cancels(world, gap);
    },
  },
  {
    name: 'a leg is asked for and hung up at once',
    async run(world) {
      for (const gap of world.crossings) {
        const { leg } = await asks(world, deviceOf(world, 'bob'));
        await world.pass(gap);
        await world.brain.engine.hangup(leg, CAUSE.normal);
        await world.until(`the leg to end, hung up ${gap} ms after it began`, () => world.brain.hasEnded(leg));
        await world.until('his phone to be free', () => world.phone('bob').calls.every(({ isEnded }) => isEnded));
      }
    },
  },
  {
    name: 'two hang-ups of one leg end it once',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      const { engine } = world.brain;
      const hangups = await Promise.all(
        [ann.leg, ann.leg, ann.leg].map((leg: LegId) => engine.hangup(leg, CAUSE.normal)),
      );
      assert.equal(hangups[0], 'ok');
      await world.until('the leg to end', () => world.brain.hasEnded(ann.leg));
      assert.equal(await engine.hangup(ann.leg, CAUSE.normal), 'gone');
      await clears(world, [bob.leg], [bridge]);
    },
  },
];

export const calling: Scenario[] = [
  ...bridgeless,
  ...inBridge,
  ...races,
  refusal('busy', CAUSE.busy, 486),
  refusal('an unallocated number', CAUSE.unallocated, 404),
  refusal('congestion', CAUSE.congestion, 503),
  refusal('overload', CAUSE.overload, 503),
  refusal('no answer', CAUSE.noAnswer, 480),
  refusal('an invalid number', CAUSE.invalidNumber, 484),
  refusal('a rejection', CAUSE.rejected, 403),
  refused('busy', 486, CAUSE.busy),
  refused('decline', 603, CAUSE.rejected),
  refused('not found', 404, CAUSE.unallocated),
  refused('temporarily unavailable', 480, CAUSE.noAnswer),
  refused('service unavailable', 503, CAUSE.congestion),
];
