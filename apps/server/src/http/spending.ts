import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function spending(app: FastifyInstance, { administration, live }: Context): Promise<void> {
  serve(app, routes.getUsage, async ({ actor, params }) => {
    const resolved = await administration.resolveOrganization(actor, params.org);
    if (!resolved.ok) return resolved;
    const usage = live.usage(resolved.value);
    return usage
      ? { ok: true, value: usage }
      : { ok: false, refusal: { id: 'not-found', message: 'The brain does not know the organization yet.' } };
  });
  serve(app, routes.getExtensionLimits, ({ actor, params }) =>
    administration.getExtensionLimits(actor, params.org, params.extension),
  );
  serve(app, routes.updateExtensionLimits, ({ actor, params, body }) =>
    administration.updateExtensionLimits(actor, params.org, params.extension, body),
  );
  serve(app, routes.listRates, ({ actor, params, query }) =>
    administration.listRates(actor, params.org, params.trunk, {
      ...pageOf(query),
      ...(query.prefix === undefined ? {} : { prefix: query.prefix }),
    }),
  );
  serve(app, routes.importRates, ({ actor, params, body }) =>
    administration.importRates(actor, params.org, params.trunk, body),
  );
  serve(app, routes.setRate, ({ actor, params: { org, trunk, prefix }, body }) =>
    administration.setRate(actor, org, trunk, prefix, body),
  );
  serve(app, routes.deleteRate, ({ actor, params: { org, trunk, prefix } }) =>
    administration.deleteRate(actor, org, trunk, prefix),
  );
  serve(app, routes.deleteRates, ({ actor, params }) => administration.deleteRates(actor, params.org, params.trunk));
}
