import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lock.ts';
import type { Progress } from '../progress.ts';
import { buildGuard, needsGuard } from './guard.ts';
import { machineHome } from './installation.ts';
import { makeRoot, refreshNames } from './root.ts';
import { nameUsersIn, type Users } from './users.ts';

/** An isolated root with the guard, made when missing (a minute, 520 MB). Several `up`s at once make it once. */
export async function ensureRoot(root: string, users: Users, progress: Progress): Promise<void> {
  if (!existsSync(root) || needsGuard(root)) {
    await withLock(
      join(machineHome(), 'root.lock'),
      () => progress.note('another littlepbx is installing; waiting for it'),
      async () => {
        if (!existsSync(root)) await makeRoot(root, progress);
        if (needsGuard(root)) await buildGuard(root, progress);
      },
    );
  }
  nameUsersIn(root, users);
  refreshNames(root);
}
