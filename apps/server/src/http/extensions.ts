import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function extensions(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.listExtensions, ({ actor, params, query }) =>
    administration.listExtensions(actor, params.org, pageOf(query)),
  );
  serve(app, routes.listColleagues, ({ actor, params, query }) =>
    administration.listColleagues(actor, params.org, pageOf(query)),
  );
  serve(app, routes.createExtension, ({ actor, params, body }) =>
    administration.createExtension(actor, params.org, body),
  );
  serve(app, routes.importExtensions, ({ actor, params, body }) =>
    administration.importExtensions(actor, params.org, body),
  );
  serve(app, routes.exportExtensions, ({ actor, params }) => administration.exportExtensions(actor, params.org));
  serve(app, routes.getExtension, ({ actor, params }) =>
    administration.getExtension(actor, params.org, params.extension),
  );
  serve(app, routes.updateExtension, ({ actor, params, body }) =>
    administration.updateExtension(actor, params.org, params.extension, body),
  );
  serve(app, routes.deleteExtension, ({ actor, params }) =>
    administration.deleteExtension(actor, params.org, params.extension),
  );
}
