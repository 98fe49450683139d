/** The conformance scenarios on a real Asterisk, all on one engine, one after the other; each must leave nothing. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { assertQuiet, sweep } from './acts.ts';
import { isolatedRoot } from './asterisk-process.ts';
import { type AsteriskWorld, createAsteriskWorld } from './asterisk-world.ts';
import { scenarios } from './scenarios/index.ts';

const root = isolatedRoot();

describe.skipIf(root === null)('asterisk', () => {
  let world: AsteriskWorld;

  beforeAll(async () => {
    world = await createAsteriskWorld(root!);
  });
  afterAll(() => world?.close());

  for (const { name, run } of scenarios) {
    test(name, async () => {
      await world.begin();
      try {
        await run(world);
        await assertQuiet(world);
      } catch (error) {
        const left = await sweep(world).catch(() => ['unknown']);
        const events = world.brain.events.map((event) => JSON.stringify(event)).join('\n');
        throw new Error(
          `${(error as Error).message}\nleft: ${left.join(', ')}\nevents:\n${events}\n${world.explain()}`,
          { cause: error },
        );
      }
    });
  }
});
