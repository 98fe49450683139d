import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { serve } from './serve.ts';

export async function alerts(app: FastifyInstance, { administration, alerts }: Context): Promise<void> {
  serve(app, routes.listAlerts, () => ({ ok: true, value: { items: alerts.list() } }));
  serve(app, routes.getAlertSettings, ({ actor }) => administration.getAlertSettings(actor));
  serve(app, routes.updateAlertSettings, async ({ actor, body }) => {
    const outcome = await administration.updateAlertSettings(actor, body);
    if (outcome.ok) await alerts.settingsChanged();
    return outcome;
  });
  serve(app, routes.testAlerts, async () => {
    await alerts.settingsChanged();
    return { ok: true, value: { items: await alerts.test() } };
  });
}
