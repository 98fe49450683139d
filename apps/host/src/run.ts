import { type SpawnOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Failure, messageOf } from './failure.ts';

export interface RunResult {
  code: number;
  /** stdout and stderr, as they came. */
  output: string;
}

/** Runs a program to its end. `onLine` sees each line of its output. Never through a shell. */
export function run(
  file: string,
  args: string[],
  options: SpawnOptions & { onLine?: (line: string) => void } = {},
): Promise<RunResult> {
  const { onLine, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...spawnOptions });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        output += `${line}\n`;
        onLine?.(line);
      });
    }
    child.once('error', (error) => reject(new Failure(`${file} could not be run: ${messageOf(error)}`)));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** As `run`, but a failing program is a failure that shows its last lines. */
export async function runOrFail(
  file: string,
  args: string[],
  options: Parameters<typeof run>[2] = {},
): Promise<string> {
  const { code, output } = await run(file, args, options);
  if (code !== 0) {
    const tail = output.trim().split('\n').slice(-8).join('\n  ');
    throw new Failure(`${file} ${args[0] ?? ''} failed (exit ${code}):\n  ${tail}`);
  }
  return output;
}

/** Path of a program on PATH, null when there is none. */
export async function which(name: string): Promise<string | null> {
  const { code, output } = await run('sh', ['-c', 'command -v "$1"', 'sh', name]);
  return code === 0 ? output.trim() : null;
}
