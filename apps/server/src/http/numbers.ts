import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function numbers(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.listNumbers, ({ actor, params, query }) =>
    administration.listNumbers(actor, params.org, pageOf(query)),
  );
  serve(app, routes.assignNumber, ({ actor, params, body }) => administration.assignNumber(actor, params.org, body));
  serve(app, routes.getNumber, ({ actor, params }) => administration.getNumber(actor, params.org, params.number));
  serve(app, routes.routeNumber, ({ actor, params, body }) =>
    administration.routeNumber(actor, params.org, params.number, body.extension, body.expected),
  );
  serve(app, routes.releaseNumber, ({ actor, params }) =>
    administration.releaseNumber(actor, params.org, params.number),
  );
}
