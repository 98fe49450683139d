/**
 * What is asked for twice is done once. A double click, or Enter and a click, send the same request twice: while the first
 * is under way, and for a moment after it was done, the second gets the answer of the first. When nobody answered, it may
 * have been done or not: asked for again it carries the same `Idempotency-Key`, by which the server knows it.
 */

/** Longer than a double click takes. Milliseconds. */
const MOMENT = 1000;
/** For how long somebody may try again after no answer. Milliseconds. */
const REMEMBERED = 10 * 60_000;

interface Asked {
  key: string;
  answer: Promise<Response> | null;
  /** Forgotten then. */
  until: number;
}

/** `crypto.randomUUID` is for pages only that came by HTTPS. */
const newKey = (): string => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))));

export function once(fetch: typeof globalThis.fetch, now: () => number = () => performance.now()) {
  const asked = new Map<string, Asked>();

  return async (input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET', body, headers } = init;
    if (method === 'GET') return fetch(input, init);
    const name = method === 'POST' && (typeof body === 'string' || !body) ? `${String(input)} ${body ?? ''}` : null;
    for (const [other, { answer, until }] of asked) {
      // What was done between two requests makes the second a new one, though it says the same.
      const isOver = until < now() || (other !== name && answer !== null && until < Number.POSITIVE_INFINITY);
      if (isOver) asked.delete(other);
    }
    if (name === null) return fetch(input, init);
    const before = asked.get(name);
    if (before?.answer) return (await before.answer).clone();

    const it: Asked = { key: before?.key ?? newKey(), answer: null, until: Number.POSITIVE_INFINITY };
    asked.set(name, it);
    it.answer = fetch(input, { ...init, headers: { ...headers, 'idempotency-key': it.key } });
    try {
      const answer = await it.answer;
      if (answer.ok) it.until = now() + MOMENT;
      else if (answer.status < 500) asked.delete(name);
      else Object.assign(it, { answer: null, until: now() + REMEMBERED });
      return answer.clone();
    } catch (error) {
      Object.assign(it, { answer: null, until: now() + REMEMBERED });
      throw error;
    }
  };
}
