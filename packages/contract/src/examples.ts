/**
 * An example of every route: its request is made from the examples in the route's own schemas, its answer is what a server
 * said. `apps/server/src/examples.db.test.ts` sends each request to a real one and compares.
 */
import { z } from 'zod';
import answers from './example-answers.json' with { type: 'json' };
import type { Route } from './route.ts';

export interface ExampleRequest {
  params: Record<string, unknown>;
  /** What must be there, and how much is wanted of a list. */
  query: Record<string, unknown>;
  /** Undefined: the route takes none. */
  body: object | undefined;
}

/** One for each example of its body; the first one's answer is kept. */
export function exampleRequests(route: Route): [ExampleRequest, ...ExampleRequest[]] {
  const params = examplesOf(route.params, () => true);
  const query = examplesOf(route.query, (name, part) => name === 'limit' || !z.object({ part }).safeParse({}).success);
  const bodies = (route.body && z.globalRegistry.get(route.body)?.examples) as object[] | undefined;
  const [first, ...others] = bodies ?? [];
  const request = (body: object | undefined): ExampleRequest => ({ params, query, body });
  return [request(first), ...others.map(request)];
}

/** Undefined: it answers no JSON, or there is no example. */
export function exampleAnswer(operationId: string): unknown {
  return (answers as Record<string, unknown>)[operationId];
}

function examplesOf(
  schema: z.ZodObject | undefined,
  isWanted: (name: string, part: z.ZodType) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries((schema?.shape ?? {}) as Record<string, z.ZodType>)
      .filter(([name, part]) => isWanted(name, part))
      .map(([name, part]) => [name, exampleOf(part)]),
  );
}

/** Also of what is wrapped into an optional or a default. */
function exampleOf(part: z.ZodType): unknown {
  const { examples } = z.toJSONSchema(part, { io: 'input' }) as { examples?: unknown[] };
  return examples?.[0];
}
