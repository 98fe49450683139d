import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { stopCalls } from '../drain.ts';
import { Firewall } from '../firewall/firewall.ts';
import { ensureCertificates } from '../install/certificates.ts';
import type { Paths } from '../install/installation.ts';
import { WantedSounds } from '../sounds/wanted.ts';
import { Keeper, keepAll, type Say, stopService } from './keeper.ts';
import { identify, type ProcessId, readPidFile, removePidFile, writePidFile } from './process-id.ts';
import { APP, type Installed, type Service, servicesOf } from './services.ts';

/** Order of an orderly end: the brain lets go of the engine and writes to the database, so they outlive it. */
const STOP_ORDER = ['brain', 'engine', 'db'] as const;

const MAIN = 'apps/host/src/main.ts';

export function supervisorPidFile(paths: Paths): string {
  return join(paths.run, 'supervisor.pid');
}

/** The supervisor that runs now. */
export function runningSupervisor(paths: Paths): ProcessId | null {
  return readPidFile(supervisorPidFile(paths));
}

/** Writes to `log/supervisor.log`. A full disk takes no line; that must end nobody who looks after others. */
export function supervisorLog(paths: Paths): Say {
  const file = join(paths.log, 'supervisor.log');
  return (text) => {
    try {
      appendFileSync(file, `${new Date().toISOString()} ${text}\n`, { mode: 0o640 });
    } catch {
      // There is nowhere to say it.
    }
  };
}

/**
 * Supervises until SIGTERM, SIGINT or SIGHUP, then stops everything in order; at SIGUSR2 it leaves and stops nothing: an
 * upgrade has another one take over.
 * `isWatchOnly`: systemd starts and stops the processes; we look after what it cannot see, a brain that hangs, and logs and
 * certificates.
 * Its own death (kill -9) ends nothing: the processes run on, and the next supervisor finds them.
 */
export async function supervise(installed: Installed, isWatchOnly = false): Promise<void> {
  const { paths, installation, users } = installed;
  const say = supervisorLog(paths);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!stop.signal.aborted) say(`${name}: stopping`);
      stop.abort();
    });
  }
  let isLeaving = isWatchOnly;
  process.on('SIGUSR2', () => {
    isLeaving = true;
    stop.abort();
  });
  writePidFile(supervisorPidFile(paths), identify(process.pid)!);
  const firewall = installation.firewall.isActive ? new Firewall(paths, installation, say) : null;
  await firewall?.start().catch((error: Error) => say(`firewall: ${error.message}`));
  const sounds = new WantedSounds(paths, installed.root, say);
  // Under systemd a unit of its own fetches them: this one may not.
  if (!isWatchOnly) sounds.start();
  const keepers = servicesOf(installed).map((service) => new Keeper(service, say, isWatchOnly));
  for (const keeper of keepers) keeper.begin();
  const daily = async () => {
    if (await ensureCertificates(paths, users.engine, installation.sip.publicAddress)) {
      say('the SIP TLS certificate was renewed; the engine takes it at its next restart');
    }
  };
  await keepAll(keepers, [paths.log, join(paths.engine, 'log')], daily, stop.signal, say);
  for (const keeper of keepers) keeper.release();
  sounds.stop();
  if (isLeaving) {
    firewall?.leave();
    say('leaving; all go on');
  } else {
    await stopInstallation(installed);
    await firewall?.stop();
  }
  removePidFile(supervisorPidFile(paths));
  if (!isLeaving) say('stopped');
}

/**
 * Another process that supervises, in its own session, so that it outlives the terminal; what it says goes to a log.
 * @param app source tree whose code it runs, by this Node
 */
export function startSupervisor(paths: Paths, app = APP, node = process.execPath): void {
  const log = openSync(join(paths.log, 'supervisor.log'), 'a', 0o640);
  const args = ['--disable-warning=ExperimentalWarning', join(app, MAIN), 'supervise', '--data', paths.data];
  spawn(node, args, { detached: true, stdio: ['ignore', log, log], cwd: '/' }).unref();
  closeSync(log);
}

/** The source tree that a supervisor runs from, and its Node; null when it cannot be told. */
export function sourceOf(supervisor: ProcessId): { app: string; node: string } | null {
  try {
    const command = readFileSync(`/proc/${supervisor.pid}/cmdline`, 'utf8').split('\0');
    const main = command.find((argument) => argument.endsWith(`/${MAIN}`));
    const node = readlinkSync(`/proc/${supervisor.pid}/exe`);
    return main ? { app: main.slice(0, -MAIN.length - 1), node } : null;
  } catch {
    return null;
  }
}

/** Ends the calls, so that their records say whose doing it was, and then the processes. Names of those that ran. */
export async function stopInstallation(installed: Installed): Promise<string[]> {
  const { paths, installation } = installed;
  const services = servicesOf(installed);
  const isRunning = (name: string) => services.some((s) => s.name === name && readPidFile(s.pidFile) !== null);
  if (isRunning('brain') && isRunning('engine')) await stopCalls({ data: paths.data, installation });
  return stopAll(services);
}

/** Ends processes in order, once nothing starts them again. Names of those that ran. */
export async function stopAll(services: Service[]): Promise<string[]> {
  const stopped: string[] = [];
  for (const name of STOP_ORDER) {
    const service = services.find((s) => s.name === name);
    if (!service) continue;
    if (await stopService(service)) stopped.push(name);
    removePidFile(service.pidFile);
  }
  return stopped;
}
