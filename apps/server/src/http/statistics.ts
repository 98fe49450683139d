import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { serveCsv } from './csv.ts';
import { serve } from './serve.ts';

export async function statistics(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.getStatistics, ({ actor, params, query }) =>
    administration.getStatistics(actor, params.org, query),
  );
  serveCsv(app, routes.exportStatistics, 'statistics', ({ actor, params, query }) =>
    administration.exportStatistics(actor, params.org, query),
  );
}
