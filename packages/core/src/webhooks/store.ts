/** What webhooks need stored, see `tenancy/stores.ts`. */
import type { OrganizationId } from '../tenancy/organization.ts';
import type { Slice } from '../tenancy/stores.ts';
import type { Webhook, WebhookDelivery, WebhookEvent, WebhookNews, WebhookSecrets } from './webhook.ts';

export type WebhookRow = Webhook & WebhookSecrets;

/** What is told, as it was written down. */
export interface StoredDelivery extends WebhookDelivery {
  content: Record<string, unknown>;
}

/** What became of an attempt. */
export type Attempt = Pick<WebhookDelivery, 'state' | 'attempts' | 'nextAttemptAt' | 'attemptedAt'> &
  Pick<WebhookDelivery, 'responseStatus' | 'fault' | 'answer' | 'duration'>;

export interface WebhookStore {
  /** In the order they were made. */
  list(organizationId: OrganizationId, slice: Slice): Promise<Webhook[]>;
  get(organizationId: OrganizationId, id: string): Promise<WebhookRow | null>;
  count(organizationId: OrganizationId): Promise<number>;
  insert(organizationId: OrganizationId, webhook: WebhookRow): Promise<void>;
  update(organizationId: OrganizationId, webhook: WebhookRow): Promise<void>;
  delete(organizationId: OrganizationId, id: string): Promise<void>;

  /** Newest first; `after` is an id. */
  deliveries(
    organizationId: OrganizationId,
    webhookId: string,
    filter: { state?: WebhookDelivery['state'] },
    slice: Slice,
  ): Promise<WebhookDelivery[]>;
  delivery(organizationId: OrganizationId, id: string): Promise<StoredDelivery | null>;
  /** A test, waiting; its job is the caller's to add. */
  addTest(organizationId: OrganizationId, webhookId: string, at: number): Promise<WebhookDelivery>;
  /** It waits again, as if it were new. */
  renew(organizationId: OrganizationId, id: string): Promise<WebhookDelivery>;
  /** Without effect on one that does not wait (any more). */
  attempted(organizationId: OrganizationId, id: string, attempt: Attempt): Promise<void>;
  /** What waits is given up: it was switched off. */
  giveUp(organizationId: OrganizationId, webhookId: string): Promise<void>;
  /** A delivery and a job for each that asked for it. */
  tell(news: readonly WebhookNews[]): Promise<void>;
  /** What the active ones ask for, by organization, of all that the transaction may see. */
  wanted(): Promise<Map<OrganizationId, Set<WebhookEvent>>>;
  /** Gives a job to those that wait since before then and have none. Returns how many. */
  mend(before: number): Promise<number>;
  /** Deletes at most so many deliveries that are older. Returns how many went. */
  prune(before: number, limit: number): Promise<number>;
}
