import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Client, createClient } from '@littlepbx/contract/client';
import { EngineConsole } from '../../test/kit/console.ts';
import { cpuOf, cpuOfFamily } from './cpu.ts';

const run = promisify(execFile);
const LITTLEPBX = fileURLToPath(new URL('../../littlepbx', import.meta.url));

export type ProcessName = 'brain' | 'engine' | 'db';
/** Processor time spent so far. Milliseconds. */
export type Cpu = Record<ProcessName, number>;

/** A LittlePBX of the bench's own, on loopback, thrown away afterwards. */
export interface Installation {
  data: string;
  web: string;
  sipPort: number;
  client: Client;
  /** The operator's key. */
  token: string;
  pgPort: number;
  console: EngineConsole;
  versions: Record<string, string>;
  /** Banned addresses are kept out by nftables. */
  firewall: boolean;
  /** The living process; throws when there is none. */
  pid(name: ProcessName): number;
  cpu(): Cpu;
  restart(name: ProcessName): Promise<void>;
  isReady(): Promise<boolean>;
  down(): Promise<void>;
}

/** Above the range that Linux gives to clients, so nobody gets them by chance. */
const FIRST_PORT = 64_000;
const LAST_PORT = 65_300;
const PORTS_EACH = 100;
let nextPorts = FIRST_PORT;

/** @param isLoaded it carries hundreds of calls, so it gets the big range of media ports (one installation at a time) */
export async function startInstallation(isLoaded = true): Promise<Installation> {
  const data = mkdtempSync(join(tmpdir(), 'littlepbx-bench-'));
  const remove = () => {
    execFileSync(LITTLEPBX, ['down', '--data', data], { stdio: 'ignore' });
    rmSync(data, { recursive: true, force: true });
  };
  const abandon = () => {
    remove();
    process.exit(130);
  };
  process.on('SIGINT', abandon).on('SIGTERM', abandon);
  const base = await freeBlock();
  const ports = {
    web: base,
    sip: base + 1,
    'sip-tls': base + 2,
    pg: base + 3,
    ari: base + 4,
    ami: base + 5,
  };
  const rtp = isLoaded ? '61000-63999' : `${base + 50}-${base + 99}`;
  const flags = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  await run(LITTLEPBX, [
    ...['up', '--detach', '--data', data, '--web-host', '127.0.0.1', '--sip-bind', '127.0.0.1', ...flags],
    // Silent calls must not be ended for their silence.
    ...['--rtp-ports', rtp, '--rtp-timeout-in-s', '3600'],
  ]).catch((error: unknown) => {
    // What did not get ready is left running for a look at it, and would hold the ports of the next.
    remove();
    throw error;
  });
  const web = `http://127.0.0.1:${ports.web}`;
  const token = readFileSync(join(data, 'operator.key'), 'utf8').trim();
  const client = createClient({ baseUrl: web, token, timeout: 120_000 });
  const pid = (name: ProcessName) => Number(readFileSync(join(data, 'run', `${name}.pid`), 'utf8').split(' ')[0]);
  const command = (...args: string[]) => run(LITTLEPBX, [...args, '--data', data]);
  const { versions, firewall } = JSON.parse(readFileSync(join(data, 'installation.json'), 'utf8')) as {
    versions: Record<string, string>;
    firewall: { isActive: boolean };
  };
  return {
    data,
    web,
    sipPort: ports.sip,
    client,
    token,
    pgPort: ports.pg,
    console: new EngineConsole(join(data, 'engine/run/asterisk.ctl')),
    versions,
    firewall: firewall.isActive,
    pid,
    cpu: () => ({ brain: cpuOf(pid('brain')), engine: cpuOf(pid('engine')), db: cpuOfFamily(pid('db')) }),
    async restart(name) {
      await command('restart', name);
    },
    isReady: () =>
      command('status').then(
        () => true,
        () => false,
      ),
    async down() {
      process.off('SIGINT', abandon).off('SIGTERM', abandon);
      await command('down');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Polls until `look` gives true. Milliseconds. */
export async function until(
  what: string,
  patience: number,
  look: () => boolean | Promise<boolean>,
  every = 20,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`not within ${patience} ms: ${what}`);
    await sleep(every);
  }
}

/** First of `PORTS_EACH` ports whose first one nobody listens on. */
async function freeBlock(): Promise<number> {
  while (nextPorts < LAST_PORT) {
    const base = nextPorts;
    nextPorts += PORTS_EACH;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(base, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return base;
  }
  throw new Error('no free ports for the bench');
}
