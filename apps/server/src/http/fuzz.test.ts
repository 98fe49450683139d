import { afterEach, beforeEach, test } from 'vitest';
import { fuzz } from './testing/fuzz.ts';
import { everyRoute, pathValues, type TestWorld, testWorld } from './testing/world.ts';

let world: TestWorld;
// Fresh for each route: some delete what the others need.
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.app.close());

test.each(everyRoute)('%s: no request gets a 5xx, and every refusal is a problem', async (_id, route) => {
  const { app, operator: token, log } = world;
  await fuzz(route, { app, token, log, values: pathValues(world, 'acme'), runs: 40 });
});
