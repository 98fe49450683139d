import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function webhooks(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.listWebhooks, ({ actor, params, query }) =>
    administration.listWebhooks(actor, params.org, pageOf(query)),
  );
  serve(app, routes.createWebhook, ({ actor, params, body }) => administration.createWebhook(actor, params.org, body));
  serve(app, routes.getWebhook, ({ actor, params }) => administration.getWebhook(actor, params.org, params.webhook));
  serve(app, routes.updateWebhook, ({ actor, params, body }) =>
    administration.updateWebhook(actor, params.org, params.webhook, body),
  );
  serve(app, routes.deleteWebhook, ({ actor, params }) =>
    administration.deleteWebhook(actor, params.org, params.webhook),
  );
  serve(app, routes.replaceWebhookSecret, ({ actor, params }) =>
    administration.replaceWebhookSecret(actor, params.org, params.webhook),
  );
  serve(app, routes.testWebhook, ({ actor, params }) => administration.testWebhook(actor, params.org, params.webhook));
  serve(app, routes.listWebhookDeliveries, ({ actor, params, query }) => {
    const { limit: _, cursor: __, ...filter } = query;
    return administration.listWebhookDeliveries(actor, params.org, params.webhook, filter, pageOf(query));
  });
  serve(app, routes.getWebhookMessage, ({ actor, params }) =>
    administration.getWebhookMessage(actor, params.org, params.webhook, params.delivery),
  );
  serve(app, routes.resendWebhookDelivery, ({ actor, params }) =>
    administration.resendWebhookDelivery(actor, params.org, params.webhook, params.delivery),
  );
}
