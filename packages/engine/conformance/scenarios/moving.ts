/** Legs that move between bridges, and phones that ask for a transfer. */
import assert from 'node:assert/strict';
import { CAUSE } from '../../src/port.ts';
import { callsIn, clears, hearEachOther, rings, talk } from '../acts.ts';
import type { Scenario } from '../world.ts';

export const moving: Scenario[] = [
  {
    name: 'two legs are joined in one step, parted, and joined again',
    async run(world) {
      const { engine } = world.brain;
      const { ann, bob, bridge } = await talk(world);
      assert.equal(await engine.leave(bridge, bob.leg), 'ok');
      await world.until('neither to hear the other', () => !ann.call.hears(bob.call) && !bob.call.hears(ann.call));
      assert.equal(await engine.join(bridge, bob.leg), 'ok');
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'a leg that joins another bridge leaves its own',
    async run(world) {
      const { engine } = world.brain;
      const { ann, bob, bridge } = await talk(world);
      const carol = await rings(world, 'carol');
      carol.call.answer();
      await world.until('her answer to be reported', () => world.brain.hasBeen(carol.leg, 'answered'));
      const other = world.newBridge();
      await engine.bridge(other, 'talk');
      assert.equal(await engine.join(other, carol.leg, ann.leg), 'ok');
      await hearEachOther(world, ann.call, carol.call);
      await world.until(
        'the two not to hear the third',
        () => !bob.call.hears(ann.call) && !carol.call.hears(bob.call),
      );
      await clears(world, [ann.leg, bob.leg, carol.leg], [bridge, other]);
    },
  },
  {
    name: 'three in one bridge all hear each other',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      const carol = await rings(world, 'carol');
      carol.call.answer();
      await world.until('her answer to be reported', () => world.brain.hasBeen(carol.leg, 'answered'));
      await world.brain.engine.join(bridge, carol.leg);
      await hearEachOther(world, ann.call, carol.call);
      await hearEachOther(world, bob.call, carol.call);
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg, carol.leg], [bridge]);
    },
  },
  {
    name: 'a bridge is removed and the legs in it stay',
    async run(world) {
      const { ann, bob, bridge } = await talk(world);
      assert.equal(await world.brain.engine.unbridge(bridge), 'ok');
      await world.until('neither to hear the other', () => !ann.call.hears(bob.call) && !bob.call.hears(ann.call));
      assert.equal(ann.call.isEnded || bob.call.isEnded, false);
      assert.equal(await world.brain.engine.unbridge(bridge), 'gone');
      await clears(world, [ann.leg, bob.leg]);
    },
  },
  {
    name: 'a phone transfers its caller blindly, and its phone is told how it went',
    async run(world) {
      const { engine } = world.brain;
      const { ann, bob, bridge } = await talk(world);
      bob.call.transferBlind('103');
      await world.until('the request', () => world.brain.of('leg:transfer').length === 1);
      const [asked] = world.brain.of('leg:transfer');
      assert.equal(asked?.leg, bob.leg);
      assert.deepEqual(asked?.request, { kind: 'blind', to: '103' });
      await hearEachOther(world, ann.call, bob.call);

      await engine.transferProgress(bob.leg, 'trying');
      const carol = await rings(world, 'carol');
      carol.call.answer();
      await world.until('her answer to be reported', () => world.brain.hasBeen(carol.leg, 'answered'));
      assert.equal(await engine.transferProgress(bob.leg, 'succeeded'), 'ok');
      await world.until('his phone to be told', () => bob.call.transferStatuses.at(-1) === 200);
      // Asterisk tells us of our own progress by the event that asks for a transfer.
      assert.equal(world.brain.of('leg:transfer').length, 1, 'a transfer is asked for once');
      await engine.join(bridge, carol.leg);
      await engine.hangup(bob.leg, CAUSE.normal);
      await hearEachOther(world, ann.call, carol.call);
      await world.until('his leg to end', () => world.brain.hasEnded(bob.leg));
      await clears(world, [ann.leg, carol.leg], [bridge]);
    },
  },
  {
    name: 'a blind transfer fails, and the two go on talking',
    async run(world) {
      const { engine } = world.brain;
      const { ann, bob, bridge } = await talk(world);
      bob.call.transferBlind('999');
      await world.until('the request', () => world.brain.of('leg:transfer').length === 1);
      assert.equal(await engine.transferProgress(bob.leg, 'failed'), 'ok');
      await world.until('his phone to be told', () => (bob.call.transferStatuses.at(-1) ?? 0) >= 300);
      // Asterisk tells us of our own progress by the event that asks for a transfer.
      assert.equal(world.brain.of('leg:transfer').length, 1, 'a transfer is asked for once');
      await hearEachOther(world, ann.call, bob.call);
      await clears(world, [ann.leg, bob.leg], [bridge]);
    },
  },
  {
    name: 'a phone with two calls connects the two and leaves',
    async run(world) {
      const { engine } = world.brain;
      const { ann, bob, bridge } = await talk(world);
      bob.call.hold();
      await world.until('the hold to be reported', () => world.brain.of('leg:hold').length === 1);
      const second = await callsIn(world, 'bob', '103');
      const room = world.newBridge();
      await engine.bridge(room, 'talk');
      const carol = await rings(world, 'carol', { bridge: room, together: [second.leg] });
      carol.call.answer();
      await hearEachOther(world, second.call, carol.call);

      bob.call.transferAttended(second.call);
      await world.until('the request', () => world.brain.of('leg:transfer').length === 1);
      const [asked] = world.brain.of('leg:transfer');
      assert.equal(asked?.leg, bob.leg);
      assert.deepEqual(asked?.request, { kind: 'attended', replaces: second.leg });

      await engine.transferProgress(bob.leg, 'succeeded');
      await world.until('his phone to be told', () => bob.call.transferStatuses.at(-1) === 200);
      // Asterisk tells us of our own progress by the event that asks for a transfer.
      assert.equal(world.brain.of('leg:transfer').length, 1, 'a transfer is asked for once');
      await engine.join(bridge, carol.leg);
      await engine.hangup(bob.leg, CAUSE.normal);
      await engine.hangup(second.leg, CAUSE.normal);
      await hearEachOther(world, ann.call, carol.call);
      await world.until('both his legs to end', () => [bob.leg, second.leg].every((leg) => world.brain.hasEnded(leg)));
      await clears(world, [ann.leg, carol.leg], [bridge, room]);
    },
  },
];
