import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Failure } from '../failure.ts';
import { needInstallation, pathsOf } from '../install/installation.ts';

export const LOG_NAMES = ['brain', 'engine', 'db', 'supervisor'] as const;
export type LogName = (typeof LOG_NAMES)[number];

export interface LogOptions {
  name: LogName | undefined;
  /** How many of the last lines of each. */
  lines: number;
  follow: boolean;
  /** As it was written. */
  isRaw: boolean;
}

/** Shows the last lines of one log, or of all; `follow` goes on until Ctrl-C. */
export async function logs(data: string, { name, lines, follow, isRaw }: LogOptions): Promise<number> {
  needInstallation(data);
  const files = (name ? [name] : LOG_NAMES).flatMap((n) => filesOf(data, n));
  if (files.length === 0) throw new Failure('There are no logs yet.');
  const args = ['-n', String(lines), ...(follow ? ['-F'] : []), '--', ...files];
  const child = spawn('tail', args, { stdio: ['ignore', isRaw ? 'inherit' : 'pipe', 'inherit'] });
  if (child.stdout) {
    const input = createInterface({ input: child.stdout });
    input.on('line', (line) => process.stdout.write(`${readable(line)}\n`));
    // `| head` went away: that is no fault.
    process.stdout.on('error', () => child.kill());
  }
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 0)));
}

/** A line of JSON as people read it: time, severity, event, the rest. Any other line as it is. */
export function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  const { time, level, event, msg, ...rest } = entry as Record<string, unknown>;
  const severity = String(SEVERITY[Number(level)] ?? level ?? '').padEnd(5);
  const more = Object.entries(rest).map(([name, value]) => `${name}=${shown(value)}`);
  return [time, severity, event ?? msg, ...more].filter((part) => part !== undefined && part !== '').join(' ');
}

/** pino's numbers. */
const SEVERITY: Record<number, string> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };

function shown(value: unknown): string {
  // A stack is worth its lines.
  if (typeof value === 'string') return /\n/.test(value) ? `\n  ${value.replaceAll('\n', '\n  ')}` : value;
  return JSON.stringify(value);
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
