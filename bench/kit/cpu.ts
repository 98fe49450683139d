import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** USER_HZ is 100 on every Linux that Node runs on. Milliseconds. */
const TICK = 10;

interface Stat {
  parent: number;
  own: number;
  /** Of children that ended and were waited for. */
  children: number;
}

/** Processor time from /proc/PID/stat (proc(5)), in milliseconds; null when the process is gone. */
function statOf(pid: number): Stat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The command in brackets may hold anything, spaces and brackets too.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (i: number) => fields[i] ?? 0;
  return { parent: at(1), own: (at(11) + at(12)) * TICK, children: (at(13) + at(14)) * TICK };
}

/** User and system time of one process, all threads. Milliseconds. */
export function cpuOf(pid: number): number {
  return statOf(pid)?.own ?? 0;
}

/** As `cpuOf`, with the children that have ended. Milliseconds. */
export function cpuWithEnded(pid: number): number {
  const stat = statOf(pid);
  return stat ? stat.own + stat.children : 0;
}

/** As `cpuOf`, with all its children, dead ones included: Postgres is one process per connection. Milliseconds. */
export function cpuOfFamily(pid: number): number {
  const head = statOf(pid);
  if (!head) return 0;
  let sum = head.own + head.children;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (stat?.parent === pid) sum += stat.own + stat.children;
  }
  return sum;
}

/** Processor time of each thread of a process, by its id; of those that ended nothing is known. Milliseconds. */
export function cpuOfThreads(pid: number): Map<string, number> {
  const threads = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const [onProcessor] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      threads.set(thread, Number(onProcessor) / 1e6);
    } catch {
      // It ended meanwhile.
    }
  }
  return threads;
}

/** User, nice and system time of all processors since the machine started. Milliseconds. */
export function cpuOfMachine(): number {
  const [, user = 0, nice = 0, system = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
    .split(/\s+/)
    .map(Number);
  return (user + nice + system) * TICK;
}

/** Processors kept busy by everybody together over one second. */
async function busyProcessors(): Promise<number> {
  const [before, started] = [cpuOfMachine(), performance.now()];
  await sleep(1000);
  return (cpuOfMachine() - before) / (performance.now() - started);
}

const QUIET = 0.4;
const PATIENCE = 6000;

/**
 * Waits until nobody else works on this machine: two seconds in a row below 0.4 processors. The load average would
 * not do: it still shows the block that we ended a minute ago.
 * @param patience milliseconds; then we go on, and the block says what others used
 * @returns whether it got quiet
 */
export async function untilQuiet(patience = PATIENCE): Promise<boolean> {
  const deadline = performance.now() + patience;
  let calm = 0;
  let hasSaid = false;
  while (calm < 2) {
    const busy = await busyProcessors();
    calm = busy < QUIET ? calm + 1 : 0;
    if (calm === 0 && performance.now() > deadline) return false;
    if (calm === 0 && !hasSaid) console.error(`  others use ${busy.toFixed(2)} processors; waiting for a quiet time`);
    hasSaid ||= calm === 0;
  }
  return true;
}
