/** The processes of the installation under test, to be killed and frozen; found by its own pid files only. */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import type { System } from '../kit/system.ts';
import { eventually } from '../phones/index.ts';

export type ProcessName = 'brain' | 'engine' | 'db' | 'supervisor';

/** A new brain must have every call in hand this soon after the old one died. Milliseconds. */
export const CONTROL_BACK = 2000;

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
      // Those who ask are patient until the deadline and a little beyond; the bound is checked below.
      { within: within + 5000, every: 10, reason: () => `the brain is not back: ${seen}` },
    );
    const took = Date.now() - since;
    if (took > within) {
      const load = `${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`;
      throw new Error(`the brain was back after ${took} ms instead of ${within}: ${seen}; load of the machine ${load}`);
    }
    return took;
  }

  /** Resolves when the API answers, whichever brain it is. */
  async brainAnswers(within: number): Promise<void> {
    let seen = '';
    await eventually(
      async () => {
        const system = await this.#system.api.getSystem().catch((error: Error) => {
          seen = error.message;
        });
        return system ? true : undefined;
      },
      { within, reason: () => `the API does not answer: ${seen}` },
    );
  }

  /** Resolves when another process than `pid` runs under this name. */
  async isReplaced(name: ProcessName, pid: number, within: number): Promise<number> {
    return eventually(
      () => {
        const now = this.pid(name);
        return now !== null && now !== pid ? now : undefined;
      },
      { within, every: 10, reason: () => `${name} (pid ${pid}) was not replaced within ${within} ms` },
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
