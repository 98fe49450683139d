import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../wait.ts';
import { Keeper, stopService } from './keeper.ts';
import { identify, readPidFile, signal } from './process-id.ts';
import type { Service } from './services.ts';

const folder = mkdtempSync(join(tmpdir(), 'lpbx-keeper-'));
afterAll(() => rmSync(folder, { recursive: true }));

function sleeper(name: string, command: string[], livenessUrl: string | null = null): Service {
  return {
    name: 'brain',
    pidFile: join(folder, `${name}.pid`),
    logFile: '/dev/null',
    launch: { root: '/', user: { uid: 0, gid: 0 }, groups: [], binds: [], env: {}, command },
    livenessUrl,
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
    const second = await until('no new process', 15_000, () => {
      keeper.tick();
      const id = readPidFile(service.pidFile);
      return id && id.pid !== first.pid ? id : null;
    });
    expect(keeper.isRunning).toBe(true);
    keeper.release();
    expect(await stopService(service)).toBe(true);
    expect(identify(second.pid)).toBeNull();
    expect(await stopService(service)).toBe(false);
    // Whoever stops it is another process than its keeper, which may be writing the next one's at this moment.
    expect(readPidFile(service.pidFile)).toBeNull();
    expect(readFileSync(service.pidFile, 'utf8')).toBe(`${second.pid}\n`);
  });

  it('starts at once what ended early, and waits longer when that goes on', async () => {
    const said: string[] = [];
    const keeper = new Keeper(sleeper('b', ['sleep', '0.01']), (text) => said.push(text));
    keeper.begin();
    const ends = () => said.filter((text) => text.includes('ended')).map((text) => /in (\d+) ms/.exec(text)?.[1]);
    await until('no fifth end', 20_000, () => {
      keeper.tick();
      return ends().length >= 5 ? true : null;
    });
    expect(ends().slice(0, 5)).toEqual(['0', '0', '250', '500', '1000']);
  });

  it('waits a quarter of a second at most for what had answered, however often it is killed', async () => {
    const web = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const said: string[] = [];
    const { port } = web.address() as AddressInfo;
    const service = sleeper('d', ['sleep', '60'], `http://127.0.0.1:${port}/`);
    const keeper = new Keeper(service, (text) => said.push(text));
    let answers = 0;
    web.on('request', () => {
      answers += 1;
    });
    keeper.begin();
    for (let round = 1; round <= 4; round += 1) {
      const seen = answers;
      const id = await until('no answer', 15_000, () => {
        keeper.tick();
        // The second question comes after the first answer was heard.
        return answers > seen + 1 ? readPidFile(service.pidFile) : null;
      });
      signal(id, 'SIGKILL');
      await until('no new process', 15_000, () => {
        keeper.tick();
        const next = readPidFile(service.pidFile);
        return next && next.pid !== id.pid ? next : null;
      });
    }
    keeper.release();
    await stopService(service);
    web.close();
    const delays = said.filter((text) => text.includes('ended')).map((text) => Number(/in (\d+) ms/.exec(text)?.[1]));
    expect(delays).toHaveLength(4);
    expect(Math.max(...delays)).toBe(250);
  });

  it('starts one process alone where no pid file can be written, and names it as soon as one can', async () => {
    const started: number[] = [];
    const service = sleeper('full/e', ['sleep', '60']);
    const keeper = new Keeper(
      {
        ...service,
        start() {
          const made = service.start();
          started.push(made.id.pid);
          return made;
        },
      },
      () => {},
    );
    keeper.begin();
    for (let i = 0; i < 3; i += 1) keeper.tick();
    expect(readPidFile(service.pidFile)).toBeNull();
    mkdirSync(join(folder, 'full'));
    keeper.tick();
    expect(started).toEqual([readPidFile(service.pidFile)!.pid]);
    keeper.release();
    await stopService(service);
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
