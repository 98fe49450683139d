import type { StoredDelivery, WebhookRow, WebhookStore } from '@littlepbx/core/webhooks/store';
import {
  WEBHOOK_JOB,
  type Webhook,
  type WebhookDelivery,
  type WebhookEvent,
  type WebhookFault,
} from '@littlepbx/core/webhooks/webhook';
import { type Insertable, type Selectable, sql } from 'kysely';
import type { Cipher } from '../cipher.ts';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';

type Row = Selectable<Database['webhook']>;

const SHOWN = [
  'id',
  'url',
  'description',
  'events',
  'is_active',
  'disabled_reason',
  'failing_since',
  'old_secret_until',
  'created_at',
] as const;

const webhookOf = (row: Pick<Row, (typeof SHOWN)[number]>): Webhook => ({
  id: row.id,
  url: row.url,
  description: row.description,
  events: row.events as WebhookEvent[],
  isActive: row.is_active,
  disabledReason: row.disabled_reason,
  failingSince: row.failing_since?.getTime() ?? null,
  oldSecretUntil: row.old_secret_until?.getTime() ?? null,
  createdAt: row.created_at.getTime(),
});

const deliveryOf = (row: Omit<Selectable<Database['webhook_delivery']>, 'content'>): WebhookDelivery => ({
  id: row.id,
  webhookId: row.webhook_id,
  event: row.event as WebhookDelivery['event'],
  state: row.state,
  attempts: row.attempts,
  occurredAt: row.occurred_at.getTime(),
  createdAt: row.created_at.getTime(),
  nextAttemptAt: row.next_attempt_at?.getTime() ?? null,
  attemptedAt: row.attempted_at?.getTime() ?? null,
  responseStatus: row.response_status,
  fault: row.fault as WebhookFault | null,
  answer: row.answer,
  duration: row.duration,
});

const at = (time: number | null): Date | null => (time === null ? null : new Date(time));
const NEVER_TRIED = {
  state: 'waiting',
  attempts: 0,
  next_attempt_at: sql<Date>`now()`,
  ...{ attempted_at: null, response_status: null, fault: null, answer: null, duration: null },
} as const;

