/**
 * One whole LittlePBX as a newcomer gets it: `./littlepbx up` on an empty data folder, with ports of its own and a short
 * RTP timeout. Used through its API, SIP and files; ARI only to look for what is left over.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const APP = fileURLToPath(new URL('../..', import.meta.url));

/** Where an installation is; plain data, so that it can be handed to the test workers. */
export interface Installation {
  data: string;
  web: string;
  sipPort: number;
  tlsPort: number;
  ariPort: number;
  /** No media for this long ends a call. Seconds. */
  rtpTimeoutInS: number;
}

export interface Output {
  code: number;
  out: string;
  err: string;
}

/**
 * Which of the files that run at once this one is: 1, 2, … in workers, 0 outside of them. None of them takes what another
 * has found free and not opened yet.
 */
const PLACE = Number(process.env.VITEST_POOL_ID ?? 0);
const PLACES = 3;

/**
 * Commands of tests that run side by side, in one file: more than the machine can carry keep each other from their
 * deadlines.
 */
const AT_ONCE = availableParallelism();
let running = 0;
const waiting: (() => void)[] = [];

export interface Typed {
  /** Folder of another version than this one. */
  app?: string;
  /** A command that runs it elsewhere, such as in a namespace. */
  enter?: readonly string[];
}

/** Runs `./littlepbx` as a person would. */
export async function littlepbx(args: readonly string[], typed: Typed = {}): Promise<Output> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await run(args, typed);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

function run(args: readonly string[], { app = APP, enter = [] }: Typed): Promise<Output> {
  const [program, ...words] = [...enter, join(app, 'littlepbx'), ...args];
  const child = spawn(program!, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    text.out += data;
  });
  child.stderr.on('data', (data) => {
    text.err += data;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, ...text }));
  });
}

export interface StartOptions {
  rtpTimeoutInS?: number;
  /** Of the data folder's name. */
  prefix?: string;
  /** Further options of `up`. */
  args?: readonly string[];
  typed?: Typed;
}

/** Starts one from nothing; what `up` said is in the error when it fails. */
export async function startInstallation({
  rtpTimeoutInS = 5,
  prefix = 'h-e2e-',
  args = [],
  typed = {},
}: StartOptions = {}): Promise<Installation> {
  const data = await mkdtemp(join(tmpdir(), prefix));
  const { flags, ...where } = await newPorts();
  // Receivers of webhooks are on this machine, too.
  const flagsOfTests = ['--rtp-timeout-in-s', String(rtpTimeoutInS), '--webhook-networks', '127.0.0.0/8'];
  const { code, out, err } = await littlepbx(
    ['up', '--data', data, '--detach', ...flagsOfTests, ...flags, ...args],
    typed,
  );
  if (code !== 0) throw new Error(`./littlepbx up ended with ${code}:\n${out}\n${err}`);
  return { data, ...where, rtpTimeoutInS };
}

/** Ports of an installation of its own, as flags of `up` and `restore`. */
export async function newPorts(): Promise<
  Pick<Installation, 'web' | 'sipPort' | 'tlsPort' | 'ariPort'> & { flags: string[] }
> {
  const ports = await freePorts(7);
  const [web, sipPort, tlsPort, pgPort, ariPort, amiPort, carrierTlsPort] = ports as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Outside of the range that Linux hands out, and of the phones' (21000-29998).
  const rtp = 10_000 + 400 * (8 * (PLACE % PLACES) + Math.floor(Math.random() * 8));
  const flags = [
    ...['--web-port', String(web), '--sip-port', String(sipPort), '--sip-tls-port', String(tlsPort)],
    ...['--sip-carrier-tls-port', String(carrierTlsPort)],
    ...['--pg-port', String(pgPort), '--ari-port', String(ariPort), '--ami-port', String(amiPort)],
    ...['--rtp-ports', `${rtp}-${rtp + 399}`],
  ];
  return { flags, web: `http://127.0.0.1:${web}`, sipPort, tlsPort, ariPort };
}

/** One that runs already, for whoever writes tests: `LITTLEPBX_E2E_DATA=DIR`. */
export function runningInstallation(data: string): Installation {
  const { web, sip, rtp, ari } = JSON.parse(readFileSync(join(data, 'installation.json'), 'utf8'));
  return {
    data,
    web: `http://127.0.0.1:${web.port}`,
    sipPort: sip.port,
    tlsPort: sip.tlsPort,
    ariPort: ari.port,
    rtpTimeoutInS: rtp.timeoutInS,
  };
}

/** Stops it and proves that nothing of it is left. */
export async function stopInstallation({ data }: Installation): Promise<void> {
  const { code, out, err } = await littlepbx(['uninstall', '--yes', '--data', data]);
  if (code !== 0) throw new Error(`./littlepbx uninstall ended with ${code}:\n${out}\n${err}`);
  if (existsSync(data)) throw new Error(`./littlepbx uninstall left something in ${data}: ${readdirSync(data)}`);
}

const PORTS_OF_PLACE = 900;
/** Found for somebody who may not have opened them yet. */
const taken = new Set<number>();

/** Free for TCP and UDP on every address, below the ports that Linux hands out by itself. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = 30_000 + PORTS_OF_PLACE * (PLACE % PLACES) + Math.floor(Math.random() * PORTS_OF_PLACE);
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    found.push(port);
  }
  return found;
}

async function isFree(port: number): Promise<boolean> {
  const tcp = await new Promise<boolean>((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
  if (!tcp) return false;
  return new Promise<boolean>((resolve) => {
    const socket = createSocket('udp4').once('error', () => resolve(false));
    socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(true)));
  });
}
