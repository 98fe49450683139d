/** Requests out of a route's own schemas: mostly such as it accepts, now and then anything at all. */

import * as fc from 'fast-check';
import { z } from 'zod';
import type { Route } from '../route.ts';

type JsonSchema = {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  pattern?: string;
  format?: string;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
};

/** Path values that exist in the test's world, so that requests get past the look-up. */
export type World = Record<string, string[]>;

const NASTY = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '__proto__',
  "'; drop table calls; --",
  '../..',
  '%',
  '0',
  '-1',
  '1e999',
  '𝒳',
];

export function requests(route: Route, world: World) {
  return fc.record({
    params: fc.record(
      Object.fromEntries(
        Object.keys(route.params?.shape ?? {}).map((name) => [
          name,
          fc.oneof(
            { weight: 8, arbitrary: fc.constantFrom(...(world[name] ?? ['1'])) },
            { weight: 1, arbitrary: fc.constantFrom(...NASTY.filter((text) => text !== '' && text !== '\ud800')) },
            // Dots alone are another address.
            { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 250 }).filter((s) => !/^\.{1,2}$/.test(s)) },
          ),
        ]),
      ),
    ),
    query: route.query ? roughly(jsonSchema(route.query)) : fc.constant(undefined),
    body: route.body ? roughly(jsonSchema(route.body)) : fc.constant(undefined),
  });
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  // Inlined: bodies are small, and references would need resolving.
  return z.toJSONSchema(schema, { io: 'input', reused: 'inline' }) as JsonSchema & { $defs?: unknown };
}

function roughly(schema: JsonSchema): fc.Arbitrary<unknown> {
  const defs = (schema as { $defs?: Record<string, JsonSchema> }).$defs ?? {};
  return from(schema, defs);
}

function from(schema: JsonSchema & { $ref?: string }, defs: Record<string, JsonSchema>): fc.Arbitrary<unknown> {
  if (schema.$ref) return from(defs[schema.$ref.replace('#/$defs/', '')] ?? {}, defs);
  return fc.oneof(
    { weight: 60, arbitrary: proper(schema, defs) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(...NASTY, null, 1e308, -0, [], {}) },
  );
}

function proper(schema: JsonSchema, defs: Record<string, JsonSchema>): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((s) => from(s, defs)));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => proper({ ...schema, type }, defs)));
  switch (schema.type) {
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(([name, s]) => [name, from(s, defs)] as const);
      return fc.record(Object.fromEntries(members), { requiredKeys: schema.required ?? [] });
    }
    case 'array':
      return fc.array(schema.items ? from(schema.items, defs) : fc.jsonValue(), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, (schema.minItems ?? 0) + 5),
      });
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? 0, -(2 ** 31)),
        max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1),
      });
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1000, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.oneof(...texts(schema));
  }
}

function texts(schema: JsonSchema): { weight: number; arbitrary: fc.Arbitrary<string> }[] {
  const length = { minLength: schema.minLength ?? 0, maxLength: schema.maxLength ?? 40 };
  const anything = fc.string({ unit: 'binary', ...length, maxLength: length.maxLength + 2 });
  const examples = (schema.examples ?? []).filter((e): e is string => typeof e === 'string');
  const all = [{ weight: 1, arbitrary: anything }];
  if (examples.length > 0) all.push({ weight: 6, arbitrary: fc.constantFrom(...examples) });
  // fast-check makes texts for patterns, but not for classes of Unicode properties; ours stand for readable text.
  if (schema.pattern && !schema.pattern.includes('\\p{')) {
    all.push({ weight: 6, arbitrary: fc.stringMatching(new RegExp(schema.pattern), length) });
  } else if (schema.pattern) {
    all.push({ weight: 6, arbitrary: fc.string({ unit: 'grapheme', ...length, minLength: 1 }) });
  }
  return all;
}
