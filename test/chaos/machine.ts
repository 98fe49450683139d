/** The processes of the installation under test, to be killed and frozen; found by its own pid files only. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { System } from '../kit/system.ts';
import { eventually } from '../phones/index.ts';

export type ProcessName = 'brain' | 'engine' | 'db' | 'supervisor';

/**
 * A new brain must have every call in hand this soon after the old one died, where reading the brain's source takes Node no
 * longer than `READING`: half of the time is that. A slower machine is given as many times more, and nobody is blamed for what
 * it waited for a processor that others had. Milliseconds.
 */
export const CONTROL_BACK = 2000;
const READING = 1000;
const BRAIN = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));

interface Stat {
  parent: number;
  /** Clock ticks since the machine started: tells a process from a later one with its number. */
  start: string;
  isZombie: boolean;
}

function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), start: fields[19]!, isZombie: fields[0] === 'Z' };
  } catch {
    return null;
  }
}

/** What this machine needs now for that part of a start; without settings the brain ends there. Milliseconds. */
function timeToReadTheBrain(): number {
  const began = performance.now();
  spawnSync(process.execPath, [BRAIN], { env: { PATH: process.env.PATH }, stdio: 'ignore' });
  return Math.round(performance.now() - began);
}

/** How long a process that could have gone on was kept waiting for a processor so far. Milliseconds. */
function keptWaiting(pid: number | null): number {
  try {
    return Math.round(Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6);
  } catch {
    // It is gone, or this kernel does not count it.
    return 0;
  }
}

export class Machine {
  readonly #system: System;
  /** Frozen processes, to go on when a test ends too early. */
  readonly #frozen = new Map<number, string>();

  constructor(system: System) {
    this.#system = system;
  }

  /** Null when the process of the pid file is gone. */
  pid(name: ProcessName): number | null {
    let text: string;
    try {
      const file = join(this.#system.installation.data, 'run', `${name}.pid`);
      text = `${readFileSync(file, 'utf8').trim()} ${readFileSync(`${file}.start`, 'utf8')}`;
    } catch {
      return null;
    }
    const [pid, start] = text.trim().split(' ');
    const stat = statOf(Number(pid));
    return stat && stat.start === start && !stat.isZombie ? Number(pid) : null;
  }

  running(name: ProcessName): number {
    const pid = this.pid(name);
    if (pid === null) throw new Error(`${name} does not run`);
    return pid;
  }

  /** As `kill -9`. Returns when; milliseconds since the epoch. */
  kill(name: ProcessName): number {
    process.kill(this.running(name), 'SIGKILL');
    return Date.now();
  }

  /** As SIGSTOP, children included (Postgres has one for each connection). */
  freeze(name: ProcessName): number {
    const parent = this.running(name);
    // The parent first: it can start no more of them.
    for (const pid of [parent, ...this.#children(name, parent)]) {
      process.kill(pid, 'SIGSTOP');
      this.#frozen.set(pid, statOf(pid)?.start ?? '');
    }
    return Date.now();
  }

  /** Everything frozen goes on, unless it was killed meanwhile. */
  thaw(): void {
    for (const [pid, start] of this.#frozen) if (statOf(pid)?.start === start) process.kill(pid, 'SIGCONT');
    this.#frozen.clear();
  }

  /** Kills the brain; nobody starts another until `thaw`. */
  takeBrainAway(): number {
    this.freeze('supervisor');
    return this.kill('brain');
  }

  /** Resolves with the time from `since` until a brain that started after it holds the engine and `calls` calls. */
  async brainIsBack(since: number, { calls, within = CONTROL_BACK }: { calls?: number; within?: number } = {}) {
    let seen = 'no brain answered';
    await eventually(
      async () => {
        const system = await this.#system.api.getSystem().catch((error: Error) => {
          seen = error.message;
        });
        if (!system) return undefined;
        seen = `started ${system.startedAt - since} ms after, engine ${system.engine.isConnected}, ${system.calls} calls`;
        const isThere = system.startedAt >= since && system.engine.isConnected;
        return isThere && (calls === undefined || system.calls === calls) ? true : undefined;
      },
      // Whether it was in time is judged below.
      { within: within + 30_000, every: 10, reason: () => `the brain is not back: ${seen}` },
    );
    const took = Date.now() - since;
    if (took <= within) return took;
    const waited = keptWaiting(this.pid('brain'));
    const reading = timeToReadTheBrain();
    const allowed = Math.round(within * Math.max(1, reading / READING)) + waited;
    const machine = `load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors, for which it waited ${waited} ms and where it is read in ${reading} ms`;
    if (took > allowed)
      throw new Error(`the brain was back after ${took} ms instead of ${allowed}: ${seen}; ${machine}`);
    return took;
  }

  /** Resolves when the API answers, whichever brain it is. */
  async brainAnswers(): Promise<void> {
    let seen = '';
    await eventually(
      async () => {
        const system = await this.#system.api.getSystem().catch((error: Error) => {
          seen = error.message;
        });
        return system ? true : undefined;
      },
      { within: 40_000, reason: () => `the API does not answer: ${seen}` },
    );
  }

  /** Resolves when another process than `pid` runs under this name. */
  async isReplaced(name: ProcessName, pid: number): Promise<number> {
    return eventually(
      () => {
        const now = this.pid(name);
        return now !== null && now !== pid ? now : undefined;
      },
      { within: 30_000, every: 10, reason: () => `${name} (pid ${pid}) was not replaced` },
    );
  }

  #children(name: ProcessName, parent: number): number[] {
    if (name !== 'db') return [];
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => statOf(pid)?.parent === parent);
  }
}
