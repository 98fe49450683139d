/**
 * From the engine that runs to one with other programs or files, and back. Calls must have ended before.
 *
 *     old root ── use(next), restart ──> next root ── healthy ──> the database follows ──> the old root goes, if nobody uses it
 *        └────── use(old), restart <──────────┘ not healthy in time
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readHealth } from '../api.ts';
import { Failure, messageOf } from '../failure.ts';
import { writeWhole } from '../files.ts';
import { writeEngineConf } from '../install/engine.ts';
import { noteRoots } from '../install/install.ts';
import { type Paths, saveInstallation } from '../install/installation.ts';
import { isRunningIn, removeUnused } from '../install/roots.ts';
import type { Users } from '../install/users.ts';
import { stopService } from '../processes/keeper.ts';
import { isAlive, readPidFile, signal } from '../processes/process-id.ts';
import { type Installed, type ServiceName, servicesOf } from '../processes/services.ts';
import { runningSupervisor, startSupervisor } from '../processes/supervisor.ts';
import { serviceNote, systemctl, writeUnits } from '../service/systemd.ts';
import { until } from '../wait.ts';

/** An engine that is well for so long is believed. Milliseconds. */
const STEADY = 3000;
const LEAVES_WITHIN = 10_000;

/**
 * @param old as it runs now
 * @param say hears what is remarkable
 * @throws Failure when the old engine runs again
 */
export async function switchEngine(
  old: Installed,
  next: Installed,
  healthInS: number,
  say: (text: string) => void,
): Promise<void> {
  const { paths, installation, secrets, users } = old;
  const putConfBack = keepConf(paths, users);
  try {
    await use(old, next);
    writeEngineConf(paths, users, installation, secrets, next.engine);
    await restartIn(next, 'engine', next.engine.root, healthInS);
  } catch (error) {
    say(`${messageOf(error)}; going back`);
    await use(next, old);
    putConfBack();
    await restartIn(old, 'engine', old.engine.root, 60, 0);
    await discard(next.engine.root, old);
    throw new Failure(
      `The engine is not upgraded: ${messageOf(error)}. The one from before runs again.\n` +
        `What the new one said: ${join(paths.engine, 'log/messages.log')}`,
    );
  }
  const root = await moveDatabase(old, next, healthInS, say);
  const kept = [next.engine.root, root, '/', null];
  for (const left of new Set([old.engine.root, old.root])) {
    if (left === null || kept.includes(left)) continue;
    const user = await removeUnused(left);
    say(user === null ? `${basename(left)} is removed` : `${basename(left)} stays: ${user} uses it`);
  }
}

/** The database's programs are of the same root, and calls go on without it. @returns the root that it runs from then */
async function moveDatabase(
  old: Installed,
  next: Installed,
  healthInS: number,
  say: (text: string) => void,
): Promise<string | null> {
  if (old.root === next.root || old.root === null || old.installation.db.isExternal) return next.root;
  try {
    await restartIn(next, 'db', next.root!, healthInS, 1000);
    return next.root;
  } catch (error) {
    say(`${messageOf(error)}; the database goes back`);
    const apart = { ...next, root: old.root };
    await use(next, apart);
    await restartIn(apart, 'db', old.root, 60, 0);
    return old.root;
  }
}

/** Whoever looks after the processes starts them from there from now on; those that run are left alone. */
async function use(before: Installed, after: Installed): Promise<void> {
  const { paths, installation } = after;
  noteRoots(installation, after.root, after.engine);
  saveInstallation(paths.data, installation);
  if (before.engine.root === after.engine.root && before.root === after.root) return;
  const note = serviceNote(paths);
  if (note) {
    writeUnits(after, note.name);
    await systemctl('daemon-reload');
    await systemctl('restart', `${note.name}-watch.service`);
    return;
  }
  const supervisor = runningSupervisor(paths);
  if (supervisor) {
    signal(supervisor, 'SIGUSR2');
    await until('the supervisor did not leave', LEAVES_WITHIN, () => (isAlive(supervisor) ? null : true)).catch(() =>
      signal(supervisor, 'SIGKILL'),
    );
  }
  startSupervisor(paths);
  await until('the supervisor did not start', LEAVES_WITHIN, () => (runningSupervisor(paths) ? true : null));
}

/** Ends a process; it must be started again from this root, and all be well then and for so long. */
async function restartIn(
  installed: Installed,
  name: ServiceName,
  root: string,
  withinInS: number,
  steady = STEADY,
): Promise<void> {
  const { paths, installation } = installed;
  const service = servicesOf(installed).find((one) => one.name === name)!;
  await stopService(service);
  const look = async (): Promise<number | null> => {
    const id = readPidFile(service.pidFile);
    if (!id || !isRunningIn(id.pid, root)) return null;
    const health = await readHealth(paths.data, installation);
    return health?.isReady && health.isEngineConnected ? id.pid : null;
  };
  const pid = await until(`${name} did not get ready in ${basename(root)}`, withinInS * 1000, look);
  const believed = performance.now() + steady;
  while (performance.now() < believed) {
    if ((await look()) !== pid && (await look()) !== pid)
      throw new Failure(`${name} was ready in ${basename(root)}, but did not stay so`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A root that did not do, unless another installation is content with it. */
async function discard(root: string, old: Installed): Promise<void> {
  if (root !== '/' && root !== old.engine.root && root !== old.root) await removeUnused(root);
}

/** The engine's static files as they are now. @returns puts them back */
function keepConf(paths: Paths, users: Users): () => void {
  const etc = join(paths.engine, 'etc');
  const kept = new Map(readdirSync(etc).map((name) => [name, readFileSync(join(etc, name))]));
  return () => {
    for (const name of readdirSync(etc)) if (!kept.has(name)) rmSync(join(etc, name), { recursive: true });
    for (const [name, content] of kept) writeWhole(join(etc, name), content, 0o600, users.engine);
  };
}
