/** The conformance scenarios in virtual time, each under several seeds: delays differ, outcomes must not. */
import { describe, test } from 'vitest';
import { assertQuiet } from './acts.ts';
import { scenarios } from './scenarios/index.ts';
import { createSimWorld } from './sim-world.ts';

const SEEDS = [1, 2, 3, 4, 5];

describe('sim', () => {
  for (const { name, run } of scenarios) {
    test(name, async () => {
      for (const seed of SEEDS) {
        const world = await createSimWorld(seed);
        await run(world);
        await assertQuiet(world);
        await world.pass(10);
        world.sim.assertQuiet();
      }
    });
  }
});
