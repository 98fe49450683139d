import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../wait.ts';
import { Keeper, stopService } from './keeper.ts';
import { identify, readPidFile, signal } from './process-id.ts';
import type { Service } from './services.ts';

const folder = mkdtempSync(join(tmpdir(), 'lpbx-keeper-'));
afterAll(() => rmSync(folder, { recursive: true }));

function sleeper(name: string, command: string[]): Service {
  return {
    name: 'brain',
    pidFile: join(folder, `${name}.pid`),
    logFile: '/dev/null',
    livenessUrl: null,
    stopSignals: [
      { signal: 'SIGTERM', patience: 300 },
      { signal: 'SIGKILL', patience: 2000 },
    ],
    start() {
      const child = spawn(command[0]!, command.slice(1), { stdio: 'ignore' });
      return { id: identify(child.pid!)!, exited: once(child, 'exit').then(() => {}) };
    },
  };
}

describe('Keeper', () => {
  it('starts again what was killed, adopts what runs, and stops it', async () => {
    const service = sleeper('a', ['sleep', '60']);
    const keeper = new Keeper(service, () => {});
    keeper.begin();
    const first = readPidFile(service.pidFile)!;
    const said: string[] = [];
    new Keeper(service, (text) => said.push(text)).begin();
    expect(said[0]).toContain(`found running (pid ${first.pid})`);

    signal(first, 'SIGKILL');
    const second = await until('no new process', 3000, () => {
      keeper.tick(Date.now());
      const id = readPidFile(service.pidFile);
      return id && id.pid !== first.pid ? id : null;
    });
    expect(keeper.isRunning).toBe(true);
    keeper.release();
    expect(await stopService(service)).toBe(true);
    expect(identify(second.pid)).toBeNull();
    expect(await stopService(service)).toBe(false);
  });

  it('starts at once what ended early, and waits longer when that goes on', async () => {
    const said: string[] = [];
    const keeper = new Keeper(sleeper('b', ['sleep', '0.01']), (text) => said.push(text));
    keeper.begin();
    const ends = () => said.filter((text) => text.includes('ended')).map((text) => /in (\d+) ms/.exec(text)?.[1]);
    await until('no fifth end', 5000, () => {
      keeper.tick(Date.now());
      return ends().length >= 5 ? true : null;
    });
    expect(ends().slice(0, 5)).toEqual(['0', '0', '250', '500', '1000']);
  });

  it('kills what ignores a polite signal', async () => {
    const service = sleeper('c', ['sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done']);
    new Keeper(service, () => {}).begin();
    // The shell must have set its trap.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const id = readPidFile(service.pidFile)!;
    await stopService(service);
    expect(identify(id.pid)).toBeNull();
  });
});
