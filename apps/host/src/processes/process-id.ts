import { readFileSync, rmSync } from 'node:fs';
import { readIfThere, writeWhole } from '../files.ts';

/** A process, told from a later one with the same number by its start. */
export interface ProcessId {
  pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since the machine started. */
  start: string;
}

/** The process with this number, null when there is none (or only its remains: a zombie). */
export function identify(pid: number): ProcessId | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  return parseStat(pid, stat);
}

/** Reads /proc/PID/stat; the command in brackets may hold anything, brackets included (proc(5)). */
export function parseStat(pid: number, stat: string): ProcessId | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const start = fields[19];
  return start === undefined || state === 'Z' || state === 'X' ? null : { pid, start };
}

export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.start === id.start;
}

/** Sends a signal, if it is still the same process. */
export function signal(id: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive(id)) return;
  try {
    process.kill(id.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Time a process was started, milliseconds since the epoch. */
export function startedAt(id: ProcessId): number {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  // USER_HZ is 100 on every Linux that Node runs on.
  return Date.now() - uptime * 1000 + Number(id.start) * 10;
}

/** The living process of a pid file, null when it is gone. */
export function readPidFile(path: string): ProcessId | null {
  const text = readIfThere(path);
  if (text === null) return null;
  const [pid, start] = text.trim().split(' ');
  const id = { pid: Number(pid), start: start ?? '' };
  return isAlive(id) ? id : null;
}

export function writePidFile(path: string, id: ProcessId): void {
  writeWhole(path, `${id.pid} ${id.start}\n`, 0o644);
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}
