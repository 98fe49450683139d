/** Webhooks of an organization: who is told, what became of it, and the messages themselves. */
import { z } from 'zod';
import { cdr, liveCall } from './calls.ts';
import {
  duration,
  expecting,
  idParam,
  instant,
  listQuery,
  noteText,
  orgParam,
  paged,
  saidOf,
  uuid,
  webUrl,
} from './common.ts';
import { route } from './route.ts';

export const WEBHOOK_EVENTS = [
  'call-began',
  'call-answered',
  'call-ended',
  'recording-ready',
  'voicemail-arrived',
  'revision-applied',
  'trunk-registration',
] as const;

const event = z.enum(WEBHOOK_EVENTS).meta({ description: 'What is told; see `webhooks` of this document.' });
const events = z
  .array(event)
  .min(1, 'must name at least one')
  .max(WEBHOOK_EVENTS.length)
  .meta({ description: 'What is told.' });
const url = webUrl.meta({
  description:
    'Where to. `https`, on the public internet, unless the operator allows more. Redirects are not followed.',
  examples: ['https://crm.example.com/hooks/littlepbx'],
});
const description = noteText.meta({ description: 'What it is for.', examples: ['Our customer database'] });
const isActive = z.boolean().meta({ description: 'Whether anything is sent.' });

const webhookShape = {
  id: uuid,
  url: saidOf(url, z.string()),
  description: saidOf(description, z.string()),
  events: saidOf(events, z.array(event)),
  isActive,
  disabledReason: z.enum(['failing', 'gone']).nullable().meta({
    description:
      'Why it was switched off by itself: nothing got through for three days, or its server answered 410. Null: it was not.',
  }),
  failingSince: instant.nullable().meta({ description: 'Since when nothing gets through; null: the last try did.' }),
  oldSecretUntil: instant.nullable().meta({ description: 'So long messages are signed with the former secret, too.' }),
  createdAt: instant,
};

const webhook = z.object(webhookShape).meta({ id: 'Webhook' });

const secret = z.string().meta({
  description: 'Verifies what is sent (Standard Webhooks): `whsec_` and base64. Shown this once.',
  examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
});

const createdWebhook = z.object({ ...webhookShape, secret }).meta({ id: 'CreatedWebhook' });

const newWebhook = z
  .strictObject({
    url,
    events,
    description: description.exactOptional(),
    isActive: isActive.exactOptional(),
  })
  .meta({
    id: 'NewWebhook',
    examples: [{ url: 'https://crm.example.com/hooks/littlepbx', events: ['call-ended', 'voicemail-arrived'] }],
  });

const webhookChange = z
  .strictObject({
    url: url.exactOptional(),
    events: events.exactOptional(),
    description: description.exactOptional(),
    isActive: isActive.exactOptional(),
    expected: expecting('ExpectedWebhook', {
      url: webhookShape.url,
      events: webhookShape.events,
      description: webhookShape.description,
      isActive,
    }),
  })
  .meta({ id: 'WebhookChange', examples: [{ isActive: false }] });

const state = z.enum(['waiting', 'delivered', 'failed']).meta({
  description: '`delivered`: answered with 2xx. `waiting`: is tried, or tried again. `failed`: is tried no more.',
});

const delivery = z
  .object({
    id: uuid.meta({ description: 'Also its `webhook-id`, the same however often it is sent.' }),
    webhookId: uuid,
    event: z.enum([...WEBHOOK_EVENTS, 'test']),
    state,
    attempts: z.int().min(0).meta({ description: 'Since it was asked for last.' }),
    occurredAt: instant.meta({ description: 'When what it tells happened. Milliseconds since the epoch.' }),
    createdAt: instant,
    nextAttemptAt: instant.nullable().meta({ description: 'Null: it is tried no more.' }),
    attemptedAt: instant.nullable().meta({ description: 'When it was tried last.' }),
    responseStatus: z.int().nullable().meta({ description: 'Of the last try; null: there was no answer.' }),
    fault: z
      .enum(['no-answer', 'unreachable', 'name-unknown', 'certificate-refused', 'address-refused', 'switched-off'])
      .nullable()
      .meta({ description: 'Why there was no answer.' }),
    answer: z.string().nullable().meta({ description: 'How the answer of the last try began.' }),
    duration: duration.nullable().meta({ description: 'Of the last try. Milliseconds.' }),
  })
  .meta({ id: 'WebhookDelivery' });

