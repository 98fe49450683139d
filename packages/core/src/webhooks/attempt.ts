/** What an attempt to send means: for its delivery, for its webhook, and for who is to be told. */
import type { Attempt } from './store.ts';
import { FAILING_FOR, WEBHOOK_RETRIES, type Webhook, type WebhookFault } from './webhook.ts';

/** An answer, or why there was none. */
export type Reply = { status: number; answer: string } | { status: null; fault: WebhookFault };

export interface Verdict {
  attempt: Attempt;
  failingSince: number | null;
  /** Set: it is switched off, and its organization's admins are told. */
  disabledReason: Webhook['disabledReason'];
}

/** So much of an answer is kept for the log. Characters. */
const KEPT = 500;

export function verdictOn(
  reply: Reply,
  o: {
    /** Which attempt it was, from 1. */
    attempts: number;
    startedAt: number;
    now: number;
    failingSince: number | null;
    retries?: readonly number[];
  },
): Verdict {
  const { attempts, startedAt, now, retries = WEBHOOK_RETRIES } = o;
  const isDelivered = reply.status !== null && reply.status >= 200 && reply.status < 300;
  const isGone = reply.status === 410;
  const delay = isDelivered || isGone ? undefined : retries[attempts - 1];
  const failingSince = isDelivered ? null : (o.failingSince ?? startedAt);
  const isGivenUp = !isDelivered && delay === undefined;
  const isFailing = isGivenUp && now - (failingSince ?? now) >= FAILING_FOR;
  return {
    attempt: {
      state: isDelivered ? 'delivered' : isGivenUp ? 'failed' : 'waiting',
      attempts,
      nextAttemptAt: delay === undefined ? null : now + delay,
      attemptedAt: startedAt,
      responseStatus: reply.status,
      fault: reply.status === null ? reply.fault : null,
      // Postgres keeps no U+0000.
      answer: reply.status === null ? null : reply.answer.replaceAll('\u0000', '').slice(0, KEPT),
      duration: Math.max(0, Math.round(now - startedAt)),
    },
    failingSince,
    disabledReason: isGone ? 'gone' : isFailing ? 'failing' : null,
  };
}
