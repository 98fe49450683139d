import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function keys(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.listKeys, ({ actor, params, query }) => administration.listKeys(actor, params.org, pageOf(query)));
  serve(app, routes.createKey, ({ actor, params, body }) => administration.createKey(actor, params.org, body));
  serve(app, routes.listOperatorKeys, ({ actor, query }) => administration.listKeys(actor, null, pageOf(query)));
  serve(app, routes.createOperatorKey, ({ actor, body }) => administration.createKey(actor, null, body));
  serve(app, routes.deleteKey, ({ actor, params }) => administration.deleteKey(actor, params.key));
}
