/**
 * The API as the person who is logged in. Two things are looked after here, so that no page has to: a session that ends
 * while the page is open (the request waits until the person has logged in again, and is then sent anew: nothing typed is
 * lost), and a server that is away (a banner says so, and what is shown is read anew when it is back).
 */
import { ApiProblem, createClient } from '@littlepbx/contract/client';
import { earlyAnswer } from './early-answers.ts';
import { once } from './once.ts';
import { createStore } from './store.ts';

export { ApiProblem, everyPage } from '@littlepbx/contract/client';

/** Who is away; null: nobody. */
export const away = createStore<'server' | 'database' | null>(null);

/** How often somebody who was away is back. */
export const returns = createStore(0);

/** Set while requests wait for the person to log in again. */
export const interruption = createStore<{ isOver(): void } | null>(null);

/** Whether somebody was logged in since the page was opened. */
let hadSession = false;
let over: Promise<void> | null = null;

const PROBE_EVERY = 2000;
const SENT_AGAIN_TIMEOUT = 30_000;
/** Those say 401 of what was typed into them. */
const WITHOUT_SESSION = /^\/api\/v1\/(login|logout|password-reset|invitation|site|session)/;

/** Their answers bring another session, and the one before ends: what is refused meanwhile is sent again with the new one. */
const RENEWS_SESSION = /^\/api\/v1\/me\/(password|two-factor)/;
let renewal: Promise<unknown> | null = null;
/** Counts beginnings and ends. */
let renewals = 0;

export const api = createClient({ baseUrl: '', fetch: once(send) });

export function sessionBegan(): void {
  hadSession = true;
}

export const hasSession = (): boolean => hadSession;

export async function send(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  const before = renewals;
  const isRenewal = RENEWS_SESSION.test(String(input));
  const response = await (isRenewal ? renewing(sendOnce(input, init)) : sendOnce(input, init));
  if (response.status !== 401 || !hadSession || WITHOUT_SESSION.test(String(input))) return response;
  const again = () => sendOnce(input, { ...init, signal: AbortSignal.timeout(SENT_AGAIN_TIMEOUT) });
  if (!isRenewal) {
    await renewal;
    const answer = renewals === before ? response : await again();
    if (answer.status !== 401) return answer;
  }
  await loggedInAgain();
  return again();
}

async function renewing(request: Promise<Response>): Promise<Response> {
  renewals += 1;
  const over = request.then(
    () => {},
    () => {},
  );
  renewal = over;
  try {
    return await request;
  } finally {
    renewals += 1;
    if (renewal === over) renewal = null;
  }
}

async function sendOnce(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  try {
    const response = await (earlyAnswer(String(input), init) ?? fetch(input, init));
    if (response.status === 502 || response.status === 504) isAway('server');
    else if (response.status === 503) void probe();
    return response;
  } catch (error) {
    isAway('server');
    throw error;
  }
}

/** Asks for the password: one dialog for all requests that wait. Resolves when the person is back. */
export function loggedInAgain(): Promise<void> {
  over ??= new Promise<void>((resolve) => {
    interruption.set({
      isOver() {
        interruption.set(null);
        over = null;
        resolve();
      },
    });
  });
  return over;
}

let timer: ReturnType<typeof setTimeout> | undefined;
const whenBack = new Set<() => void>();

/** @param callback what to do when a server that was away is back */
export function onBack(callback: () => void): void {
  whenBack.add(callback);
}

/** The browser knows first that its network is gone, or back. */
export function watchNetwork(): void {
  addEventListener('offline', () => isAway('server'));
  addEventListener('online', () => void probe());
}

function isAway(who: 'server' | 'database'): void {
  away.set(who);
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    void probe();
  }, PROBE_EVERY);
}

async function probe(): Promise<void> {
  try {
    const answer = await fetch('/api/v1/health/ready', { signal: AbortSignal.timeout(PROBE_EVERY) });
    const { database } = (await answer.json()) as { database?: boolean };
    if (database === false) return isAway('database');
    if (away.get() === null) return;
    away.set(null);
    returns.set(returns.get() + 1);
    for (const callback of whenBack) callback();
  } catch {
    isAway('server');
  }
}

/** The problem with which a request failed; null when something else went wrong. */
export function problemOf(error: unknown): ApiProblem | null {
  return error instanceof ApiProblem ? error : null;
}
