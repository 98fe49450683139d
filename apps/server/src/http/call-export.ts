/** Past calls as CSV, sent while they are read. */
import { Readable } from 'node:stream';
import { BASE_PATH, type Received, routes } from '@littlepbx/contract';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { sendRefusal } from './problems.ts';
import { serve } from './serve.ts';

/** A year's calls to a slow reader. Milliseconds. */
const TIMEOUT = 3_600_000;

export async function callExport(app: FastifyInstance, { administration }: Context): Promise<void> {
  const route = routes.exportCalls;
  app.route({
    method: route.method,
    url: BASE_PATH + route.path.replace('{org}', ':org'),
    schema: { params: route.params, querystring: route.query },
    config: { scope: route.scope, operation: 'exportCalls' },
    handlerTimeout: TIMEOUT,
    handler: async (request, reply) => {
      const { actor, params, query } = request as unknown as Received<typeof route> & { actor: Actor };
      const exported = await administration.exportCalls(actor, params.org, query);
      if (!exported.ok) return sendRefusal(reply, exported.refusal);
      reply.headers({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="calls-${query.from}-${query.to}.csv"`,
      });
      return reply.send(Readable.from(exported.value));
    },
  });
  serve(app, routes.callTotals, ({ actor, params, query }) => administration.callTotals(actor, params.org, query));
}
