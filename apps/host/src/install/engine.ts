import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { AUTHORITIES, prepareEngineFiles } from '@littlepbx/engine/asterisk';
import { GUARD_MODULE, renderConf } from '@littlepbx/engine/asterisk/conf';
import { localAddresses, localNetworks } from '../addresses.ts';
import { Failure } from '../failure.ts';
import { ensureFolder, readIfThere, writeWhole } from '../files.ts';
import { run, which } from '../run.ts';
import { FETCHED } from '../sounds/folder.ts';
import { INSIDE, type Installation, type Paths } from './installation.ts';
import type { Secrets } from './secrets.ts';
import type { Users } from './users.ts';

/** ARI requests over its WebSocket need 22.4; 22.10.1 closes two ARI security holes. */
const MIN_VERSION = [22, 10, 1];

/** An Asterisk to run. */
export interface EngineProgram {
  /** Its `/`. */
  root: string;
  /** As seen from `root`. */
  path: string;
  /** Null: that of the isolated root. */
  version: string | null;
}

/** Asterisk as asked for: `auto` takes one on PATH that is new enough; null = the isolated root's. */
export async function findOwnAsterisk(wish: string): Promise<EngineProgram | null> {
  const path = wish === 'auto' ? await which('asterisk') : wish;
  if (path === null) return null;
  if (!existsSync(path)) throw new Failure(`There is no Asterisk at ${path}. Give --asterisk another path, or auto.`);
  const { output } = await run(path, ['-V']);
  const version = /Asterisk (?:certified-)?([0-9.]+)/.exec(output)?.[1] ?? null;
  if (version !== null && isNewEnough(version)) return { root: '/', path, version };
  if (wish === 'auto') return null;
  throw new Failure(`${path} is Asterisk ${version ?? 'of an unknown version'}; LittlePBX needs 22.10.1 or newer.`);
}

/** Whether a version is 22.10.1 or later. */
export function isNewEnough(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [i, min] of MIN_VERSION.entries()) {
    const part = parts[i] ?? 0;
    if (part !== min) return part > min;
  }
  return true;
}

/** Where a build keeps its modules and sounds; Debian's multiarch folder, Red Hat's, and a build from source. */
export function builtInPaths(root: string): { modules: string; share: string } {
  const libs = existsSync(join(root, 'usr/lib')) ? readdirSync(join(root, 'usr/lib')) : [];
  const multiarch = libs.filter((name) => name.endsWith('-linux-gnu')).map((name) => `/usr/lib/${name}`);
  const modules = [...multiarch, '/usr/lib64', '/usr/lib', '/usr/local/lib']
    .map((lib) => `${lib}/asterisk/modules`)
    .find((path) => existsSync(join(root, path)));
  const share = ['/usr/share/asterisk', '/var/lib/asterisk'].find((path) => existsSync(join(root, path, 'sounds')));
  if (!modules || !share) {
    throw new Failure('The Asterisk that is there has its modules or sounds in an unknown place; use --asterisk auto.');
  }
  return { modules, share };
}

/** The engine's files as brain and engine see them. */
export const ENGINE_FILES = {
  etc: `${INSIDE.engine}/etc`,
  configDb: `${INSIDE.engine}/shared/config.sqlite`,
  stateDb: `${INSIDE.engine}/shared/state.sqlite`,
  spool: `${INSIDE.files}/spool`,
  log: `${INSIDE.engine}/log`,
  run: `${INSIDE.engine}/run`,
  lib: `${INSIDE.engine}/lib`,
  data: `${INSIDE.engine}/data`,
  certFile: `${INSIDE.engine}/tls/server.pem`,
  keyFile: `${INSIDE.engine}/tls/server.key`,
  caFile: `${INSIDE.engine}/tls/ca.pem`,
  authoritiesFile: `${INSIDE.engine}/shared/${AUTHORITIES}`,
} as const;

