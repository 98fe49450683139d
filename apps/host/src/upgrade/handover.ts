/**
 * From the brain that runs to the one that stands by, and back.
 *
 *     old runs, next stands by ── take() ──> next runs ── keep() ──> next runs, supervised by its own version
 *                                              └──────── back() ──> old runs, supervised as before
 *
 * Calls are the engine's, so they go on all the while; in between nobody routes new ones for as long as the old brain
 * takes to let go and the next one to connect.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { writeWhole } from '../files.ts';
import { writeBrainSettings } from '../install/brain.ts';
import { saveInstallation } from '../install/installation.ts';
import { stopService } from '../processes/keeper.ts';
import { isAlive, type ProcessId, removePidFile, signal, writePidFile } from '../processes/process-id.ts';
import { brainService, type Installed } from '../processes/services.ts';
import { runningSupervisor, sourceOf, startSupervisor, supervisorPidFile } from '../processes/supervisor.ts';
import { keptUnits, serviceNote, systemctl, writeNote, writeUnits } from '../service/systemd.ts';
import { until } from '../wait.ts';

/** Milliseconds. */
const LEAVES_WITHIN = 10_000;

export interface Handover {
  /** Source tree that runs now. */
  app: string;
  take(next: ProcessId): Promise<void>;
  back(): Promise<void>;
  keep(): Promise<void>;
}

/** For an installation that `up` supervises; null when it does not. */
export function supervisedHandover(installed: Installed): Handover | null {
  const { paths, installation, secrets, users } = installed;
  const supervisor = runningSupervisor(paths);
  const source = supervisor && sourceOf(supervisor);
  if (!supervisor || !source) return null;
  const brain = brainService(installed);
  const supervisorRuns = (why: string) =>
    until(why, LEAVES_WITHIN, () => (runningSupervisor(paths) !== null ? true : null));
  return {
    app: source.app,
    async take(next) {
      // It would start the old brain again.
      signal(supervisor, 'SIGUSR2');
      await until('the supervisor did not leave', LEAVES_WITHIN, () => (isAlive(supervisor) ? null : true)).catch(() =>
        // Its death ends nothing either.
        signal(supervisor, 'SIGKILL'),
      );
      await stopService(brain);
      signal(next, 'SIGUSR2');
      writePidFile(brain.pidFile, next);
    },
    async back() {
      await stopService({ ...brain, stopSignals: [{ signal: 'SIGKILL', patience: 5000 }] });
      removePidFile(brain.pidFile);
      removePidFile(supervisorPidFile(paths));
      startSupervisor(paths, source.app, source.node);
      await supervisorRuns(`the supervisor of ${source.app} did not start again`);
    },
    async keep() {
      writeBrainSettings(paths, users, installation, secrets, false);
      saveInstallation(paths.data, installation);
      startSupervisor(paths);
      await supervisorRuns('the new supervisor did not start');
    },
  };
}

/**
 * For an installation that systemd runs; null when it does not. The one that stands by was a rehearsal: systemd starts its
 * own, from units of this version, so taking over costs a start (some 0.7 s) instead of a connection.
 */
export function serviceHandover(installed: Installed): Handover | null {
  const { paths, installation, secrets, users } = installed;
  const note = serviceNote(paths);
  if (!note) return null;
  const units = keptUnits(note.name);
  const settings = join(paths.brain, 'settings.json');
  const before = readFileSync(settings);
  const startAnew = async () => {
    await systemctl('daemon-reload');
    await systemctl('restart', `${note.name}-brain.service`, `${note.name}-watch.service`);
  };
  return {
    app: note.app,
    async take(next) {
      signal(next, 'SIGKILL');
      writeUnits(installed, note.name);
      writeBrainSettings(paths, users, installation, secrets, false);
      await startAnew();
    },
    async back() {
      for (const [file, content] of units) writeWhole(file, content, 0o644);
      writeNote(paths, note);
      writeWhole(settings, before, 0o600, users.brain);
      await startAnew();
    },
    async keep() {
      saveInstallation(paths.data, installation);
    },
  };
}

/** What only a brain that stands by needs. */
export function clearStandby({ paths }: Pick<Installed, 'paths'>): void {
  for (const name of ['standby', 'settings.next.json']) rmSync(join(paths.brain, name), { force: true });
}

/** Refuses an upgrade to what runs already: there would be nothing to go back to. */
export function checkIsOther(running: string, here: string): void {
  if (running === here) {
    throw new Failure(
      `${here} is what runs now. Put the new version into a folder of its own beside it, and run its \`upgrade\`: ` +
        'then the old one is there to go back to.',
    );
  }
}
