import { BASE_PATH, type Received, routes } from '@littlepbx/contract';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { sendRefusal } from './problems.ts';
import { serve } from './serve.ts';

export async function statistics(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.getStatistics, ({ actor, params, query }) =>
    administration.getStatistics(actor, params.org, query),
  );
  const route = routes.exportStatistics;
  app.route({
    method: route.method,
    url: BASE_PATH + route.path.replace('{org}', ':org'),
    schema: { params: route.params, querystring: route.query },
    config: { scope: route.scope, operation: 'exportStatistics' },
    handler: async (request, reply) => {
      const { actor, params, query } = request as unknown as Received<typeof route> & { actor: Actor };
      const table = await administration.exportStatistics(actor, params.org, query);
      if (!table.ok) return sendRefusal(reply, table.refusal);
      reply.headers({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="statistics-${query.from}-${query.to}.csv"`,
      });
      return reply.send(table.value);
    },
  });
}
