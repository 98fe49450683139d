import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function audit(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.listAudit, ({ actor, params, query: { limit, cursor, ...filter } }) =>
    administration.listAudit(actor, params.org, filter, pageOf({ limit, ...(cursor ? { cursor } : {}) })),
  );
  serve(app, routes.listInstallationAudit, ({ actor, query: { limit, cursor, ...filter } }) =>
    administration.listAudit(actor, null, filter, pageOf({ limit, ...(cursor ? { cursor } : {}) })),
  );
}
