import { Validator } from '@seriousme/openapi-schema-validator';
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

test('the document is valid OpenAPI 3.1 and describes every route with its errors', async () => {
  const answer = await world.app.inject('/api/v1/openapi.json');
  const document = answer.json<{ openapi: string; paths: Record<string, Record<string, Operation>> }>();
  const result = await new Validator().validate(structuredClone(document));
  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
  expect(document.openapi).toMatch(/^3\.1/);

  for (const [id, route] of everyRoute) {
    const operation = document.paths[route.path]?.[route.method.toLowerCase()];
    expect(operation).toMatchObject({ operationId: id, summary: expect.any(String), description: expect.any(String) });
    const statuses = Object.keys(operation?.responses ?? {});
    expect(statuses).toContain(String(route.responses.status));
    if (route.scope !== 'open') expect(statuses).toEqual(expect.arrayContaining(['401', '403', '500', '503']));
  }
});

test('every reference in the document leads somewhere', async () => {
  const text = (await world.app.inject('/api/v1/openapi.json')).body;
  const { components } = JSON.parse(text) as { components: { schemas: Record<string, object> } };
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    expect(Object.keys(components.schemas)).toContain(name);
  }
  expect(text).not.toContain('#/$defs');
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
