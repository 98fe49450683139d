import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { basename } from 'node:path';
import { Failure } from '../failure.ts';
import type { Installation, UpFlags } from './installation.ts';

export interface PortUse {
  /** Flag of `up` that moves it. */
  flag: string;
  /** What it is for. */
  name: string;
  protocol: 'tcp' | 'udp';
  host: string;
  port: number;
}

/** Ports that an installation listens on; of the RTP range the first and last stand for all. */
export function portsOf(i: Installation): PortUse[] {
  const ports: PortUse[] = [
    { flag: '--web-port', name: 'web', protocol: 'tcp', host: i.web.host, port: i.web.port },
    { flag: '--sip-port', name: 'SIP', protocol: 'udp', host: i.sip.bind, port: i.sip.port },
    { flag: '--sip-port', name: 'SIP', protocol: 'tcp', host: i.sip.bind, port: i.sip.port },
    { flag: '--sip-tls-port', name: 'SIP TLS', protocol: 'tcp', host: i.sip.bind, port: i.sip.tlsPort },
    {
      flag: '--sip-carrier-tls-port',
      name: 'SIP TLS with carriers',
      protocol: 'tcp',
      host: i.sip.bind,
      port: i.sip.carrierTlsPort,
    },
    { flag: '--rtp-ports', name: 'RTP', protocol: 'udp', host: i.sip.bind, port: i.rtp.from },
    { flag: '--rtp-ports', name: 'RTP', protocol: 'udp', host: i.sip.bind, port: i.rtp.to },
    { flag: '--ari-port', name: 'ARI', protocol: 'tcp', host: '127.0.0.1', port: i.ari.port },
    { flag: '--ami-port', name: 'AMI', protocol: 'tcp', host: '127.0.0.1', port: i.ami.port },
  ];
  if (!i.db.isExternal) {
    ports.push({ flag: '--pg-port', name: 'PostgreSQL', protocol: 'tcp', host: '127.0.0.1', port: i.db.port });
  }
  return ports;
}

/** Null when the port can be had, else why not (`EADDRINUSE`, `EADDRNOTAVAIL`, ...). */
export function tryPort(use: Pick<PortUse, 'protocol' | 'host' | 'port'>): Promise<string | null> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    if (use.protocol === 'udp') {
      const socket = createSocket(use.host.includes(':') ? 'udp6' : 'udp4');
      socket.once('error', failed);
      socket.bind(use.port, use.host, () => socket.close(() => resolve(null)));
    } else {
      const server = createServer();
      server.once('error', failed);
      server.listen(use.port, use.host, () => server.close(() => resolve(null)));
    }
  });
}

/** True when somebody takes connections on this port of 127.0.0.1, else null. */
export function isListening(port: number): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(null));
  });
}

/**
 * Sees to it that an installation that is not running finds its ports free. Internal ports that nobody chose move to the
 * next free one at the first `up`; for the others the user is told who has it.
 */
export async function claimPorts(i: Installation, flags: UpFlags, isFirst: boolean): Promise<Installation> {
  const next = structuredClone(i);
  const internal = [
    ['db', flags.pgPort],
    ['ari', flags.ariPort],
    ['ami', flags.amiPort],
  ] as const;
  if (isFirst) {
    for (const [name, chosen] of internal) {
      if (chosen !== undefined || (name === 'db' && i.db.isExternal)) continue;
      const taken = new Set(portsOf(next).map((p) => p.port));
      const isFree = async (port: number) =>
        (await tryPort({ protocol: 'tcp', host: '127.0.0.1', port })) === null &&
        (port === next[name].port || !taken.has(port));
      while (!(await isFree(next[name].port))) next[name].port += 1;
    }
  }
  // Carriers are told it by us, so it may move at any time.
  if (flags.sipCarrierTlsPort === undefined) {
    const others = new Set(portsOf({ ...next, sip: { ...next.sip, carrierTlsPort: 0 } }).map((p) => p.port));
    const isTaken = async (port: number) =>
      others.has(port) || (await tryPort({ protocol: 'tcp', host: next.sip.bind, port })) === 'EADDRINUSE';
    while (await isTaken(next.sip.carrierTlsPort)) next.sip.carrierTlsPort += 1;
  }
  const taken: PortUse[] = [];
  for (const use of portsOf(next)) {
    const reason = await tryPort(use);
    if (reason === 'EADDRNOTAVAIL') {
      throw new Failure(`${use.host} is no address of this machine; choose another for ${use.name}.`);
    }
    if (reason !== null) taken.push(use);
  }
  if (taken.length > 0) throw new Failure(await refusalOf(next, taken));
  return next;
}

/** All that is taken at once, with what would do instead: another installation beside this one needs many others. */
async function refusalOf(i: Installation, taken: PortUse[]): Promise<string> {
  const lines = taken.map((use) => {
    const holder = holderOf(use.protocol, use.port);
    return `  ${use.port}/${use.protocol} (${use.name})${holder ? ` by ${holder}` : ''}`;
  });
  const flags: string[] = [];
  const used = new Set(portsOf(i).map(({ port }) => port));
  for (const flag of new Set(taken.map((use) => use.flag))) {
    const free = await freeFor(
      portsOf(i).filter((use) => use.flag === flag),
      used,
    );
    for (const port of free ?? []) used.add(port);
    flags.push(`${flag} ${free?.join('-') ?? '...'}`);
  }
  return `These ports are taken:\n${lines.join('\n')}\nStop what has them, or add: ${flags.join(' ')}`;
}

/** The next ports that these uses of one flag could have, of a range its first and last. */
async function freeFor(uses: PortUse[], used: ReadonlySet<number>): Promise<number[] | undefined> {
  const ports = [...new Set(uses.map(({ port }) => port))];
  const step = ports.at(-1)! - ports[0]! + 1;
  for (let by = step; ports.at(-1)! + by <= 65_535; by += step) {
    const tries = uses.map((use) => ({ ...use, port: use.port + by }));
    if (tries.some(({ port }) => used.has(port))) continue;
    const reasons = await Promise.all(tries.map(tryPort));
    if (reasons.every((reason) => reason === null)) return ports.map((port) => port + by);
  }
  return undefined;
}

/** Who listens on a port: `name (pid 123)`, or null when it cannot be told. */
export function holderOf(protocol: 'tcp' | 'udp', port: number): string | null {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const file of [`/proc/net/${protocol}`, `/proc/net/${protocol}6`]) {
    for (const line of readLines(file)) {
      const fields = line.trim().split(/\s+/);
      // State 0A is listening; a UDP socket has 07.
      if (fields[1]?.endsWith(`:${hex}`) && (protocol === 'udp' || fields[3] === '0A')) inodes.add(fields[9] ?? '');
    }
  }
  if (inodes.size === 0) return null;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const target of socketsOf(pid)) {
      if (!inodes.has(target)) continue;
      return `${programOf(pid)} (pid ${pid})`;
    }
  }
  return null;
}

/** By its file: the main thread of Node calls itself `MainThread`. */
function programOf(pid: string): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return readLines(`/proc/${pid}/comm`)[0] ?? '?';
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
        return inode ? [inode] : [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
