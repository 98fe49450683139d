import { type Problem, problem } from '@littlepbx/contract';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requests } from './testing/arbitrary.ts';
import { bearer, everyRoute, pathValues, type TestWorld, testWorld } from './testing/world.ts';

let world: TestWorld;
// Fresh for each route: some delete what the others need.
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.app.close());

test.each(everyRoute)('%s: no request gets a 5xx, and every refusal is a problem', async (_id, route) => {
  const declared = new Set([route.responses.status, 401, 403, 400, 404, 409, 413, 415]);
  const values = pathValues(world, 'acme');
  await fc.assert(
    fc.asyncProperty(requests(route, values), async ({ params, query, body }) => {
      const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent((params as Record<string, string>)[name]?.toWellFormed() ?? ''),
      );
      const pairs = typeof query === 'object' && query !== null ? Object.entries(query) : [];
      const search = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
      const answer = await world.app.inject({
        method: route.method,
        url: `/api/v1${path}?${search}`,
        headers: { ...bearer(world.operator), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      const told = answer.statusCode >= 500 ? `${answer.body}\n${world.log.slice(-2).join('\n')}` : '';
      expect([answer.statusCode < 500, told]).toEqual([true, '']);
      expect(declared).toContain(answer.statusCode);
      if (answer.statusCode >= 400) {
        const refusal: Problem = problem.parse(answer.json());
        expect(refusal.status).toBe(answer.statusCode);
        if (refusal.id === 'invalid') expect(refusal.fields.length).toBeGreaterThan(0);
      } else if (route.responses.body) {
        route.responses.body.parse(answer.json());
      } else {
        expect(answer.body).toBe('');
      }
    }),
    { numRuns: 60 },
  );
});
