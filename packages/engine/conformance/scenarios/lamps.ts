/** The lamp that says a message waits. */
import assert from 'node:assert/strict';
import type { Scenario, World } from '../world.ts';

const shows = (world: World, fresh: number, old: number) =>
  world.until(`bob's lamp to show ${fresh} new and ${old} old`, () => {
    const { waiting } = world.phone('bob');
    return waiting?.fresh === fresh && waiting.old === old;
  });

export const lamps: Scenario[] = [
  {
    name: 'a lamp goes on with the first message and off after the last, and no other phone is told',
    async run(world) {
      const { engine } = world.brain;
      const bob = world.phone('bob');
      await engine.messagesWaiting(bob.mailbox, 1, 0);
      await shows(world, 1, 0);
      await engine.messagesWaiting(bob.mailbox, 2, 3);
      await shows(world, 2, 3);
      await engine.messagesWaiting(bob.mailbox, 0, 0);
      await shows(world, 0, 0);
      assert.equal(world.phone('ann').waiting?.fresh ?? 0, 0);
    },
  },
  {
    name: 'a phone that was away when the message came is told when it registers',
    async run(world) {
      const bob = world.phone('bob');
      await bob.unregister();
      await world.brain.engine.messagesWaiting(bob.mailbox, 4, 0);
      await world.pass(300);
      await bob.register();
      await shows(world, 4, 0);
      await world.brain.engine.messagesWaiting(bob.mailbox, 0, 0);
      await shows(world, 0, 0);
    },
  },
];
