/** The root that `upgrade --engine` moves to: the newest of this machine, or a new one when Debian has newer packages. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Failure, messageOf } from '../failure.ts';
import { isNewEnough } from '../install/engine.ts';
import { ensureRoot } from '../install/ensure-root.ts';
import { engineIn } from '../install/install.ts';
import { describePackages, newerPackages } from '../install/isolated-apt.ts';
import { versionsIn } from '../install/root.ts';
import { newestRoot, nextRoot, readsDataOf } from '../install/roots.ts';
import type { Installed } from '../processes/services.ts';
import type { Progress } from '../progress.ts';

/**
 * Makes it if need be, touching nothing that runs. One step of progress.
 * @returns the installation as it would run from there; itself when there is nothing newer, or no isolated engine
 */
export async function inNewestRoot(installed: Installed, progress: Progress): Promise<Installed> {
  progress.step('Looking for newer packages of Asterisk and PostgreSQL');
  const { engine, root, installation, paths, users } = installed;
  if (root === null) {
    progress.note(`${engine.path} is this machine's own, and not ours to renew`);
    return installed;
  }
  const newest = await withNewestPackages(installed, progress);
  await ensureRoot(newest, users, progress);
  const { asterisk } = versionsIn(newest);
  if (!isNewEnough(asterisk)) throw new Failure(`Nothing was changed: Debian's Asterisk ${asterisk} is too old.`);
  const isReadable = installation.db.isExternal || readsDataOf(newest, paths);
  if (!isReadable) {
    progress.note(`PostgreSQL ${versionsIn(newest).postgres} does not read the data that is here: the old one stays`);
  }
  return {
    ...installed,
    root: isReadable ? newest : root,
    engine: engine.root === '/' ? engine : engineIn(newest),
  };
}

async function withNewestPackages({ users }: Installed, progress: Progress): Promise<string> {
  const newest = newestRoot();
  if (!existsSync(newest)) return newest;
  await ensureRoot(newest, users, progress);
  let newer: Awaited<ReturnType<typeof newerPackages>>;
  try {
    newer = await newerPackages(newest);
  } catch (error) {
    progress.note(`Debian could not be asked, so ${basename(newest)} counts as the newest: ${lastLine(error)}`);
    return newest;
  }
  if (newer.length === 0) return newest;
  progress.note(`newer: ${describePackages(newer)}; installing them beside the old ones`);
  return nextRoot();
}

const lastLine = (error: unknown): string => messageOf(error).trim().split('\n').pop()?.trim() ?? '';
