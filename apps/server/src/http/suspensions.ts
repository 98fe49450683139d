import { routes } from '@littlepbx/contract';
import type { DeviceView } from '@littlepbx/core/tenancy/views';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { shownDevice } from './devices.ts';
import { known } from './known.ts';
import { mapped, serve } from './serve.ts';

export async function suspensions(
  app: FastifyInstance,
  { administration, live, settings, log }: Context,
): Promise<void> {
  const shown = async (d: DeviceView) => {
    const where = await known(() => live.registrations(), log, 'registrations-unknown');
    return shownDevice(d, where, settings.sip);
  };
  serve(app, routes.suspendDevice, ({ actor, params, body }) =>
    mapped(administration.suspendDevice(actor, params.username, body), shown),
  );
  serve(app, routes.unsuspendDevice, ({ actor, params }) =>
    mapped(administration.unsuspendDevice(actor, params.username), shown),
  );
  serve(app, routes.suspendExtension, ({ actor, params, body }) =>
    administration.suspendExtension(actor, params.org, params.extension, body),
  );
  serve(app, routes.getExtensionSuspension, ({ actor, params }) =>
    administration.getExtensionSuspension(actor, params.org, params.extension),
  );
  serve(app, routes.unsuspendExtension, ({ actor, params }) =>
    administration.unsuspendExtension(actor, params.org, params.extension),
  );
  serve(app, routes.suspendOrganization, ({ actor, params, body }) =>
    administration.suspendOrganization(actor, params.org, body),
  );
  serve(app, routes.unsuspendOrganization, ({ actor, params }) =>
    administration.unsuspendOrganization(actor, params.org),
  );
}
