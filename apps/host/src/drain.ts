/** Calls before the engine is stopped: let run out, or ended so that their records say whose doing it was. */
import { readHealth } from './api.ts';
import { messageOf } from './failure.ts';
import { readIfThere } from './files.ts';
import { localWeb } from './install/brain.ts';
import { type Installation, pathsOf } from './install/installation.ts';
import { until } from './wait.ts';

type Which = { data: string; installation: Installation };

/** Records take one batch to reach Postgres. Milliseconds. */
const RECORDED_WITHIN = 5000;

/**
 * Ends the calls in progress, and waits until they are recorded. A brain that is away or has no database cannot be asked:
 * then the records say `engine-lost`.
 * @returns how many there were
 */
export async function stopCalls(which: Which): Promise<number> {
  const before = (await readHealth(which.data, which.installation))?.system?.calls ?? 0;
  if (!(await tell(which, 'PUT', { stopCalls: true }))) return 0;
  await until('the calls are not recorded', RECORDED_WITHIN, async () => {
    const system = (await readHealth(which.data, which.installation))?.system;
    return !system || (system.calls === 0 && system.recordsWaiting === 0) ? true : null;
  }).catch(() => {});
  return before;
}

/**
 * Refuses new calls and waits until those in progress have ended, at most until the deadline. The drain stays; it ends
 * with the engine, or by `liftDrain`.
 * @param onLeft hears how many there are, when it changes
 * @returns how many are left
 */
export async function drain(
  which: Which,
  deadlineInS: number,
  signal: AbortSignal,
  onLeft: (calls: number) => void,
): Promise<number> {
  if (!(await tell(which, 'PUT', { stopCalls: false }))) return 0;
  const deadline = performance.now() + deadlineInS * 1000;
  let left = -1;
  for (;;) {
    const system = (await readHealth(which.data, which.installation))?.system;
    if (system && system.calls !== left) {
      left = system.calls;
      onLeft(left);
    }
    // A brain that was restarted meanwhile knows of no drain.
    if (system && !system.isDraining) await tell(which, 'PUT', { stopCalls: false });
    if (left === 0 || signal.aborted || performance.now() > deadline) return Math.max(0, left);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** New calls are taken again. */
export async function liftDrain(which: Which): Promise<void> {
  await tell(which, 'DELETE');
}

async function tell({ data, installation }: Which, method: 'PUT' | 'DELETE', body?: object): Promise<boolean> {
  const token = readIfThere(pathsOf(data).operatorKey)?.trim() ?? '';
  try {
    const response = await fetch(`${localWeb(installation)}/api/v1/system/drain`, {
      method,
      headers: {
        connection: 'close',
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(3000),
    });
    if (!response.ok) console.error(`The brain could not be told of the calls (${response.status}).`);
    return response.ok;
  } catch (error) {
    console.error(`The brain could not be told of the calls (${messageOf(error)}).`);
    return false;
  }
}
