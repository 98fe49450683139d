import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
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

/** Processor time that a process has used, milliseconds; 0 when it is gone. */
export function workedFor(id: ProcessId): number {
  try {
    const stat = readFileSync(`/proc/${id.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

/** Beside the pid, so that `kill $(cat …)` names one process alone: tells a pid from its next owner. */
const startFile = (path: string): string => `${path}.start`;

/** The living process of a pid file, null when it is gone. */
export function readPidFile(path: string): ProcessId | null {
  const [pid, start] = [readIfThere(path), readIfThere(startFile(path))];
  if (pid === null || start === null) return null;
  const id = { pid: Number(pid), start: start.trim() };
  return isAlive(id) ? id : null;
}

export function writePidFile(path: string, id: ProcessId): void {
  // The start first: a pid with another's start is of a process that is gone.
  writePart(startFile(path), `${id.start}\n`);
  writePart(path, `${id.pid}\n`);
}

/** On a full disk the room of the old content is used again: who runs must be known there too. */
function writePart(path: string, content: string): void {
  try {
    writeWhole(path, content, 0o644);
  } catch (error) {
    rmSync(`${path}.${process.pid}.new`, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    writeFileSync(path, content, { flag: 'r+' });
    truncateSync(path, content.length);
  }
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
  rmSync(startFile(path), { force: true });
}
