import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
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
  for (const use of portsOf(next)) {
    const reason = await tryPort(use);
    if (reason === null) continue;
    if (reason === 'EADDRNOTAVAIL') {
      throw new Failure(`${use.host} is no address of this machine; choose another for ${use.name}.`);
    }
    const holder = holderOf(use.protocol, use.port);
    throw new Failure(
      `Port ${use.port}/${use.protocol} (${use.name}) is taken${holder ? ` by ${holder}` : ''}. ` +
        `Stop that, or choose another by ${use.flag} ${use.flag === '--rtp-ports' ? 'A-B' : 'N'} (\`doctor\` looks at all of them).`,
    );
  }
  return next;
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
      return `${readLines(`/proc/${pid}/comm`)[0]} (pid ${pid})`;
    }
  }
  return null;
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
