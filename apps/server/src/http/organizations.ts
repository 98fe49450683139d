import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function organizations(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.listOrganizations, ({ actor, query }) => administration.listOrganizations(actor, pageOf(query)));
  serve(app, routes.createOrganization, ({ actor, body }) => administration.createOrganization(actor, body));
  serve(app, routes.getOrganization, ({ actor, params }) => administration.getOrganization(actor, params.org));
  serve(app, routes.updateOrganization, ({ actor, params, body }) =>
    administration.updateOrganization(actor, params.org, body),
  );
  serve(app, routes.deleteOrganization, ({ actor, params }) => administration.deleteOrganization(actor, params.org));
}
