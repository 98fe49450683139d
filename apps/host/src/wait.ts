import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.ts';

/**
 * Asks again and again until the answer is not null.
 * @param what for the message when the time is up
 * @param timeout milliseconds
 */
export async function until<T>(
  what: string,
  timeout: number,
  ask: () => Promise<T | null> | T | null,
  interval = 50,
): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new Failure(`${what} within ${Math.round(timeout / 1000)} s`);
    await sleep(interval);
  }
}
