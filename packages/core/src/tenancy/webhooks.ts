/** Webhooks of an organization: at once in effect. Their secrets are shown once. */
import { messageOf } from '../webhooks/message.ts';
import type { WebhookRow } from '../webhooks/store.ts';
import { MAX_WEBHOOKS, newWebhookSecret, OLD_SECRET_FOR, WEBHOOK_JOB, type Webhook } from '../webhooks/webhook.ts';
import { type Access, KEY_PATTERN, missing, type Need, ok, pageOf, refuse } from './access.ts';
import type { Administration } from './administration.ts';
import type { Outcome } from './outcome.ts';
import { staleRefusal } from './stale.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import { Complaints, checkNote } from './validation.ts';

type UseCases = Pick<
  Administration,
  | 'listWebhooks'
  | 'getWebhook'
  | 'createWebhook'
  | 'updateWebhook'
  | 'deleteWebhook'
  | 'replaceWebhookSecret'
  | 'testWebhook'
  | 'listWebhookDeliveries'
  | 'getWebhookMessage'
  | 'resendWebhookDelivery'
>;

function webhookView({ secret, oldSecret, ...webhook }: WebhookRow): Webhook {
  return webhook;
}

export function webhookUseCases(access: Access): UseCases {
  const { clock, ids, secrets, webhookReach } = access.ports;
  const read = { scope: 'webhooks:read' } as const;
  const write = { scope: 'webhooks:write', write: true } as const;

  function checked(w: WebhookRow): Outcome<WebhookRow> {
    const c = new Complaints();
    const reason = URL.canParse(w.url) ? webhookReach.refusalOf(new URL(w.url)) : 'must be an address';
    if (reason !== null) c.add('url', reason);
    const events = [...new Set(w.events)];
    if (events.length === 0) c.add('events', 'must name at least one');
    const description = checkNote(c, 'description', w.description);
    const invalid = c.refusal();
    return invalid ? refuse(invalid) : ok({ ...w, events, description });
  }

  function withWebhook<T>(
    actor: Parameters<UseCases['getWebhook']>[0],
    org: string,
    id: string,
    need: Need,
    fn: (stores: StoreSet, row: OrganizationRow, webhook: WebhookRow) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    return access.inOrganization(actor, org, need, async (stores, row) => {
      const found = await stores.webhooks.get(row.id, id);
      return found ? fn(stores, row, found) : missing('webhook', id);
    });
  }

  return {
    listWebhooks: (actor, org, page) =>
      access.inOrganization(actor, org, read, (stores, row) =>
        pageOf(
          page,
          KEY_PATTERN.uuid,
          (slice) => stores.webhooks.list(row.id, slice),
          (webhook) => webhook.id,
          (rows) => rows,
        ),
      ),

    getWebhook: (actor, org, id) =>
      withWebhook(actor, org, id, read, async (_stores, _row, webhook) => ok(webhookView(webhook))),

    createWebhook: (actor, org, { url, events, description = '', isActive = true }) =>
      access.inOrganization(actor, org, write, async (stores, row) => {
        const outcome = checked({
          ...{ id: ids.next(), url, events, description, isActive },
          ...{ disabledReason: null, failingSince: null, oldSecretUntil: null, oldSecret: null },
          ...{ createdAt: clock.now(), secret: newWebhookSecret(secrets) },
        });
        if (!outcome.ok) return outcome;
        if ((await stores.webhooks.count(row.id)) >= MAX_WEBHOOKS) {
          return refuse({ id: 'quota-reached', message: `there are ${MAX_WEBHOOKS} webhooks, and no more can be` });
        }
        await stores.webhooks.insert(row.id, outcome.value);
        return ok({ ...webhookView(outcome.value), secret: outcome.value.secret });
      }),

    updateWebhook: (actor, org, id, { expected, ...change }) =>
      withWebhook(actor, org, id, write, async (stores, row, webhook) => {
        const thing = { organizationId: row.id, resource: 'webhook', resourceId: webhook.id };
        const stale = await staleRefusal<Webhook>(stores, thing, webhook, change, expected);
        if (stale) return stale;
        // Somebody looked at it: it gets its three days anew.
        const isLooked = change.isActive !== undefined || (change.url !== undefined && change.url !== webhook.url);
        const outcome = checked({
          ...webhook,
          ...change,
          ...(isLooked ? { disabledReason: null, failingSince: null } : {}),
        });
        if (!outcome.ok) return outcome;
        await stores.webhooks.update(row.id, outcome.value);
        if (!outcome.value.isActive) await stores.webhooks.giveUp(row.id, webhook.id);
        return ok(webhookView(outcome.value));
      }),

    deleteWebhook: (actor, org, id) =>
      withWebhook(actor, org, id, write, async (stores, row, webhook) => {
        await stores.webhooks.delete(row.id, webhook.id);
        return ok(null);
      }),

    replaceWebhookSecret: (actor, org, id) =>
      withWebhook(actor, org, id, write, async (stores, row, webhook) => {
        const next: WebhookRow = {
          ...webhook,
          secret: newWebhookSecret(secrets),
          oldSecret: webhook.secret,
          oldSecretUntil: clock.now() + OLD_SECRET_FOR,
        };
        await stores.webhooks.update(row.id, next);
        return ok({ ...webhookView(next), secret: next.secret });
      }),

    testWebhook: (actor, org, id) =>
      withWebhook(actor, org, id, write, async (stores, row, webhook) => {
        const delivery = await stores.webhooks.addTest(row.id, webhook.id, clock.now());
        await stores.jobs.add({ id: delivery.id, kind: WEBHOOK_JOB, organizationId: row.id, payload: {} });
        await stores.audit.note(row.id, { resource: 'webhook', resourceId: webhook.id, action: 'tested' });
        return ok(delivery);
      }),

    listWebhookDeliveries: (actor, org, id, filter, page) =>
      withWebhook(actor, org, id, read, (stores, row, webhook) =>
        pageOf(
          page,
          KEY_PATTERN.uuid,
          (slice) => stores.webhooks.deliveries(row.id, webhook.id, filter, slice),
          (delivery) => delivery.id,
          (rows) => rows,
        ),
      ),

    // Whoever may name an address may have all that is told sent there, and no one else sees it here.
    getWebhookMessage: (actor, org, id, deliveryId) =>
      withWebhook(actor, org, id, { scope: 'webhooks:write' }, async (stores, row, webhook) => {
        const found = await stores.webhooks.delivery(row.id, deliveryId);
        return found?.webhookId === webhook.id
          ? ok(await messageOf(stores, row.id, found))
          : missing('delivery', deliveryId);
      }),

    resendWebhookDelivery: (actor, org, id, deliveryId) =>
      withWebhook(actor, org, id, write, async (stores, row, webhook) => {
        const found = await stores.webhooks.delivery(row.id, deliveryId);
        if (found?.webhookId !== webhook.id) return missing('delivery', deliveryId);
        const delivery = await stores.webhooks.renew(row.id, found.id);
        const job = { id: found.id, kind: WEBHOOK_JOB, organizationId: row.id, payload: {} };
        if (!(await stores.jobs.retry(WEBHOOK_JOB, found.id))) await stores.jobs.add(job);
        await stores.audit.note(row.id, { resource: 'webhook', resourceId: webhook.id, action: 'sent-again' });
        return ok(delivery);
      }),
  };
}
