import type { StoreSet } from '../tenancy/stores.ts';
import type { StoredDelivery } from './store.ts';
import type { WebhookMessage } from './webhook.ts';

/** What a delivery sends: the same, however often that is. The record of a call that ended stands beside it. */
export async function messageOf(
  stores: Pick<StoreSet, 'calls'>,
  organizationId: string,
  { event, occurredAt, content }: StoredDelivery,
): Promise<WebhookMessage> {
  const data =
    event === 'call-ended' ? { call: (await stores.calls.get(organizationId, String(content.callId)))?.cdr } : content;
  return { type: event, timestamp: new Date(occurredAt).toISOString(), organizationId, data };
}
