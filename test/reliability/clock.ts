/**
 * The clock of an installation, to be set while it runs: brain and engine read it through libfaketime
 * (https://github.com/wolfcw/libfaketime), which looks at a file once a second. The clock that only counts is left alone,
 * as by a person who sets the time.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { edit, versionIn } from '../kit/another-version.ts';
import { type Installation, littlepbx, startInstallation, stopInstallation } from '../kit/installation.ts';

/** Where both see the folder that they share. */
const SHARED = '/run/littlepbx/engine/shared';
/** For the program alone: what starts it runs as another user under the same number, and would leave it a semaphore of its own. */
const WITH_CLOCK = [
  '/usr/bin/env',
  `LD_PRELOAD=${SHARED}/libfaketime.so`,
  `FAKETIME_TIMESTAMP_FILE=${SHARED}/clock`,
  'FAKETIME_CACHE_DURATION=1',
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
  'DONT_FAKE_MONOTONIC=1',
]
  .map((word) => `'${word}', `)
  .join('');

const library = (): string =>
  execFileSync('dpkg', ['-L', 'libfaketime'], { encoding: 'utf8' })
    .split('\n')
    .find((line) => line.endsWith('/libfaketimeMT.so.1'))!;

export class SettableClock {
  readonly installation: Installation;
  readonly #folder: string;

  private constructor(folder: string, installation: Installation) {
    this.#folder = folder;
    this.installation = installation;
  }

  /** Starts an installation whose clock can be set. */
  static async start(): Promise<SettableClock> {
    const folder = mkdtempSync(join(tmpdir(), 'h-clock-'));
    const app = versionIn(folder, 'app', (to) =>
      edit(to, 'apps/host/src/processes/services.ts', (text) =>
        text
          .replace('command: [engine.path', `command: [${WITH_CLOCK}engine.path`)
          .replace('command: [INSIDE.node', `command: [${WITH_CLOCK}INSIDE.node`),
      ),
    );
    const installation = await startInstallation({ prefix: 'h-clock-', rtpTimeoutInS: 120, typed: { app } });
    const clock = new SettableClock(folder, installation);
    try {
      copyFileSync(library(), join(clock.#shared, 'libfaketime.so'));
      clock.set(0);
      for (const name of ['engine', 'brain']) {
        const { code, err } = await littlepbx(['restart', name, '--data', installation.data], { app });
        if (code !== 0) throw new Error(`${name} could not be restarted: ${err}`);
      }
    } catch (error) {
      await clock.stop();
      throw error;
    }
    return clock;
  }

  /** So many seconds after the machine's own; negative: before it. Both have seen it a second later. */
  set(ahead: number): void {
    const file = join(this.#shared, 'clock');
    writeFileSync(`${file}.new`, `${ahead < 0 ? '-' : '+'}${Math.abs(ahead)}\n`, { mode: 0o644 });
    renameSync(`${file}.new`, file);
  }

  async stop(): Promise<void> {
    await stopInstallation(this.installation);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #shared(): string {
    return join(this.installation.data, 'engine/shared');
  }
}
