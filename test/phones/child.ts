/** A real user agent as a child process: its output is kept, it is ended by its own id, and a missing one is named. */

import { type ChildProcess, spawn } from 'node:child_process';
import { duration, PATIENCE, Signal } from './wait.ts';

export class Child {
  readonly name: string;
  output = '';
  exitCode: number | null = null;

  readonly #process: ChildProcess;
  readonly #signal = new Signal();

  constructor(name: string, command: string, args: readonly string[], { cwd }: { cwd?: string } = {}) {
    this.name = name;
    this.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
    const keep = (data: Buffer): void => {
      this.output = (this.output + data.toString('utf8')).slice(-200_000);
      this.#signal.changed();
    };
    this.#process.stdout?.on('data', keep);
    this.#process.stderr?.on('data', keep);
    this.#process.on('error', (error) => this.#ended(`${command} could not be started: ${error.message}\n`, 127));
    this.#process.on('close', (code) => this.#ended('', code ?? 255));
  }

  /** Resolves with the exit code. */
  ended({ within = PATIENCE }: { within?: number } = {}): Promise<number> {
    return this.#signal.until(
      () => this.exitCode ?? undefined,
      () => `${this.name} did not end within ${duration(within)}; its last output: ${this.tail()}`,
      within,
    );
  }

  /** Resolves when the output matches; rejects when the process ended without it. */
  prints(pattern: RegExp, { within = PATIENCE }: { within?: number } = {}): Promise<RegExpExecArray> {
    return this.#signal.until(
      () => {
        const match = pattern.exec(this.output);
        if (!match && this.exitCode !== null)
          throw new Error(`${this.name} ended with ${this.exitCode}: ${this.tail()}`);
        return match ?? undefined;
      },
      () => `${this.name} did not print ${pattern} within ${duration(within)}; its last output: ${this.tail()}`,
      within,
    );
  }

  tail(): string {
    return this.output.slice(-1500).trim();
  }

  /** SIGTERM, and SIGKILL after two seconds. */
  async stop(): Promise<void> {
    if (this.exitCode !== null) return;
    this.#process.kill('SIGTERM');
    await this.ended({ within: 2000 }).catch(async () => {
      this.#process.kill('SIGKILL');
      await this.ended({ within: 2000 });
    });
  }

  #ended(text: string, code: number): void {
    this.output += text;
    this.exitCode ??= code;
    this.#signal.changed();
  }
}
