import { isIP } from 'node:net';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { readJson, writeWhole } from '../files.ts';

/** Names of isolated roots; the engine's means nothing when it is an Asterisk of the machine's own. */
export interface Roots {
  engine: string;
  db: string;
}

/**
 * What `up` was told, remembered in `DATA/installation.json` (no secrets in it). The operator's CLI reads `web` from it,
 * the tests `sip` and `rtp`.
 */
export interface Installation {
  version: 1;
  /** `publicUrl`: where people reach it, when that is another address: a proxy with a name and a certificate. */
  web: { host: string; port: number; publicUrl?: string };
  /** `carrierTlsPort`: TLS with carriers whose certificate is verified. */
  sip: { bind: string; port: number; tlsPort: number; carrierTlsPort: number; publicAddress: string | null };
  /** `timeoutInS`: no media for this long ends a call. Seconds. */
  rtp: { from: number; to: number; timeoutInS: number };
  /** `isExternal`: the database is somebody else's; its URL is a secret. */
  db: { port: number; isExternal: boolean };
  ari: { port: number };
  ami: { port: number };
  log: { personalData: 'plain' | 'hashed' | 'removed' };
  /** Banned addresses are kept out by nftables: whether they may be, and whether they can (tried at `up`). */
  firewall: { isWanted: boolean; isActive: boolean };
  /** CIDRs that organizations' webhooks may call although they are private or take unencrypted requests. */
  webhooks: { networks: string[] };
  /** `auto`: one on PATH that is new enough, else the isolated root's; or the path of a binary. */
  asterisk: string;
  /** Isolated roots that engine and database run from, by name; missing when neither does. */
  roots?: Roots;
  /** What was installed, for `doctor` and for whoever reports a fault. */
  versions: Record<string, string>;
}

/** What can be said on the command line of `up`; undefined = as it was. */
export interface UpFlags {
  webHost?: string;
  webPort?: number;
  /** Empty string: forget it. */
  publicUrl?: string;
  sipBind?: string;
  sipPort?: number;
  sipTlsPort?: number;
  sipCarrierTlsPort?: number;
  rtpPorts?: { from: number; to: number };
  rtpTimeoutInS?: number;
  pgPort?: number;
  ariPort?: number;
  amiPort?: number;
  /** Empty string: forget it. */
  publicAddress?: string;
  /** Empty string: back to the own Postgres. */
  databaseUrl?: string;
  asterisk?: string;
  logPersonalData?: Installation['log']['personalData'];
  firewall?: boolean;
  /** Empty: none. */
  webhookNetworks?: string[];
}

const DEFAULTS: Installation = {
  version: 1,
  web: { host: '0.0.0.0', port: 8080 },
  sip: { bind: '0.0.0.0', port: 5060, tlsPort: 5061, carrierTlsPort: 5062, publicAddress: null },
  rtp: { from: 10_000, to: 19_999, timeoutInS: 60 },
  // Not 5432: a machine that has a Postgres already is no reason to fail.
  db: { port: 54_320, isExternal: false },
  ari: { port: 8088 },
  ami: { port: 5038 },
  log: { personalData: 'plain' },
  firewall: { isWanted: true, isActive: false },
  webhooks: { networks: [] },
  asterisk: 'auto',
  versions: {},
};

/** Where everything of one installation lies, as the host sees it. */
export function pathsOf(data: string) {
  return {
    data,
    installation: join(data, 'installation.json'),
    secrets: join(data, 'secrets.json'),
    operatorKey: join(data, 'operator.key'),
    demo: join(data, 'demo.json'),
    ca: join(data, 'ca.pem'),
    caKey: join(data, 'ca.key'),
    log: join(data, 'log'),
    run: join(data, 'run'),
    db: join(data, 'db'),
    engine: join(data, 'engine'),
    brain: join(data, 'brain'),
    files: join(data, 'files'),
  };
}
export type Paths = ReturnType<typeof pathsOf>;

/** Every process sees its folders here, in its own mount namespace; so DATA itself may be closed to all but root. */
export const INSIDE = {
  app: '/run/littlepbx/app',
  node: '/run/littlepbx/node',
  brain: '/run/littlepbx/brain',
  engine: '/run/littlepbx/engine',
  db: '/run/littlepbx/db',
  files: '/run/littlepbx/files',
  sounds: '/run/littlepbx/sounds',
  fetch: '/run/littlepbx/fetch',
} as const;

/** Folder that all installations of this machine share: Node, isolated roots. */
export function machineHome(): string {
  return process.env.LITTLEPBX_HOME ?? '/var/lib/littlepbx';
}

/** DATA when nobody says `--data`. */
export function defaultData(): string {
  return join(machineHome(), 'data');
}

/** The installation in this folder, null when there is none. */
export function loadInstallation(data: string): Installation | null {
  const stored = readJson<Partial<Installation>>(pathsOf(data).installation);
  return stored && { ...DEFAULTS, ...stored, sip: { ...DEFAULTS.sip, ...stored.sip } };
}