/** The engine's folders, and the sounds'. `shared` and `spool` are brain's and engine's together, by the brain's group. */
export function ensureEngineFolders(paths: Paths, users: Users): void {
  const both = { uid: users.engine.uid, gid: users.brain.gid };
  ensureFolder(paths.engine, 0o750, both);
  ensureFolder(join(paths.engine, 'etc'), 0o750, users.engine);
  ensureFolder(join(paths.engine, 'tls'), 0o750, users.engine);
  // The brain looks which languages are there.
  ensureFolder(join(paths.engine, 'data'), 0o750, both);
  for (const name of ['log', 'run', 'lib']) ensureFolder(join(paths.engine, name), 0o750, users.engine);
  // setgid, and a umask of 007 in both processes: SQLite's -wal and -shm must be writable by either.
  ensureFolder(join(paths.engine, 'shared'), 0o2770, both);
  // The brain's, and the engine reads it by its group; it writes the spool alone. One folder and one mount for both, so
  // that a finished recording is moved by a rename.
  ensureFolder(paths.files, 0o2750, users.brain);
  for (const name of ['spool', 'spool/recording']) ensureFolder(join(paths.files, name), 0o2770, both);
  const configDb = hostPath(paths, ENGINE_FILES.configDb);
  const stateDb = hostPath(paths, ENGINE_FILES.stateDb);
  prepareEngineFiles({ configDb, stateDb });
  for (const file of [configDb, stateDb]) chownSync(file, both.uid, both.gid);
}

/**
 * What came with the engine, by links; only its sounds are ours to choose. A link to a language that is not there (yet)
 * leads nowhere, and the engine takes English.
 */
function linkData(paths: Paths, program: EngineProgram): void {
  const { share } = builtInPaths(program.root);
  const data = hostPath(paths, ENGINE_FILES.data);
  const links = new Map<string, string>();
  for (const name of readdirSync(join(program.root, share))) {
    if (name !== 'sounds') links.set(name, join(share, name));
  }
  links.set('sounds/en', join(share, 'sounds/en'));
  for (const language of FETCHED) links.set(join('sounds', language), join(INSIDE.sounds, language));
  mkdirSync(join(data, 'sounds'), { recursive: true });
  for (const [name, target] of links) {
    const path = join(data, name);
    if (lstatSync(path, { throwIfNoEntry: false }) && readlinkSync(path) === target) continue;
    rmSync(path, { recursive: true, force: true });
    symlinkSync(target, path);
  }
}

/** A file of `ENGINE_FILES` as the host sees it. */
function hostPath(paths: Paths, inside: string): string {
  return join(paths.engine, inside.slice(INSIDE.engine.length));
}

/** Asterisk's static files. They take effect when the engine is started next. */
export function writeEngineConf(
  paths: Paths,
  users: Users,
  installation: Installation,
  secrets: Secrets,
  program: EngineProgram,
): void {
  linkData(paths, program);
  const conf = engineConf(installation, secrets, program);
  const etc = join(paths.engine, 'etc');
  for (const name of readdirSync(etc)) if (!(name in conf)) rmSync(join(etc, name), { recursive: true });
  for (const [name, content] of Object.entries(conf)) writeWhole(join(etc, name), content, 0o600, users.engine);
}

/** Whether the engine that runs was started with the files that this version would write. */
export function isEngineConfCurrent(
  paths: Paths,
  installation: Installation,
  secrets: Secrets,
  program: EngineProgram,
): boolean {
  const conf = engineConf(installation, secrets, program);
  const etc = join(paths.engine, 'etc');
  return (
    readdirSync(etc).every((name) => name in conf) &&
    Object.entries(conf).every(([name, content]) => readIfThere(join(etc, name)) === content)
  );
}

function engineConf(installation: Installation, secrets: Secrets, program: EngineProgram): Record<string, string> {
  const { publicAddress } = installation.sip;
  const builtIn = builtInPaths(program.root);
  const isOwnAddress = localAddresses().some((a) => a.address === publicAddress);
  return renderConf({
    // Without NAT there is nothing to rewrite in SIP and SDP.
    sip: {
      bind: installation.sip.bind,
      port: installation.sip.port,
      tlsPort: installation.sip.tlsPort,
      carrierTlsPort: installation.sip.carrierTlsPort,
      publicAddress: isOwnAddress ? null : publicAddress,
      localNets: localNetworks(),
    },
    rtp: { from: installation.rtp.from, to: installation.rtp.to },
    ari: { host: '127.0.0.1', port: installation.ari.port, user: 'littlepbx', password: secrets.ari },
    ami: { host: '127.0.0.1', port: installation.ami.port, user: 'littlepbx', password: secrets.ami },
    paths: { ...ENGINE_FILES, ...builtIn, authoritiesFolder: '/etc/ssl/certs' },
    rtpTimeoutInS: installation.rtp.timeoutInS,
    hasFirewall: installation.firewall.isActive,
    hasGuard: existsSync(join(program.root, builtIn.modules, GUARD_MODULE)),
    maxCalls: 1000 * availableParallelism(),
  });
}
