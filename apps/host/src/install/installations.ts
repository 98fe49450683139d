/**
 * Which installations this machine has, so that what they share is removed with the last of them alone: a line for each
 * data folder in `HOME/installations`. One whose folder was deleted by hand counts no more.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, writeWhole } from '../files.ts';
import { loadInstallation, machineHome } from './installation.ts';

const listFile = (home: string): string => join(home, 'installations');

/** Adds a data folder, once. */
export function noteInstallation(data: string, home = machineHome()): void {
  if (noted(home).includes(data)) return;
  mkdirSync(home, { recursive: true, mode: 0o755 });
  // One write of one line: two `up`s at once lose neither.
  appendFileSync(listFile(home), `${data}\n`, { mode: 0o644 });
}

/** Takes a data folder out, and those that are gone. */
export function forgetInstallation(data: string, home = machineHome()): void {
  if (readIfThere(listFile(home)) === null) return;
  const others = otherInstallations(data, home);
  writeWhole(listFile(home), others.map((other) => `${other}\n`).join(''), 0o644);
}

/** Data folders of the other installations. */
export function otherInstallations(data: string, home = machineHome()): string[] {
  return [...new Set(noted(home))].filter((other) => other !== data && loadInstallation(other) !== null);
}

function noted(home: string): string[] {
  return (readIfThere(listFile(home)) ?? '').split('\n').filter((line) => line !== '');
}