export function webhookStore(trx: Transaction, cipher: Pick<Cipher, 'encrypt' | 'decrypt'>): WebhookStore {
  const columns = (organizationId: string, w: WebhookRow): Insertable<Database['webhook']> => ({
    id: w.id,
    organization_id: organizationId,
    url: w.url,
    description: w.description,
    events: w.events,
    is_active: w.isActive,
    disabled_reason: w.disabledReason,
    failing_since: at(w.failingSince),
    secret_encrypted: cipher.encrypt(`webhook:${w.id}`, w.secret),
    old_secret_encrypted: w.oldSecret === null ? null : cipher.encrypt(`webhook:${w.id}`, w.oldSecret),
    old_secret_until: at(w.oldSecretUntil),
    created_at: new Date(w.createdAt),
  });
  const deliveries = (organizationId: string) =>
    trx.selectFrom('webhook_delivery').selectAll().where('organization_id', '=', organizationId);

  return {
    async list(organizationId, { after, limit }) {
      let query = trx
        .selectFrom('webhook')
        .select(SHOWN)
        .where('organization_id', '=', organizationId)
        .orderBy('id')
        .limit(limit);
      if (after !== null) query = query.where('id', '>', after);
      return (await query.execute()).map(webhookOf);
    },
    async get(organizationId, id) {
      if (!isUuid(id)) return null;
      const row = await trx
        .selectFrom('webhook')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row) return null;
      const old = row.old_secret_encrypted;
      return {
        ...webhookOf(row),
        secret: cipher.decrypt(`webhook:${row.id}`, row.secret_encrypted),
        oldSecret: old && cipher.decrypt(`webhook:${row.id}`, old),
      };
    },
    async count(organizationId) {
      const { count } = await trx
        .selectFrom('webhook')
        .select(sql<number>`count(*)`.as('count'))
        .where('organization_id', '=', organizationId)
        .executeTakeFirstOrThrow();
      return count;
    },
    async insert(organizationId, webhook) {
      await trx.insertInto('webhook').values(columns(organizationId, webhook)).execute();
    },
    async update(organizationId, webhook) {
      const { id, organization_id, ...set } = columns(organizationId, webhook);
      await trx
        .updateTable('webhook')
        .set(set)
        .where('organization_id', '=', organization_id)
        .where('id', '=', id)
        .execute();
    },
    async delete(organizationId, id) {
      await trx.deleteFrom('webhook').where('organization_id', '=', organizationId).where('id', '=', id).execute();
    },
    async deliveries(organizationId, webhookId, { state }, { after, limit }) {
      let query = deliveries(organizationId).where('webhook_id', '=', webhookId).orderBy('id', 'desc').limit(limit);
      if (state !== undefined) query = query.where('state', '=', state);
      if (after !== null) query = query.where('id', '<', after);
      return (await query.execute()).map(deliveryOf);
    },
    async delivery(organizationId, id) {
      if (!isUuid(id)) return null;
      const row = await deliveries(organizationId).where('id', '=', id).executeTakeFirst();
      return row ? { ...deliveryOf(row), content: row.content as StoredDelivery['content'] } : null;
    },
    async addTest(organizationId, webhookId, happenedAt) {
      const row = await trx
        .insertInto('webhook_delivery')
        .values({
          id: sql<string>`uuidv7()`,
          organization_id: organizationId,
          webhook_id: webhookId,
          event: 'test',
          occurred_at: new Date(happenedAt),
          content: JSON.stringify({ webhookId }),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return deliveryOf(row);
    },
    async renew(organizationId, id) {
      const row = await trx
        .updateTable('webhook_delivery')
        .set(NEVER_TRIED)
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      return deliveryOf(row);
    },
    async attempted(organizationId, id, a) {
      await trx
        .updateTable('webhook_delivery')
        .set({
          state: a.state,
          attempts: a.attempts,
          next_attempt_at: at(a.nextAttemptAt),
          attempted_at: at(a.attemptedAt),
          response_status: a.responseStatus,
          fault: a.fault,
          answer: a.answer,
          duration: a.duration,
        })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .execute();
    },
    async giveUp(organizationId, webhookId) {
      await trx
        .updateTable('webhook_delivery')
        .set({ state: 'failed', fault: 'switched-off', next_attempt_at: null })
        .where('organization_id', '=', organizationId)
        .where('webhook_id', '=', webhookId)
        .where('state', '=', 'waiting')
        .execute();
    },
    async tell(news) {
      for (const { organizationId, event, at: time, data } of news) {
        await sql`SELECT tell_webhooks(${organizationId}, ${event}, ${new Date(time)}, ${JSON.stringify(data)}::jsonb)`.execute(
          trx,
        );
      }
    },
    async wanted() {
      const rows = await trx
        .selectFrom('webhook')
        .select(['organization_id', 'events'])
        .where('is_active', '=', true)
        .execute();
      const wanted = new Map<string, Set<WebhookEvent>>();
      for (const { organization_id: id, events } of rows) {
        wanted.set(id, new Set([...(wanted.get(id) ?? []), ...(events as WebhookEvent[])]));
      }
      return wanted;
    },
    async mend(before) {
      const { rows } = await sql<{ id: string }>`
        INSERT INTO job (id, organization_id, kind, payload)
          SELECT d.id, d.organization_id, ${WEBHOOK_JOB}, '{}' FROM webhook_delivery d
            WHERE d.state = 'waiting' AND d.next_attempt_at < ${new Date(before)}
              AND NOT EXISTS (SELECT FROM job j WHERE j.id = d.id)
              AND EXISTS (SELECT FROM organization o WHERE o.id = d.organization_id AND o.deleted_at IS NULL)
        RETURNING id`.execute(trx);
      return rows.length;
    },
    async prune(before, limit) {
      const { rows } = await sql<{ id: string }>`
        DELETE FROM webhook_delivery WHERE id IN (
          SELECT id FROM webhook_delivery WHERE created_at < ${new Date(before)} LIMIT ${limit}
        ) RETURNING id`.execute(trx);
      return rows.length;
    },
  };
}
