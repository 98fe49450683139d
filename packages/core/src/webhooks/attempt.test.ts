import { expect, test } from 'vitest';
import { verdictOn } from './attempt.ts';
import { FAILING_FOR, WEBHOOK_RETRIES } from './webhook.ts';

const DAY = 86_400_000;
const base = { attempts: 1, startedAt: 1_000, now: 1_200, failingSince: null };

test('what is taken is delivered, and ends the time of failing', () => {
  const verdict = verdictOn({ status: 204, answer: '' }, { ...base, failingSince: 5 });
  expect(verdict).toMatchObject({ failingSince: null, disabledReason: null });
  expect(verdict.attempt).toMatchObject({
    state: 'delivered',
    nextAttemptAt: null,
    responseStatus: 204,
    duration: 200,
  });
});

test('what is not taken is tried for a bit more than a day, each time later, and then given up', () => {
  let now = 0;
  for (let attempts = 1; attempts <= WEBHOOK_RETRIES.length; attempts += 1) {
    const { attempt, disabledReason } = verdictOn(
      attempts % 2 ? { status: 500, answer: 'oh' } : { status: null, fault: 'no-answer' },
      { attempts, startedAt: now, now, failingSince: 0 },
    );
    expect(attempt).toMatchObject({ state: 'waiting', nextAttemptAt: now + WEBHOOK_RETRIES[attempts - 1]! });
    expect(disabledReason).toBeNull();
    now = attempt.nextAttemptAt!;
  }
  expect(now).toBeGreaterThan(DAY);
  expect(now).toBeLessThan(1.5 * DAY);
  const last = verdictOn({ status: 302, answer: '' }, { attempts: 8, startedAt: now, now, failingSince: 0 });
  expect(last).toMatchObject({ attempt: { state: 'failed', nextAttemptAt: null }, disabledReason: null });
});

test('it is switched off when something is given up after days without a success, or when its server is gone', () => {
  const late = { startedAt: FAILING_FOR, now: FAILING_FOR, failingSince: 0 };
  const reply = { status: null, fault: 'unreachable' } as const;
  // A first try that fails, after days without anything to send, is not enough.
  expect(verdictOn(reply, { ...late, attempts: 1 }).disabledReason).toBeNull();
  expect(verdictOn(reply, { ...late, attempts: 8 }).disabledReason).toBe('failing');
  const gone = verdictOn({ status: 410, answer: '' }, base);
  expect(gone).toMatchObject({ attempt: { state: 'failed' }, disabledReason: 'gone' });
});

test('an answer is kept short, and as Postgres can keep it', () => {
  const { answer } = verdictOn({ status: 200, answer: `\u0000${'x'.repeat(900)}` }, base).attempt;
  expect(answer).toBe('x'.repeat(500));
});
