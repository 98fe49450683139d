/** What the installation holds at a moment: memory, descriptors, threads, SIP sessions, queues. Tests compare two of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineConsole } from './console.ts';
import type { System } from './system.ts';

export interface ProcessFootprint {
  pid: number;
  /** Resident set. MB. */
  memory: number;
  descriptors: number;
  threads: number;
}

export interface Footprint {
  engine: ProcessFootprint;
  brain: ProcessFootprint;
  channels: number;
  bridges: number;
  /** Invite sessions of chan_pjsip, dying ones included. */
  sipSessions: number;
  /** Serializers of the engine; each session has one. */
  taskprocessors: number;
  /** Tasks that wait in them. */
  queued: number;
  /** Calls the brain believes in. */
  calls: number;
}

export const consoleOf = (system: System): EngineConsole =>
  new EngineConsole(join(system.installation.data, 'engine/run/asterisk.ctl'));

/** Throws when one of the processes is not there. */
export async function footprint(system: System): Promise<Footprint> {
  const engine = consoleOf(system);
  const [channels, bridges, sessions, tasks, { calls }] = await Promise.all([
    system.channels(),
    system.bridges(),
    engine.run('pjsip show channels'),
    engine.run('core show taskprocessors'),
    system.api.getSystem(),
  ]);
  // Name, processed, in queue, and five numbers more.
  const rows = [...tasks.matchAll(/^\S+\s+\d+\s+(\d+)(?:\s+\d+){5}\s*$/gm)];
  return {
    engine: processFootprint(pidOf(system, 'engine')),
    brain: processFootprint(pidOf(system, 'brain')),
    channels: channels.length,
    bridges: bridges.length,
    sipSessions: Number(/Objects found: (\d+)/.exec(sessions)?.[1] ?? 0),
    taskprocessors: rows.length,
    queued: rows.reduce((sum, [, waiting]) => sum + Number(waiting), 0),
    calls,
  };
}

export function pidOf(system: System, name: 'engine' | 'brain' | 'db'): number {
  return Number(readFileSync(join(system.installation.data, 'run', `${name}.pid`), 'utf8').trim());
}

export function processFootprint(pid: number): ProcessFootprint {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const value = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
  return {
    pid,
    memory: Math.round(value('VmRSS') / 1024),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: value('Threads'),
  };
}
