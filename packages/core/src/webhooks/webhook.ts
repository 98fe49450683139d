/**
 * Programs of an organization's own that are told what happens: signed requests to addresses of its choice
 * (https://www.standardwebhooks.com). What is told is written down first, a delivery for each address, and sent by a job
 * until it is taken:
 *
 *     waiting ── 2xx ──> delivered ── again by hand ──> waiting
 *      ^    └── 410, tried too often, switched off ──> failed
 *      └─────────────── again by hand ──────────────────┘
 */
import type { OrganizationId } from '../tenancy/organization.ts';
import type { Secrets } from '../tenancy/stores.ts';

/** What an address can ask for. Named as the live events are, where those tell the same. */
export type WebhookEvent =
  | 'call-began'
  | 'call-answered'
  | 'call-ended'
  | 'recording-ready'
  | 'voicemail-arrived'
  | 'revision-applied'
  | 'trunk-registration';

/** Why an attempt got no answer. */
export type WebhookFault =
  | 'no-answer'
  | 'unreachable'
  | 'name-unknown'
  | 'certificate-refused'
  | 'address-refused'
  | 'switched-off';

export interface Webhook {
  id: string;
  url: string;
  description: string;
  events: WebhookEvent[];
  isActive: boolean;
  /** Why it was switched off by itself: nothing got through for days, or its server answered that it is gone (410). */
  disabledReason: 'failing' | 'gone' | null;
  /** Since when nothing gets through; null: the last attempt did. */
  failingSince: number | null;
  /** So long what is sent is signed with the former secret, too. */
  oldSecretUntil: number | null;
  createdAt: number;
}

/** What somebody decides about one. */
export interface NewWebhook {
  url: string;
  events: WebhookEvent[];
  description?: string;
  isActive?: boolean;
}

/** `whsec_` and base64, in the clear in memory only. */
export interface WebhookSecrets {
  secret: string;
  oldSecret: string | null;
}

export interface WebhookDelivery {
  /** Also its `webhook-id`: the same however often it is sent. */
  id: string;
  webhookId: string;
  event: WebhookEvent | 'test';
  state: 'waiting' | 'delivered' | 'failed';
  /** Since it was asked for last. */
  attempts: number;
  /** Of what it tells. */
  occurredAt: number;
  createdAt: number;
  /** When it is tried next; null: no more. */
  nextAttemptAt: number | null;
  attemptedAt: number | null;
  /** Of the last attempt, as all that follows. */
  responseStatus: number | null;
  /** Null: there was an answer. */
  fault: WebhookFault | null;
  /** How the answer began. */
  answer: string | null;
  /** Milliseconds. */
  duration: number | null;
}

/** What is sent, as JSON. */
export interface WebhookMessage {
  type: WebhookDelivery['event'];
  /** When it happened, ISO 8601. */
  timestamp: string;
  organizationId: OrganizationId;
  data: Record<string, unknown>;
}

/** The job that sends a delivery. It has the delivery's id. */
export const WEBHOOK_JOB = 'webhook';

export const MAX_WEBHOOKS = 20;
/** How long a former secret signs too. Milliseconds. */
export const OLD_SECRET_FOR = 24 * 3_600_000;
/** How long nothing gets through before it is switched off. Milliseconds. */
export const FAILING_FOR = 3 * 86_400_000;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Before the second, third … attempt: a day and some hours, all together. Milliseconds. */
export const WEBHOOK_RETRIES = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR] as const;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function newWebhookSecret(secrets: Pick<Secrets, 'random'>): string {
  return `whsec_${btoa(secrets.random(32, ALPHABET))}`;
}

/** What happened, to be told to those of the organization who asked for it. */
export interface WebhookNews {
  organizationId: OrganizationId;
  event: WebhookEvent;
  at: number;
  data: object;
}
