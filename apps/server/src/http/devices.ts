import { type DeviceAnswer, type DeviceCredentialsAnswer, routes } from '@littlepbx/contract';
import type { DeviceCredentials, DeviceView } from '@littlepbx/core/tenancy/views';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { type Known, known } from './known.ts';
import type { SeenRegistration } from './live.ts';
import { mapped, pageOf, serve } from './serve.ts';

export async function devices(app: FastifyInstance, { administration, live, settings, log }: Context): Promise<void> {
  const registrations = () => known(() => live.registrations(), log, 'registrations-unknown');

  /** Of one device, which is asked how it answers. */
  const registrationOf = (username: string) =>
    known(async () => mapOf(await live.registration(username)), log, 'registrations-unknown');

  /** What to type into the phone. */
  const credentials = (d: DeviceView & DeviceCredentials): DeviceCredentialsAnswer => ({
    username: d.username,
    password: d.password,
    ...connectionOf(d, settings.sip),
  });
  const shown = (d: DeviceView, where: Registrations) => shownDevice(d, where, settings.sip);

  serve(app, routes.listDevices, ({ actor, params, query }) =>
    mapped(administration.listDevices(actor, params.org, pageOf(query)), async (page) => {
      const where = await registrations();
      return { items: page.items.map((d) => shown(d, where)), nextCursor: page.nextCursor };
    }),
  );
  serve(app, routes.createDevice, ({ actor, params, body }) =>
    mapped(administration.createDevice(actor, params.org, body), credentials),
  );
  serve(
    app,
    routes.getDevice,
    ({ actor, params }) => administration.getDevice(actor, params.username),
    async (d) => shown(d, await registrationOf(d.username)),
  );
  serve(app, routes.updateDevice, ({ actor, params, body }) =>
    mapped(administration.updateDevice(actor, params.username, body), async (d) => shown(d, await registrations())),
  );
  serve(app, routes.resetDevicePassword, ({ actor, params, body }) =>
    mapped(administration.resetDevicePassword(actor, params.username, body.calls), credentials),
  );
  serve(app, routes.deleteDevice, ({ actor, params }) => administration.deleteDevice(actor, params.username));
}

const mapOf = (r: SeenRegistration | null): Registrations => new Map(r ? [[r.username, r]] : []);

type Registrations = Known<SeenRegistration>;
type Sip = Context['settings']['sip'];

const connectionOf = ({ transport }: DeviceView, sip: Sip): DeviceAnswer['connection'] =>
  transport === 'tls'
    ? { server: sip.host, port: sip.tlsPort, transport: 'tls' }
    : { server: sip.host, port: sip.port, transport: 'udp' };

export const shownDevice = (d: DeviceView, where: Registrations, sip: Sip): DeviceAnswer => ({
  ...d,
  registration: where.get(d.username) ?? null,
  connection: connectionOf(d, sip),
});