/** What is sent, by type. */
function message<T extends string, D extends z.ZodRawShape>(id: string, type: T, data: D) {
  return z
    .object({
      type: z.literal(type),
      timestamp: z.iso.datetime().meta({ description: 'When it happened.', examples: ['2026-10-31T12:00:00.000Z'] }),
      organizationId: uuid,
      data: z.object(data),
    })
    .meta({ id });
}

export const WEBHOOK_MESSAGES = {
  'call-began': message('CallBeganMessage', 'call-began', { call: liveCall }),
  'call-answered': message('CallAnsweredMessage', 'call-answered', { call: liveCall }),
  'call-ended': message('CallEndedMessage', 'call-ended', { call: cdr }),
  'recording-ready': message('RecordingReadyMessage', 'recording-ready', {
    callId: uuid,
    fileId: uuid.meta({ description: 'Among the files from now on; its sound is at `/sound`.' }),
    duration,
  }),
  'voicemail-arrived': message('VoicemailArrivedMessage', 'voicemail-arrived', {
    messageId: uuid,
    extensionId: uuid,
    extension: z
      .string()
      .nullable()
      .meta({ description: 'Number of the extension whose box it is.', examples: ['101'] }),
    from: z.string().nullable().meta({ description: 'Null: withheld.' }),
    fromName: z.string().nullable(),
    duration,
  }),
  'revision-applied': message('RevisionAppliedMessage', 'revision-applied', {
    revision: z.int(),
    appliedBy: z.string(),
    note: z.string().nullable(),
  }),
  'trunk-registration': message('TrunkRegistrationMessage', 'trunk-registration', {
    trunkId: uuid,
    state: z.enum(['registered', 'trying', 'rejected', 'unregistered']),
  }),
  test: message('TestMessage', 'test', { webhookId: uuid }),
} as const;

export const WEBHOOK_SUMMARIES: Record<keyof typeof WEBHOOK_MESSAGES, string> = {
  'call-began': 'A call began. Of a call that is over at once only its end is told.',
  'call-answered': 'A call was answered, by a person or by a machine.',
  'call-ended': 'A call ended; with its record.',
  'recording-ready': 'A recording can be listened to. Its call may still be in progress.',
  'voicemail-arrived': 'Somebody left a message.',
  'revision-applied': 'Changes were applied.',
  'trunk-registration': 'A connection to a carrier came or went.',
  test: 'Somebody asked for a test.',
};

export const WEBHOOK_DESCRIPTION =
  'Sent as [Standard Webhooks](https://www.standardwebhooks.com) say: verify `webhook-signature` with the secret of the webhook before you believe it. Any 2xx within 15 s takes it; it is tried eight times in a bit more than a day otherwise. It may come twice (`webhook-id` is the same then) and in another order than things happened. 410 switches the webhook off.';

const anyMessage = z
  .object({
    type: z.enum([...WEBHOOK_EVENTS, 'test']),
    timestamp: z.iso.datetime(),
    organizationId: uuid,
    data: z.record(z.string(), z.unknown()).meta({ description: 'By type; see `webhooks` of this document.' }),
  })
  .meta({ id: 'WebhookMessage' });

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ org: orgParam, webhook: idParam });
const tags = ['Webhooks'] as const;

