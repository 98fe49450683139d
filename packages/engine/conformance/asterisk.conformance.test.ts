/**
 * The conformance scenarios on a real Asterisk; each must leave nothing. They wait for phones and timers more than they compute,
 * so some run at once, each with an engine that no other uses at that time.
 */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { assertQuiet, sweep } from './acts.ts';
import { isolatedRoot } from './asterisk-process.ts';
import { type AsteriskWorld, createAsteriskWorld } from './asterisk-world.ts';
import { scenarios } from './scenarios/index.ts';

const root = isolatedRoot();
/** As many as tests run at once (`maxConcurrency` of the tier). */
const ENGINES = 3;

describe.skipIf(root === null)('asterisk', () => {
  const worlds: AsteriskWorld[] = [];
  const free: AsteriskWorld[] = [];

  beforeAll(async () => {
    for (let i = 0; i < ENGINES; i += 1) worlds.push(await createAsteriskWorld(root!));
    free.push(...worlds);
  });
  afterAll(() => Promise.all(worlds.map((world) => world.close())));

  for (const { name, run } of scenarios) {
    test.concurrent(name, async () => {
      const world = free.pop();
      if (!world) throw new Error(`more than ${ENGINES} scenarios run at once`);
      try {
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
      } finally {
        free.push(world);
      }
    });
  }
});
