/**
 * Isolated roots of this machine, and who runs from which. A root is never changed once it is made; newer packages get
 * another one beside it:
 *
 *     root-forky-33004140      the first one of this list of packages
 *     root-forky-33004140-2    the same list, newer packages: made by `upgrade --engine`
 *
 * Each installation remembers its roots by name and leaves them at `upgrade --engine` alone, or at an `up` of a version
 * with another list. A new one takes the newest.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readIfThere } from '../files.ts';
import { withLock } from '../lock.ts';
import { type Installation, loadInstallation, machineHome, type Paths, type Roots } from './installation.ts';
import { otherInstallations } from './installations.ts';
import { PACKAGES, postgresMajor, SUITE } from './root.ts';

/** What all roots of this version's list begin with. */
const LIST = `root-${SUITE}-${createHash('sha256').update(PACKAGES.join(',')).digest('hex').slice(0, 8)}`;
const NAME = /^root-[a-z]+-[0-9a-f]{8}(-\d+)?$/;

/** Held while a root is made or removed. */
export const rootLock = (): string => join(machineHome(), 'root.lock');

const numberOf = (name: string): number => Number(/-\d+$/.exec(name.slice(LIST.length))?.[0].slice(1) ?? 1);
const isOfThisList = (name: string): boolean => NAME.test(name) && (name === LIST || name.startsWith(`${LIST}-`));

/** Names of the roots of this list that are here, the newest first. */
function rootsHere(): string[] {
  const names = existsSync(machineHome()) ? readdirSync(machineHome()) : [];
  return names.filter(isOfThisList).sort((a, b) => numberOf(b) - numberOf(a));
}

/** Path of the newest root of this version's list, or of the first one that will be. */
export function newestRoot(): string {
  return join(machineHome(), rootsHere()[0] ?? LIST);
}

/** Path of the next root of this list. */
export function nextRoot(): string {
  const [newest] = rootsHere();
  return join(machineHome(), newest === undefined ? LIST : `${LIST}-${numberOf(newest) + 1}`);
}

/** Paths of the roots that an installation runs from. One of a version that remembered none uses the first of its list. */
export function rootsOf({ roots }: Pick<Installation, 'roots'>): Roots {
  const pathOf = (name: string | undefined): string =>
    join(machineHome(), name !== undefined && NAME.test(name) && existsSync(join(machineHome(), name)) ? name : LIST);
  return { engine: pathOf(roots?.engine), db: pathOf(roots?.db) };
}

/**
 * For an installation that is at rest: it stays where it was, if that is here and of this version's list; else the newest,
 * and of those whose Postgres reads its data.
 */
export function chooseRoots(installation: Installation, paths: Paths): void {
  const isRight = (name: string | undefined): name is string => name !== undefined && rootsHere().includes(name);
  const { engine, db } = installation.roots ?? {};
  const newest = basename(newestRoot());
  installation.roots = {
    engine: isRight(engine) ? engine : newest,
    db: isRight(db) ? db : (rootsHere().find((name) => readsDataOf(join(machineHome(), name), paths)) ?? newest),
  };
}

/** Whether the Postgres of a root can run on the data that is there. */
export function readsDataOf(root: string, paths: Paths): boolean {
  const data = readIfThere(join(paths.db, 'data/PG_VERSION'))?.trim();
  return data === undefined || data === postgresMajor(root);
}

/**
 * Removes a root that no installation remembers and no process runs from. Those of a version that remembered none might
 * use any.
 * @returns who uses it, null when it is gone
 */
export async function removeUnused(root: string): Promise<string | null> {
  return withLock(
    rootLock(),
    () => {},
    async () => {
      const user = userOf(root);
      if (user === null) for (const path of [root, `${root}.log`]) rmSync(path, { recursive: true, force: true });
      return user;
    },
  );
}

function userOf(root: string): string | null {
  const remembered = otherInstallations('').find((data) => {
    const installation = loadInstallation(data);
    if (installation?.roots) return Object.values(installation.roots).includes(basename(root));
    return installation !== null && !(installation.db.isExternal && installation.asterisk !== 'auto');
  });
  if (remembered !== undefined) return remembered;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isRunningIn(Number(name), root));
  return pid === undefined ? null : `process ${pid}`;
}

/** Whether a process has this folder as its `/`. */
export function isRunningIn(pid: number, root: string): boolean {
  const [its, there] = [`/proc/${pid}/root/`, root].map((path) => {
    try {
      return statSync(path);
    } catch {
      return null;
    }
  });
  return its != null && there != null && its.dev === there.dev && its.ino === there.ino;
}