export const webhookRoutes = {
  listWebhooks: route({
    method: 'GET',
    path: '/organizations/{org}/webhooks',
    summary: 'List webhooks',
    description: 'Without their secrets, which nobody can show again.',
    tags,
    scope: 'webhooks:read',
    params: orgParams,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('WebhookPage', webhook),
      description: 'A page of webhooks.',
      problems: ['invalid', 'not-found'],
    },
  }),
  createWebhook: route({
    method: 'POST',
    path: '/organizations/{org}/webhooks',
    summary: 'Create a webhook',
    description: 'It is told what happens from now on. At most 20.',
    tags,
    scope: 'webhooks:write',
    isRepeatable: true,
    isSecret: true,
    params: orgParams,
    body: newWebhook,
    responses: {
      status: 201,
      body: createdWebhook,
      description: 'The webhook with its secret, shown once.',
      problems: ['invalid', 'not-found', 'quota-reached'],
    },
  }),
  getWebhook: route({
    method: 'GET',
    path: '/organizations/{org}/webhooks/{webhook}',
    summary: 'Show a webhook',
    description: 'Without its secret.',
    tags,
    scope: 'webhooks:read',
    params,
    responses: {
      status: 200,
      body: webhook,
      description: 'The webhook.',
      unversioned: ['disabledReason', 'failingSince'],
      problems: ['not-found'],
    },
  }),
  updateWebhook: route({
    method: 'PATCH',
    path: '/organizations/{org}/webhooks/{webhook}',
    summary: 'Change a webhook',
    description: 'At once. When it is switched off, what waits to be sent is given up.',
    tags,
    scope: 'webhooks:write',
    params,
    body: webhookChange,
    responses: {
      status: 200,
      body: webhook,
      description: 'The webhook as it is now.',
      problems: ['invalid', 'not-found', 'stale'],
    },
  }),
  deleteWebhook: route({
    method: 'DELETE',
    path: '/organizations/{org}/webhooks/{webhook}',
    summary: 'Delete a webhook',
    description: 'With its log. What waits to be sent is not.',
    tags,
    scope: 'webhooks:write',
    params,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found'] },
  }),
  replaceWebhookSecret: route({
    method: 'POST',
    path: '/organizations/{org}/webhooks/{webhook}/secret',
    summary: "Replace a webhook's secret",
    description:
      'For 24 hours messages carry two signatures, by the new secret and by the former one, so that receivers can change over without a gap.',
    tags,
    scope: 'webhooks:write',
    isRepeatable: true,
    isSecret: true,
    params,
    responses: {
      status: 200,
      body: createdWebhook,
      description: 'The webhook with its new secret, shown once.',
      problems: ['not-found'],
    },
  }),
  testWebhook: route({
    method: 'POST',
    path: '/organizations/{org}/webhooks/{webhook}/test',
    summary: 'Send a test message',
    description: 'Also when it is switched off. What became of it is in the log of deliveries a moment later.',
    tags,
    scope: 'webhooks:write',
    params,
    responses: { status: 201, body: delivery, description: 'The delivery, waiting.', problems: ['not-found'] },
  }),
  listWebhookDeliveries: route({
    method: 'GET',
    path: '/organizations/{org}/webhooks/{webhook}/deliveries',
    summary: 'List deliveries',
    description: 'Newest first, of the last 30 days.',
    tags,
    scope: 'webhooks:read',
    params,
    query: z.strictObject({ ...listQuery.shape, state: state.exactOptional() }),
    responses: {
      status: 200,
      body: paged('WebhookDeliveryPage', delivery),
      description: 'A page of deliveries.',
      problems: ['invalid', 'not-found'],
    },
  }),
  getWebhookMessage: route({
    method: 'GET',
    path: '/organizations/{org}/webhooks/{webhook}/deliveries/{delivery}/message',
    summary: 'Show what is sent',
    description:
      'The body of the request. For who may change webhooks, since that is who may have all of it sent anywhere: it tells of calls and messages.',
    tags,
    scope: 'webhooks:write',
    params: z.strictObject({ ...params.shape, delivery: idParam }),
    responses: { status: 200, body: anyMessage, description: 'The message.', problems: ['not-found'] },
  }),
  resendWebhookDelivery: route({
    method: 'POST',
    path: '/organizations/{org}/webhooks/{webhook}/deliveries/{delivery}/resend',
    summary: 'Send a delivery again',
    description: 'Now, as the same message with the same `webhook-id`, whatever became of it before.',
    tags,
    scope: 'webhooks:write',
    params: z.strictObject({ ...params.shape, delivery: idParam }),
    responses: { status: 200, body: delivery, description: 'The delivery, waiting.', problems: ['not-found'] },
  }),
};

export const webhookSchema = webhook;
export type WebhookAnswer = z.infer<typeof webhook>;
export type WebhookDeliveryAnswer = z.infer<typeof delivery>;
