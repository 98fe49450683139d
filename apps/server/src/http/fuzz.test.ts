import { type Route, routes } from '@littlepbx/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
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

test.each<[what: string, told: Partial<Route['responses']>]>([
  ['an answer of another shape', { body: z.object({ id: z.number() }) }],
  ['another status', { status: 201 }],
  ['a refusal that it does not tell of', { problems: [] }],
])('%s than the route says would be noticed', async (_what, told) => {
  const { getExtension } = routes;
  const route: Route = { ...getExtension, responses: { ...getExtension.responses, ...told } };
  const { app, operator: token, log } = world;
  await expect(fuzz(route, { app, token, log, values: pathValues(world, 'acme'), runs: 100 })).rejects.toThrow();
});
