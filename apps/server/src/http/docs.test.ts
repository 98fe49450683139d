import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyRoute, type TestWorld, testWorld } from './testing/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await testWorld();
});
afterAll(() => world.app.close());

type Operation = {
  operationId: string;
  summary?: string;
  description?: string;
  security?: object[];
  responses: Record<string, { description: string; content?: Record<string, { examples?: object }> }>;
};

/** Beyond the linter's strictest set. */
const RULES = [
  'operation-description',
  'operation-4xx-problem-details-rfc7807',
  'operation-singular-tag',
  'operation-tag-defined',
  'parameter-description',
  'path-params-defined',
  'paths-kebab-case',
  'spec-strict-refs',
  'tag-description',
];
/** OpenAPI has no words for a WebSocket, whose messages are in no request and no answer. */
const UNSAYABLE = [
  'operation-2xx-response #/paths/~1events/get/responses',
  'no-unused-components #/components/schemas/LiveEvent',
];

test('the linter finds nothing to say about the document', async () => {
  const source = (await world.app.inject('/api/v1/openapi.json')).body;
  const rules = Object.fromEntries(RULES.map((rule) => [rule, 'error' as const]));
  const config = await createConfig({ extends: ['recommended-strict'], rules });
  const problems = await lintFromString({ source, config });
  const told = problems.map(({ ruleId, message, location }) => ({ at: `${ruleId} ${location[0]?.pointer}`, message }));
  expect(told.filter(({ at }) => !UNSAYABLE.includes(at))).toEqual([]);
});

test('the document describes every route with its errors', async () => {
  const answer = await world.app.inject('/api/v1/openapi.json');
  const document = answer.json<{ openapi: string; paths: Record<string, Record<string, Operation>> }>();
  expect(document.openapi).toMatch(/^3\.1/);

  for (const [id, route] of everyRoute) {
    const operation = document.paths[route.path]?.[route.method.toLowerCase()];
    expect(operation).toMatchObject({ operationId: id, summary: expect.any(String), description: expect.any(String) });
    const statuses = Object.keys(operation?.responses ?? {});
    expect(statuses).toContain(String(route.responses.status));
    if (route.scope !== 'open') expect(statuses).toEqual(expect.arrayContaining(['401', '403', '500', '503']));
  }
});

test('the page to read it with comes from us alone', async () => {
  const page = await world.app.inject('/api/docs');
  expect(page.headers['content-type']).toContain('text/html');
  const addresses = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(addresses).toHaveLength(4);
  for (const address of addresses) {
    expect(address).toMatch(/^\/api\/docs\//);
    const asset = await world.app.inject(address);
    expect([address, asset.statusCode]).toEqual([address, 200]);
    expect(asset.rawPayload.length).toBeGreaterThan(50);
  }
  for (const address of ['/api/docs/..%2fpackage.json', '/api/docs/package.json', '/api/docs/constructor']) {
    expect((await world.app.inject(address)).statusCode).toBe(404);
  }
});
