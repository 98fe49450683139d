import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../failure.ts';
import type { Owner } from '../files.ts';
import { identify, type ProcessId } from './process-id.ts';

/** A program in its own session and mount namespace, under an unprivileged user. */
export interface Launch {
  /** Its `/`: an isolated root, or the host's. */
  root: string;
  user: Owner;
  /** Further groups. */
  groups: number[];
  /** Folders and files of the host, and where the program sees them. */
  binds: { from: string; to: string; isReadOnly?: boolean }[];
  env: Record<string, string>;
  /** Program and arguments, as seen from `root`. No secret in them. */
  command: string[];
  /** Nice value, -20 (first) to 19; 0 when left out. */
  nice?: number;
  /** File that gets stdout and stderr, appended. */
  log: string;
}

/**
 * Arguments: root, user:group, groups, number of binds, then mode, source and target of each, then the command. Every
 * step replaces the one before (`exec`), so the pid that `spawn` gives is the program's own.
 * The umask lets brain and engine share files by their group. `mount` is private to this process: `unshare -m`.
 */
const SCRIPT = `
set -e
root=$1 user=$2 groups=$3 count=$4
shift 4
if [ "$root" != / ]; then
  mount --rbind /dev "$root/dev"
  mount --rbind /proc "$root/proc"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
fi
while [ "$count" -gt 0 ]; do
  mount --bind "$2" "$root/$3"
  if [ "$1" = ro ]; then mount -o remount,bind,ro "$root/$3"; fi
  shift 3
  count=$((count - 1))
done
umask 0007
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
ulimit -c 0
exec chroot --userspec="$user" --groups="$groups" "$root" "$@"
`;

/** Starts a program that outlives us. */
export function launch(o: Launch): { child: ChildProcess; id: ProcessId } {
  const log = openSync(o.log, 'a', 0o640);
  try {
    const child = spawnIsolated(o, ['ignore', log, log], true);
    child.unref();
    if (child.pid !== undefined && o.nice !== undefined) preferred(child.pid, o.nice);
    const id = child.pid === undefined ? null : identify(child.pid);
    if (!id) throw new Failure(`${o.command[0]} could not be started: see ${o.log}`);
    return { child, id };
  } finally {
    closeSync(log);
  }
}

/** Inherited by what the program becomes, and its threads. In a container root may not; then it runs as all others. */
function preferred(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/**
 * Runs a program of the isolated root to its end; its output is in the failure when it fails.
 * @param stop ends it early, as a failure
 */
export async function runIsolated(o: Omit<Launch, 'log'>, stop?: AbortSignal): Promise<string> {
  const child = spawnIsolated(o, ['ignore', 'pipe', 'pipe'], false, stop);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Failure(`${o.command[0]} failed (exit ${code}):\n  ${output.trim().replaceAll('\n', '\n  ')}`);
  return output;
}

/** A program of the isolated root with its stdin and stdout as pipes; its stderr is kept for the message of a failure. */
export function pipeIsolated(o: Omit<Launch, 'log'>): ChildProcess {
  return spawnIsolated(o, ['pipe', 'pipe', 'pipe'], false);
}

function spawnIsolated(
  o: Omit<Launch, 'log'>,
  stdio: ('ignore' | 'pipe' | number)[],
  detached: boolean,
  signal?: AbortSignal,
): ChildProcess {
  makeMountPoints(o);
  const binds = o.binds.flatMap((b) => [b.isReadOnly ? 'ro' : 'rw', b.from, b.to]);
  return spawn(
    'unshare',
    [
      '-m',
      'sh',
      '-c',
      SCRIPT,
      'sh',
      o.root,
      `${o.user.uid}:${o.user.gid}`,
      o.groups.join(','),
      String(o.binds.length),
      ...binds,
      ...o.command,
    ],
    { stdio, detached, signal, cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', ...o.env } },
  );
}

/** What the binds are mounted on, inside of the root. */
export function makeMountPoints(o: Pick<Launch, 'root' | 'binds'>): void {
  for (const bind of o.binds) makeMountPoint(join(o.root, bind.to), bind.from);
}

/** An empty folder to mount on; an empty file when the source is the `node` binary. */
function makeMountPoint(target: string, from: string): void {
  const isFile = from.endsWith('/node');
  mkdirSync(isFile ? dirname(target) : target, { recursive: true, mode: 0o755 });
  if (isFile) writeFileSync(target, '', { flag: 'a' });
}