/** As `loadInstallation`, for commands that need one. */
export function needInstallation(data: string): Installation {
  const installation = loadInstallation(data);
  if (!installation) throw new Failure(`There is no installation in ${data}. Make one: ./littlepbx up --data ${data}`);
  return installation;
}

export function saveInstallation(data: string, installation: Installation): void {
  // Readable for all, but DATA is not: only root gets here.
  writeWhole(pathsOf(data).installation, `${JSON.stringify(installation, null, 2)}\n`, 0o644);
}

/** The installation as it shall be: what is remembered (or the defaults), changed by the flags. */
export function withFlags(remembered: Installation | null, flags: UpFlags): Installation {
  const base = remembered ?? DEFAULTS;
  const publicUrl = flags.publicUrl ?? base.web.publicUrl;
  const next: Installation = {
    version: 1,
    web: {
      host: flags.webHost ?? base.web.host,
      port: flags.webPort ?? base.web.port,
      ...(publicUrl ? { publicUrl } : {}),
    },
    sip: {
      bind: flags.sipBind ?? base.sip.bind,
      port: flags.sipPort ?? base.sip.port,
      tlsPort: flags.sipTlsPort ?? base.sip.tlsPort,
      carrierTlsPort: flags.sipCarrierTlsPort ?? base.sip.carrierTlsPort ?? DEFAULTS.sip.carrierTlsPort,
      publicAddress: flags.publicAddress === undefined ? base.sip.publicAddress : flags.publicAddress || null,
    },
    rtp: {
      from: flags.rtpPorts?.from ?? base.rtp.from,
      to: flags.rtpPorts?.to ?? base.rtp.to,
      timeoutInS: flags.rtpTimeoutInS ?? base.rtp.timeoutInS,
    },
    db: {
      port: flags.pgPort ?? base.db.port,
      isExternal: flags.databaseUrl === undefined ? base.db.isExternal : flags.databaseUrl !== '',
    },
    ari: { port: flags.ariPort ?? base.ari.port },
    ami: { port: flags.amiPort ?? base.ami.port },
    log: { personalData: flags.logPersonalData ?? base.log.personalData },
    firewall: { ...base.firewall, isWanted: flags.firewall ?? base.firewall.isWanted },
    webhooks: { networks: flags.webhookNetworks ?? base.webhooks.networks },
    asterisk: flags.asterisk ?? base.asterisk,
    ...(base.roots ? { roots: base.roots } : {}),
    versions: base.versions,
  };
  checkPorts(next);
  return next;
}

function checkPorts(i: Installation): void {
  const used = new Map<number, string>();
  const named: [string, number][] = [
    ['--web-port', i.web.port],
    ['--sip-port', i.sip.port],
    ['--sip-tls-port', i.sip.tlsPort],
    ['--sip-carrier-tls-port', i.sip.carrierTlsPort],
    ['--ari-port', i.ari.port],
    ['--ami-port', i.ami.port],
    ...(i.db.isExternal ? [] : ([['--pg-port', i.db.port]] as [string, number][])),
  ];
  for (const [flag, port] of named) {
    const other = used.get(port);
    if (other) throw new Failure(`${flag} and ${other} are both ${port}. Give one of them another port.`);
    used.set(port, flag);
  }
  for (const [flag, port] of named.filter(([f]) => f.startsWith('--sip'))) {
    if (port >= i.rtp.from && port <= i.rtp.to) {
      throw new Failure(`${flag} ${port} lies within --rtp-ports ${i.rtp.from}-${i.rtp.to}. Move one of them.`);
    }
  }
  if (i.rtp.to - i.rtp.from < 3) {
    throw new Failure('--rtp-ports is too small: a call takes 4 ports, so give some thousands, as 10000-19999.');
  }
}

/** `10000-19999` as two ports. */
export function parsePortRange(text: string): { from: number; to: number } {
  const match = /^(\d+)-(\d+)$/.exec(text);
  const from = Number(match?.[1]);
  const to = Number(match?.[2]);
  if (!match || from < 1024 || to > 65_535 || from >= to) {
    throw new Failure(`--rtp-ports is '${text}'; write it as 10000-19999 (within 1024-65535).`);
  }
  return { from, to };
}

/** `10.0.0.0/8,fd00::/8` as CIDRs; nothing: none. */
export function parseNetworks(text: string): string[] {
  const all = text.split(',').filter((one) => one !== '');
  for (const one of all) {
    const [address = '', bits = ''] = one.split('/');
    const family = isIP(address);
    if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) {
      throw new Failure(`'${one}' is no network; write it as 10.0.0.0/8, several with commas between.`);
    }
  }
  return all;
}

/** A port given as text. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Failure(`'${text}' is no port (1-65535).`);
  return port;
}
