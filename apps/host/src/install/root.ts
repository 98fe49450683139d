import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { readIfThere, writeWhole } from '../files.ts';
import type { Progress } from '../progress.ts';
import { run } from '../run.ts';
import { ensurePrograms } from './apt.ts';
import { machineHome } from './installation.ts';
import { MmdebstrapProgress } from './mmdebstrap-progress.ts';

/** Debian's testing suite: stable has no Asterisk, and an older Postgres. */
export const SUITE = 'forky';
export const PACKAGES = [
  'asterisk',
  'asterisk-core-sounds-en-wav',
  'asterisk-moh-opsound-wav',
  'ca-certificates',
  'postgresql',
];

/** Versions of the packages in a root, of those that matter. */
export function versionsIn(root: string): { asterisk: string; postgres: string } {
  const status = dpkgStatus(root);
  return { asterisk: packageVersion(status, 'asterisk') ?? '?', postgres: postgresVersion(status) ?? '?' };
}

/** What dpkg knows of a root; empty: nothing. */
export const dpkgStatus = (root: string): string => readIfThere(join(root, 'var/lib/dpkg/status')) ?? '';

/** Version of a package in dpkg's status file. */
export function wholeVersion(status: string, name: string): string | null {
  const block = status.split('\n\n').find((b) => b.startsWith(`Package: ${name}\n`));
  return /^Version: (.+)$/m.exec(block ?? '')?.[1] ?? null;
}

/** The same, without epoch and Debian's own parts: `1:22.10.1~dfsg-1` is `22.10.1`. */
export function packageVersion(status: string, name: string): string | null {
  const version = /^(?:\d+:)?([0-9.]+)/.exec(wholeVersion(status, name) ?? '')?.[1];
  return version?.replace(/\.$/, '') ?? null;
}

function postgresVersion(status: string): string | null {
  const name = /^Package: (postgresql-\d+)$/m.exec(status)?.[1];
  return name ? packageVersion(status, name) : null;
}

/** Postgres's programs inside the root. */
export function postgresBin(root: string): string {
  const versions = readdirSync(join(root, 'usr/lib/postgresql')).sort((a, b) => Number(b) - Number(a));
  return `/usr/lib/postgresql/${versions[0]}/bin`;
}

/** Postgres's major version in a root. */
export function postgresMajor(root: string): string | null {
  return /postgresql\/(\d+)/.exec(postgresBin(root))?.[1] ?? null;
}

/** Makes a root; to be called by whoever has `root.lock`. */
export async function makeRoot(root: string, progress: Progress): Promise<void> {
  mkdirSync(machineHome(), { recursive: true, mode: 0o755 });
  await ensurePrograms({ mmdebstrap: 'mmdebstrap' }, progress);
  // Whatever an interrupted `up` left behind.
  for (const name of readdirSync(machineHome())) {
    if (name.startsWith('root-') && name.endsWith('.new')) {
      rmSync(join(machineHome(), name), { recursive: true, force: true });
    }
  }
  const fresh = `${root}.new`;
  const log = `${root}.log`;
  let { code, output } = await mmdebstrap(fresh, [], progress);
  if (code !== 0 && isExpired(output)) {
    progress.note("the mirror's Release file is past its date (a frozen mirror?); its signature holds, so going on");
    rmSync(fresh, { recursive: true, force: true });
    ({ code, output } = await mmdebstrap(fresh, ['--aptopt=Acquire::Check-Valid-Until "false"'], progress));
  }
  writeWhole(log, output, 0o644);
  if (code !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    const reason = output
      .split('\n')
      .filter((line) => /^(E|Err|W):/.test(line))
      .slice(-5)
      .join('\n  ');
    throw new Failure(
      `Asterisk and PostgreSQL could not be installed:\n  ${reason}\nThe whole log: ${log}\n` +
        'Is the Debian mirror reachable (./littlepbx doctor)? Then run the same command again.',
    );
  }
  renameSync(fresh, root);
}

/** apt's words when a Release file is older than its Valid-Until. */
export function isExpired(output: string): boolean {
  return /Release file for .* is expired/.test(output);
}

function mmdebstrap(target: string, options: string[], progress: Progress) {
  const parser = new MmdebstrapProgress();
  return run(
    'mmdebstrap',
    ['--verbose', '--variant=minbase', ...options, `--include=${PACKAGES.join(',')}`, SUITE, target],
    {
      env: { PATH: process.env.PATH, HOME: '/root', LC_ALL: 'C.UTF-8', ...proxyEnv() },
      onLine: (line) => progress.percent(parser.line(line)),
    },
  );
}

/** How this machine reaches a mirror, for programs that get a clean environment. */
export function proxyEnv(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(names.flatMap((n) => (process.env[n] ? [[n, process.env[n]]] : [])));
}

/**
 * The host's DNS settings and name, as they are today: without its own name in /etc/hosts every SDP costs Asterisk two
 * failing look-ups, and calls take minutes.
 */
export function refreshNames(root: string): void {
  const names = {
    'etc/hosts': withOwnName(readFileSync('/etc/hosts', 'utf8'), hostname()),
    'etc/resolv.conf': readIfThere('/etc/resolv.conf') ?? '',
  };
  for (const [file, content] of Object.entries(names)) {
    // What is so already is not written: the engine must start on a full disk too.
    if (readIfThere(join(root, file)) !== content) writeWhole(join(root, file), content, 0o644);
  }
}

/** A hosts file that certainly has this name. */
export function withOwnName(hosts: string, name: string): string {
  const isThere = hosts.split('\n').some((line) => (line.split('#')[0] ?? '').split(/\s+/).slice(1).includes(name));
  return isThere ? hosts : `${hosts.trimEnd()}\n127.0.1.1 ${name}\n`;
}
