/** The worker of webhook deliveries: signs and sends each, and writes down what came of it. */
import { mailLanguage, queueMail } from '@littlepbx/core/mail/mail';
import type { Clock, Log } from '@littlepbx/core/ports';
import { bySystem } from '@littlepbx/core/tenancy/audit-entry';
import { type StoreSet, type Stores, StoreUnavailable } from '@littlepbx/core/tenancy/stores';
import { verdictOn } from '@littlepbx/core/webhooks/attempt';
import { messageOf } from '@littlepbx/core/webhooks/message';
import { disabledNotice } from '@littlepbx/core/webhooks/notice';
import type { WebhookReach } from '@littlepbx/core/webhooks/reach';
import type { StoredDelivery, WebhookRow } from '@littlepbx/core/webhooks/store';
import { WEBHOOK_JOB, WEBHOOK_RETRIES } from '@littlepbx/core/webhooks/webhook';
import type { JobKind } from '@littlepbx/data';
import { type Posted, postWebhook } from './post.ts';

export interface WebhookDeliveryOptions {
  stores: Pick<Stores, 'withOrganization'>;
  reach: Pick<WebhookReach, 'has'>;
  clock: Clock;
  log: Log;
  /** Milliseconds, see `JobKind`. */
  retries?: readonly number[];
}

/** Milliseconds until Postgres is asked again, while it is away. */
const AGAIN = 1_000;
const MAX_TRIES = 30;

interface Outgoing {
  delivery: StoredDelivery;
  webhook: WebhookRow;
  body: string;
}

export function webhookDelivery(o: WebhookDeliveryOptions): { [WEBHOOK_JOB]: JobKind } {
  const { stores, reach, clock, log, retries = WEBHOOK_RETRIES } = o;

  async function attempted(organizationId: string, { delivery, webhook }: Outgoing, posted: Posted, times: number[]) {
    const [attempts, startedAt, now] = times as [number, number, number];
    return stores.withOrganization(
      organizationId,
      async (set) => {
        // As it is now: others may have been tried meanwhile.
        const row = await set.organizations.lock(organizationId);
        const current = await set.webhooks.get(organizationId, webhook.id);
        if (!row || !current) return null;
        const verdict = verdictOn(posted, { attempts, startedAt, now, failingSince: current.failingSince, retries });
        await set.webhooks.attempted(organizationId, delivery.id, verdict.attempt);
        const { failingSince, disabledReason } = verdict;
        if (disabledReason !== null && current.isActive) {
          await set.webhooks.update(organizationId, { ...current, isActive: false, disabledReason, failingSince });
          await set.webhooks.giveUp(organizationId, current.id);
          const to = await adminsOf(set, organizationId, row.alertMailTo);
          const notice = disabledNotice(current, disabledReason, row.name, mailLanguage(row.language));
          if (to.length > 0) await queueMail(set.jobs, organizationId, { to, ...notice });
          log.warn('webhook-disabled', { webhook: current.id, organization: organizationId, reason: disabledReason });
        } else if (failingSince !== current.failingSince) {
          await set.webhooks.update(organizationId, { ...current, failingSince });
        }
        return verdict.attempt;
      },
      bySystem('webhooks'),
    );
  }

  async function whenThere<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || tries >= MAX_TRIES) throw error;
        await new Promise<void>((resolve) => clock.after(AGAIN, resolve));
      }
    }
  }

  return {
    [WEBHOOK_JOB]: {
      concurrency: 24,
      // Whose server is slow keeps two of them, for 15 s each.
      perOrganization: 2,
      retries,
      async run({ id, organizationId, attempts }) {
        if (organizationId === null) return { kind: 'done' };
        // Nor be given up because it was away at the last attempt.
        const message = await whenThere(() =>
          stores.withOrganization(organizationId, (set) => outgoing(set, organizationId, id)),
        );
        // Sent, given up or deleted since.
        if (message === null) return { kind: 'done' };
        const { webhook, delivery, body } = message;
        const startedAt = clock.now();
        const isOldGood = webhook.oldSecretUntil !== null && webhook.oldSecretUntil > startedAt;
        const secrets =
          isOldGood && webhook.oldSecret !== null ? [webhook.secret, webhook.oldSecret] : [webhook.secret];
        const mayReach = reach.has;
        const posted = await postWebhook({ url: webhook.url, secrets, id: delivery.id, body, mayReach });
        const times = [attempts, startedAt, clock.now()];
        // It must not be sent again because Postgres was away for a moment.
        const attempt = await whenThere(() => attempted(organizationId, message, posted, times));
        if (attempt?.state !== 'waiting') return { kind: 'done' };
        const reason = posted.status === null ? posted.reason : `answered ${posted.status}`;
        return { kind: 'later', reason };
      },
    },
  };
}

async function outgoing(set: StoreSet, organizationId: string, id: string): Promise<Outgoing | null> {
  const delivery = await set.webhooks.delivery(organizationId, id);
  const webhook = delivery?.state === 'waiting' ? await set.webhooks.get(organizationId, delivery.webhookId) : null;
  const organization = await set.organizations.get(organizationId);
  if (!delivery || !webhook || !organization || organization.deletedAt !== null) return null;
  return { delivery, webhook, body: JSON.stringify(await messageOf(set, organizationId, delivery)) };
}

/** Who is told of what concerns the organization; when nobody was named, its admins. */
async function adminsOf(set: StoreSet, organizationId: string, named: string[]): Promise<string[]> {
  if (named.length > 0) return named;
  const users = await set.users.list(organizationId, { after: null, limit: 200 });
  return users.filter(({ role }) => role === 'admin').map(({ email }) => email);
}
