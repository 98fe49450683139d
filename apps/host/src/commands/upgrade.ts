import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readHealth } from '../api.ts';
import { Failure, messageOf } from '../failure.ts';
import { readIfThere } from '../files.ts';
import { NEXT_BRAIN_SETTINGS } from '../install/brain.ts';
import { ensureDatabase } from '../install/database.ts';
import { isEngineConfCurrent } from '../install/engine.ts';
import { checkPrivileges, installPrograms, writeFiles } from '../install/install.ts';
import { needInstallation, pathsOf } from '../install/installation.ts';
import { ensureOperatorKey } from '../install/secrets.ts';
import { withLock } from '../lock.ts';
import { isAlive, type ProcessId, readPidFile, signal } from '../processes/process-id.ts';
import { APP, brainService, type Installed } from '../processes/services.ts';
import { runningSupervisor, sourceOf } from '../processes/supervisor.ts';
import { Progress } from '../progress.ts';
import { serviceNote } from '../service/systemd.ts';
import { switchEngine } from '../upgrade/engine-switch.ts';
import { checkIsOther, clearStandby, type Handover, serviceHandover, supervisedHandover } from '../upgrade/handover.ts';
import { inNewestRoot } from '../upgrade/newer-root.ts';
import { appVersion } from '../version.ts';
import { until } from '../wait.ts';
import { endCalls } from './down.ts';

export interface UpgradeOptions {
  data: string;
  /** The next brain must be ready within this time, or the old one comes back. Seconds. */
  healthInS: number;
  /** Restart the engine as well, for its files of this version and Debian's newest programs. */
  isEngineToo: boolean;
  /** The engine stays with the programs that are here. */
  keepPackages: boolean;
  /** How long calls in progress may keep the engine from being restarted; 0 ends them at once. Seconds. */
  drainInS: number;
}

/** A brain that is ready for so long is believed. Milliseconds. */
const STEADY = 3000;
const STANDS_BY_WITHIN = 60_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The version in this folder takes over a running installation, or its own version's engine takes newer programs. The new brain starts beside the old one and is handed the
 * engine once it could run; when it is not healthy in time the old one comes back. Calls go on all the while.
 */
export async function upgrade(o: UpgradeOptions): Promise<void> {
  checkPrivileges();
  needInstallation(o.data);
  await withLock(
    join(pathsOf(o.data).data, 'up.lock'),
    () => console.error('An `up` or `upgrade` of this installation is under way; waiting for it.'),
    () => upgradeAlone(o),
  );
}

async function upgradeAlone(o: UpgradeOptions): Promise<void> {
  const isOther = isOtherVersion(o);
  const progress = new Progress(3 + (isOther ? 4 : 0) + (o.isEngineToo ? (o.keepPackages ? 1 : 2) : 0));
  const installation = needInstallation(o.data);
  const programs = await installPrograms(installation, progress);
  const installed = await writeFiles(o.data, installation, programs, undefined, progress, true);
  try {
    const next = o.isEngineToo && !o.keepPackages ? await inNewestRoot(installed, progress) : installed;
    if (isOther) await upgradeBrain(o, installed, progress);
    const isEngineCurrent =
      next.engine.root === installed.engine.root &&
      next.root === installed.root &&
      isEngineConfCurrent(installed.paths, installation, installed.secrets, installed.engine);
    if (o.isEngineToo && !isEngineCurrent) {
      progress.step('Restarting the engine');
      await endCalls({ data: o.data, installation }, o.drainInS);
      await uninterrupted(progress, () => switchEngine(installed, next, o.healthInS, (text) => progress.note(text)));
    }
    progress.done();
    const { asterisk, postgres } = installation.versions;
    if (isOther) console.log(`LittlePBX ${appVersion()} of ${APP} runs now; calls went on.`);
    if (o.isEngineToo) {
      const versions = `Asterisk ${asterisk}, PostgreSQL ${postgres}`;
      console.log(
        isEngineCurrent ? `The engine is the newest already: ${versions}.` : `The engine is upgraded: ${versions}.`,
      );
    } else if (!isEngineCurrent) {
      console.log(
        'The engine still runs with the files of the version before, which it may. It takes the new ones when it is restarted:\n' +
          `  ./littlepbx upgrade --engine --data ${o.data}     refuses new calls until those in progress have ended`,
      );
    }
  } finally {
    clearStandby(installed);
  }
}

