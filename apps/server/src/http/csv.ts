/** A table as the answer of a request: whole, or in pieces that are sent while they are read. */
import { Readable } from 'node:stream';
import type { Received, Route } from '@littlepbx/contract';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { Outcome } from '@littlepbx/core/tenancy/outcome';
import type { FastifyInstance } from 'fastify';
import { sendRefusal } from './problems.ts';
import { bindingOf } from './serve.ts';

/** A year's calls to a slow reader. Milliseconds. */
const TIMEOUT = 3_600_000;

/** Binds a route whose answer is CSV of the days from `from` to `to`; `name` begins the name of the file. */
export function serveCsv<const R extends Route & { query: object }>(
  app: FastifyInstance,
  route: R,
  name: string,
  read: (input: Received<R> & { actor: Actor }) => Promise<Outcome<string | AsyncIterable<string>>>,
): void {
  app.route({
    ...bindingOf(route),
    handlerTimeout: TIMEOUT,
    handler: async (request, reply) => {
      const { actor, params, query } = request;
      const table = await read({ actor, params, query } as unknown as Received<R> & { actor: Actor });
      if (!table.ok) return sendRefusal(reply, table.refusal);
      const { from, to } = query as { from: string; to: string };
      reply.headers({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${name}-${from}-${to}.csv"`,
      });
      return reply.send(typeof table.value === 'string' ? table.value : Readable.from(table.value));
    },
  });
}
