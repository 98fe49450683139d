import { PROBLEM_TYPE, type Problem, problem, type Route, refusalsOf } from '@littlepbx/contract';
import { requests, type World } from '@littlepbx/contract/testing';
import * as fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { bearer } from './world.ts';

export interface Fuzzed {
  app: FastifyInstance;
  token: string;
  log: string[];
  /** Path values that exist. */
  values: World;
  runs: number;
}

/** An object may have a member `toString` that is no function. */
const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Sends requests made from the route's own schemas: none gets a 5xx, no answer is outside of what the route says. */
export async function fuzz(route: Route, { app, token, log, values, runs }: Fuzzed): Promise<void> {
  const refusals = [...refusalsOf(route)];
  await fc.assert(
    fc.asyncProperty(requests(route, values), async ({ params, query, body }) => {
      const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent((params as Record<string, string>)[name]?.toWellFormed() ?? ''),
      );
      const pairs = typeof query === 'object' && query !== null ? Object.entries(query) : [];
      const search = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, textOf(value)]));
      const answer = await app.inject({
        method: route.method,
        url: `/api/v1${path}?${search}`,
        headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      const told = answer.statusCode >= 500 ? `${answer.body}\n${log.slice(-2).join('\n')}` : '';
      expect([answer.statusCode < 500, told]).toEqual([true, '']);
      if (answer.statusCode >= 400) {
        expect(answer.headers['content-type']).toContain(PROBLEM_TYPE);
        const refusal: Problem = problem.parse(answer.json());
        expect(refusal.status).toBe(answer.statusCode);
        expect(refusals, `not among the route's refusals: ${answer.body}`).toContain(refusal.id);
        if (refusal.id === 'invalid') expect(refusal.fields.length).toBeGreaterThan(0);
        return;
      }
      expect(answer.statusCode).toBe(route.responses.status);
      if (route.responses.body) route.responses.body.parse(answer.json());
      else if (!route.responses.media) expect(answer.body).toBe('');
    }),
    { numRuns: runs },
  );
}