/** Refuses what is not running, and an upgrade to what runs already unless it is one of the engine. */
function isOtherVersion(o: UpgradeOptions): boolean {
  const paths = pathsOf(o.data);
  const supervisor = runningSupervisor(paths);
  const app = serviceNote(paths)?.app ?? (supervisor && sourceOf(supervisor)?.app);
  if (!app) throw new Failure('It is not running, so there is nothing to hand over. Start it: ./littlepbx up');
  if (!o.isEngineToo) checkIsOther(app, APP);
  return app !== APP;
}

async function upgradeBrain(o: UpgradeOptions, installed: Installed, progress: Progress): Promise<void> {
  const { paths, installation, secrets } = installed;
  const handover = serviceHandover(installed) ?? supervisedHandover(installed);
  if (!handover) throw new Failure('Not upgraded: it is not running any more. Start it: ./littlepbx up');
  progress.step('Bringing the database up to date');
  const { applied, version } = await ensureDatabase(installation, secrets, ensureOperatorKey(paths));
  installation.versions.postgres = version;
  if (applied.length > 0) progress.note(`applied ${applied.join(', ')}; the old version goes on with it`);

  progress.step('Starting the new brain beside the old one');
  const next = await standBy(installed);
  progress.step('Handing over');
  await uninterrupted(progress, () => handOver(o, installed, handover, next, progress));
}

/** Half of it is the worst of all: it goes to its end, one way or the other. */
async function uninterrupted<T>(progress: Progress, work: () => Promise<T>): Promise<T> {
  const stay = () => progress.note('this cannot be interrupted now');
  for (const name of SIGNALS) process.on(name, stay);
  try {
    return await work();
  } finally {
    for (const name of SIGNALS) process.off(name, stay);
  }
}

/** The new brain, loaded and waiting. When it cannot, nothing has changed. */
async function standBy(installed: Installed): Promise<ProcessId> {
  const { paths } = installed;
  const standby = join(paths.brain, 'standby');
  rmSync(standby, { force: true });
  const service = brainService(installed, NEXT_BRAIN_SETTINGS);
  const began = (readIfThere(service.logFile) ?? '').length;
  const { id } = service.start();
  // Nothing has changed yet, so Ctrl-C is no harm; but nobody else would end the one that waits.
  const abandon = () => {
    signal(id, 'SIGKILL');
    clearStandby(installed);
    process.exit(130);
  };
  for (const name of SIGNALS) process.on(name, abandon);
  try {
    await until('the new brain did not stand by', STANDS_BY_WITHIN, () => {
      if (!isAlive(id)) throw new Failure('the new brain ended');
      return readIfThere(standby);
    }).catch((error: unknown) => {
      signal(id, 'SIGKILL');
      const said = (readIfThere(service.logFile) ?? '').slice(began).trim().split('\n').slice(-12).join('\n  ');
      throw new Failure(`Not upgraded: ${messageOf(error)}. The old version runs on as before.\n  ${said}`);
    });
  } finally {
    for (const name of SIGNALS) process.off(name, abandon);
  }
  return id;
}

async function handOver(
  o: UpgradeOptions,
  installed: Installed,
  handover: Handover,
  next: ProcessId,
  progress: Progress,
): Promise<void> {
  const began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
  try {
    await handover.take(next);
    await isHealthy(o.data, installed, o.healthInS * 1000, () => {
      progress.note(`the new brain took over within ${seconds()} s`);
      progress.step('Watching it');
    });
    await handover.keep();
  } catch (error) {
    progress.note(`${messageOf(error)}; going back`);
    await handover.back();
    await until('the old version did not get ready', 60_000, async () => {
      return (await readHealth(o.data, installed.installation))?.isReady || null;
    });
    throw new Failure(
      `Not upgraded: ${messageOf(error)}. The old version runs again after ${seconds()} s; calls went on.\n` +
        'What the new one said: ./littlepbx logs brain',
    );
  }
}

/** Ready in time, and then for a while without a break. */
async function isHealthy(data: string, installed: Installed, within: number, onReady: () => void): Promise<void> {
  const pidFile = join(installed.paths.run, 'brain.pid');
  const brain = readPidFile(pidFile);
  const look = async () => {
    if (!brain || !isAlive(brain)) throw new Failure('the new brain ended');
    return (await readHealth(data, installed.installation))?.isReady || null;
  };
  await until('the new brain did not get ready', within, look);
  onReady();
  const believed = performance.now() + STEADY;
  while (performance.now() < believed) {
    if (!(await look()) && !(await look())) throw new Failure('the new brain was ready, but did not stay so');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
