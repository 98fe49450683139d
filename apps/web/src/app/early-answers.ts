/**
 * What was asked of the API before the page's own code was there (`early.ts`), by address. Each answer is given once, to
 * whoever asks for the same first, and only while the page opens: later it would be old.
 */
export type EarlyAnswers = Map<string, Promise<Response>>;

declare global {
  var earlyAnswers: EarlyAnswers | undefined;
}

export const SESSION = '/api/v1/session';

/** Since the address was entered. Milliseconds. */
const FRESH = 30_000;

/** Undefined: it was not asked yet. */
export function earlyAnswer(address: string, init: RequestInit | undefined): Promise<Response> | undefined {
  const answers = globalThis.earlyAnswers;
  if (init?.method !== 'GET' || answers === undefined) return undefined;
  const answer = performance.now() < FRESH ? answers.get(address) : undefined;
  answers.delete(address);
  return answer;
}
