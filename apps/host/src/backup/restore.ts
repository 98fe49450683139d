/**
 * A backup becomes an installation: everything is made in a folder beside DATA, the database included, and gets its name
 * at the very end. So DATA is whole or not there, whatever happens in between.
 */
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '../failure.ts';
import { ensureFolder, ROOT, readIfThere, readJson, writeWhole } from '../files.ts';
import { ensureDatabase, ensureRoles, waitForPostgres } from '../install/database.ts';
import { installPrograms, writeFiles } from '../install/install.ts';
import { type Installation, type Paths, pathsOf, type UpFlags, withFlags } from '../install/installation.ts';
import { claimPorts } from '../install/ports.ts';
import { chooseRoots } from '../install/roots.ts';
import { ensureUsers, ownerNamed, type Users } from '../install/users.ts';
import { stopService } from '../processes/keeper.ts';
import { readPidFile, removePidFile, writePidFile } from '../processes/process-id.ts';
import { dbService, type Installed } from '../processes/services.ts';
import type { Progress } from '../progress.ts';
import { checkIsEmpty, loadDatabase } from './database.ts';
import type { Manifest } from './format.ts';
import { noteBackup } from './last-backup.ts';
import { readBackup } from './read-backup.ts';

export interface Restored {
  manifest: Manifest;
  installation: Installation;
  /** Calls that were in progress when the backup was made: nobody knows how they ended. */
  callsInProgress: number;
}

/** @param flags ports and addresses that differ from those of the backup */
export async function restoreBackup(
  file: string,
  data: string,
  passphrase: string | null,
  flags: UpFlags,
  progress: Progress,
): Promise<Restored> {
  checkTarget(data);
  mkdirSync(dirname(data), { recursive: true });
  const users = await ensureUsers();
  const staging = `${data}.restoring-${process.pid}`;
  const paths = pathsOf(join(staging, 'data'));
  const dump = join(staging, 'database.dump');
  try {
    ensureFolder(staging, 0o700, ROOT);
    ensureFolder(paths.data, 0o700, ROOT);
    progress.step('Reading the backup');
    const { manifest, installation } = await unpack(file, passphrase, flags, { paths, users, dump });
    const callsInProgress = forgetLiveCalls(paths);
    forgetForeignDatabase(paths);
    chooseRoots(installation, paths);
    const programs = await installPrograms(installation, progress);
    const installed = await writeFiles(paths.data, installation, programs, flags.databaseUrl ?? '', progress);
    progress.step('Loading the database');
    await fillDatabase(installed, dump);
    noteBackup(paths, users, manifest.createdAt);
    checkTarget(data);
    try {
      rmdirSync(data);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    renameSync(paths.data, data);
    return { manifest, installation, callsInProgress };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Nothing of anybody's is overwritten. */
function checkTarget(data: string): void {
  let there: string[] = [];
  try {
    there = readdirSync(data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (there.length > 0) {
    throw new Failure(
      `${data} is not empty, and a restore overwrites nothing. Give an empty or a new folder by --data.`,
    );
  }
}

async function unpack(
  file: string,
  passphrase: string | null,
  flags: UpFlags,
  to: { paths: Paths; users: Users; dump: string },
): Promise<{ manifest: Manifest; installation: Installation }> {
  const { paths, users } = to;
  let installation: Installation | null = null;
  const dump = await open(to.dump, 'wx', 0o600);
  let writing: FileHandle | null = null;
  try {
    const { manifest } = await readBackup(file, passphrase, {
      manifest: async (found) => {
        // Never the database of the machine it came from, nor its Asterisk: both must be asked for.
        const here = { databaseUrl: '', asterisk: 'auto', ...flags };
        installation = withFlags(found.installation as unknown as Installation, here);
        // Told before the long work; `up` looks again.
        await claimPorts(installation, flags, false);
      },
      database: async (chunk) => {
        await dump.write(chunk);
      },
      folder: (path, how) => {
        ensureFolder(join(paths.data, path), how.mode & 0o2777, ownerNamed(users, how.user, how.group));
      },
      file: async (path, how) => {
        const whole = join(paths.data, path);
        mkdirSync(dirname(whole), { recursive: true, mode: 0o700 });
        // `x`: there is no second file of a name, and no link to be followed.
        const handle = await open(whole, 'wx', 0o600);
        writing = handle;
        const owner = ownerNamed(users, how.user, how.group);
        return async (chunk) => {
          if (chunk !== null) {
            await handle.write(chunk);
            return;
          }
          await handle.chown(owner.uid, owner.gid);
          await handle.chmod(how.mode & 0o777);
          await handle.close();
          writing = null;
        };
      },
    });
    await dump.sync();
    return { manifest, installation: installation! };
  } finally {
    await dump.close();
    await (writing as FileHandle | null)?.close();
  }
}

/** Else they would be recorded as calls that lasted until the restore. */
function forgetLiveCalls(paths: Paths): number {
  const file = join(paths.brain, 'journal.sqlite');
  if (readIfThere(file) === null) return 0;
  const journal = new DatabaseSync(file);
  try {
    // The brain that it was copied from did not die.
    journal.prepare("DELETE FROM memory WHERE name = 'is-running'").run();
    return Number(journal.prepare('DELETE FROM live_call').run().changes);
  } finally {
    journal.close();
  }
}

/** Two installations that write to one database destroy it. */
function forgetForeignDatabase(paths: Paths): void {
  const secrets = readJson<Record<string, unknown>>(paths.secrets);
  if (secrets?.databaseUrl) {
    writeWhole(paths.secrets, `${JSON.stringify({ ...secrets, databaseUrl: null }, null, 2)}\n`, 0o600);
  }
}

async function fillDatabase(installed: Installed, dump: string): Promise<void> {
  const { installation, secrets, paths } = installed;
  const operatorKey = readIfThere(paths.operatorKey)?.trim();
  if (!operatorKey) throw new Failure("The backup is damaged: the operator's key is missing.");
  const db = installation.db.isExternal ? null : dbService(installed);
  try {
    if (db) writePidFile(db.pidFile, db.start().id);
    const isGone = () => db !== null && readPidFile(db.pidFile) === null;
    await waitForPostgres(installation, secrets, db?.logFile ?? '', isGone);
    await ensureRoles(installation, secrets);
    await checkIsEmpty(installed);
    await loadDatabase(installed, dump);
    // What this version has and the backup had not.
    await ensureDatabase(installation, secrets, operatorKey);
  } finally {
    if (db) {
      await stopService(db);
      removePidFile(db.pidFile);
    }
  }
}
