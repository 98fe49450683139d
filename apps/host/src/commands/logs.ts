import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { needInstallation, pathsOf } from '../install/installation.ts';

export const LOG_NAMES = ['brain', 'engine', 'db', 'supervisor'] as const;
export type LogName = (typeof LOG_NAMES)[number];

/** Shows the last lines of one log, or of all; `follow` goes on until Ctrl-C. */
export async function logs(data: string, name: LogName | undefined, lines: number, follow: boolean): Promise<number> {
  needInstallation(data);
  const files = (name ? [name] : LOG_NAMES).flatMap((n) => filesOf(data, n));
  if (files.length === 0) throw new Failure('There are no logs yet.');
  const child = spawn('tail', ['-n', String(lines), ...(follow ? ['-F'] : []), '--', ...files], { stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 0)));
}

function filesOf(data: string, name: LogName): string[] {
  const paths = pathsOf(data);
  const files = [join(paths.log, `${name}.log`)];
  // Asterisk writes its own besides what it prints.
  const own = join(paths.engine, 'log');
  if (name === 'engine' && existsSync(own)) {
    const entries = readdirSync(own, { withFileTypes: true });
    files.push(...entries.filter((e) => e.isFile() && !/\.\d$/.test(e.name)).map((e) => join(own, e.name)));
  }
  return files.filter((file) => existsSync(file));
}
