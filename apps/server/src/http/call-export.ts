import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { serveCsv } from './csv.ts';
import { serve } from './serve.ts';

export async function callExport(app: FastifyInstance, { administration }: Context): Promise<void> {
  serveCsv(app, routes.exportCalls, 'calls', ({ actor, params, query }) =>
    administration.exportCalls(actor, params.org, query),
  );
  serve(app, routes.callTotals, ({ actor, params, query }) => administration.callTotals(actor, params.org, query));
}
