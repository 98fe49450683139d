import { join } from 'node:path';
import { type Health, readHealth } from '../api.ts';
import { fillWithDemo, readDemo } from '../demo.ts';
import { Failure, messageOf } from '../failure.ts';
import { ensureFolder, ROOT, readIfThere } from '../files.ts';
import { ensureDatabase, waitForPostgres } from '../install/database.ts';
import { checkPrivileges, installPrograms, writeFiles } from '../install/install.ts';
import {
  type Installation,
  loadInstallation,
  machineHome,
  pathsOf,
  type UpFlags,
  withFlags,
} from '../install/installation.ts';
import { claimPorts, isListening } from '../install/ports.ts';
import { chooseRoots } from '../install/roots.ts';
import { ensureOperatorKey } from '../install/secrets.ts';
import { withLock } from '../lock.ts';
import { isAlive, readPidFile, writePidFile } from '../processes/process-id.ts';
import { type Installed, SERVICE_NAMES, type Service, servicesOf } from '../processes/services.ts';
import { runningSupervisor, startSupervisor, stopAll, supervise } from '../processes/supervisor.ts';
import { Progress } from '../progress.ts';
import { refuseIfService } from '../service/systemd.ts';
import { until } from '../wait.ts';
import { printWelcome } from '../welcome.ts';

export interface UpOptions {
  data: string;
  demo: boolean;
  detach: boolean;
  flags: UpFlags;
}

/** Installs what is missing, starts everything, waits until it is ready, and says how to go on. */
export async function up(o: UpOptions): Promise<void> {
  checkPrivileges();
  const paths = pathsOf(o.data);
  ensureFolder(paths.data, 0o700, ROOT);
  refuseIfService(paths, o.data);
  let supervised: Installed | null = null;
  await withLock(
    join(paths.data, 'up.lock'),
    () => console.error('Another `up` of this installation is under way; waiting for it.'),
    async () => {
      if (runningSupervisor(paths)) await upAlready(o);
      else supervised = await upFromRest(o);
    },
  );
  if (supervised === null) return;
  if (!o.detach) console.log('\nCtrl-C stops everything. (With --detach it would run in the background.)');
  if (!o.detach) await supervise(supervised);
}

async function upAlready(o: UpOptions): Promise<void> {
  const remembered = loadInstallation(o.data);
  if (!remembered) throw new Failure(`A supervisor runs, but ${o.data} has no installation.json. Was it removed?`);
  if (!isSame(withFlags(remembered, o.flags), remembered) || o.flags.databaseUrl) {
    throw new Failure(
      `It is running with other settings. Stop it first: ./littlepbx down --data ${o.data}; then the same \`up\` again.`,
    );
  }
  await waitReady(o.data, remembered, () => {});
  if (o.demo) await fillWithDemo(o.data, remembered);
  console.log('LittlePBX is running already.');
  printWelcome(o.data, remembered, readDemo(o.data));
}

async function upFromRest(o: UpOptions): Promise<Installed | null> {
  const paths = pathsOf(o.data);
  const progress = new Progress(o.demo ? 8 : 7);
  progress.step('Checking ports and settings');
  const remembered = loadInstallation(o.data);
  let installation = withFlags(remembered, o.flags);
  const running = SERVICE_NAMES.filter((name) => readPidFile(join(paths.run, `${name}.pid`)));
  if (running.length > 0 && remembered && !isSame(installation, remembered)) {
    throw new Failure(
      `${running.join(', ')} still run with other settings. Stop them first: ./littlepbx down, then the same \`up\` again.`,
    );
  }
  const isAtRest = running.length === 0;
  // Before the long installation, so that a taken port is told at once; and again below, when it counts.
  if (isAtRest) await claimPorts(installation, o.flags, remembered === null);
  if (isAtRest) chooseRoots(installation, paths);
  const programs = await installPrograms(installation, progress);
  // From the choice of free ports until they are taken no other `up` on this machine may choose.
  const installed = await withLock(
    join(machineHome(), 'ports.lock'),
    () => progress.note('another installation is starting; waiting for it'),
    async () => {
      if (isAtRest) installation = await claimPorts(installation, o.flags, remembered === null);
      const written = await writeFiles(o.data, installation, programs, o.flags.databaseUrl, progress);
      await start(written, servicesOf(written), progress);
      return written;
    },
  );
  const services = servicesOf(installed);
  if (o.detach) startSupervisor(installed.paths);
  await waitReady(o.data, installation, () => {
    for (const service of services) checkAlive(service, o.detach);
  });
  // Else a `down` right behind this one would not know that there is a supervisor to stop.
  if (o.detach) {
    await until('the supervisor did not start', 15_000, async () => runningSupervisor(installed.paths) !== null);
  }
  if (o.demo) {
    progress.step('Filling in the demo');
    await fillWithDemo(o.data, installation);
  }
  progress.done();
  printWelcome(o.data, installation, readDemo(o.data));
  return o.detach ? null : installed;
}

/** Engine and database side by side; the brain once the tables are there. What runs already is left alone. */
async function start(installed: Installed, services: Service[], progress: Progress): Promise<void> {
  const { installation, secrets, paths } = installed;
  progress.step(installation.db.isExternal ? 'Starting Asterisk' : 'Starting Asterisk and PostgreSQL');
  const of = (name: string) => services.find((s) => s.name === name);
  try {
    const db = of('db');
    if (db) ensureStarted(db);
    ensureStarted(of('engine')!);
    const isGone = () => db !== undefined && readPidFile(db.pidFile) === null;
    await waitForPostgres(installation, secrets, db?.logFile ?? '', isGone);
    progress.step('Bringing the database up to date');
    const { version } = await ensureDatabase(installation, secrets, ensureOperatorKey(paths));
    installation.versions.postgres = version;
    progress.step('Starting the brain');
    ensureStarted(of('brain')!);
    // Until Asterisk has its ports another `up` would find them free, and choose them too.
    const engine = of('engine')!;
    await until('Asterisk did not open its ARI and AMI ports', 60_000, async () => {
      checkAlive(engine, false);
      return (await isListening(installation.ari.port)) && (await isListening(installation.ami.port));
    });
  } catch (error) {
    // Nobody supervises yet: leave nothing behind.
    await stopAll(services);
    throw error;
  }
}

function ensureStarted(service: Service): void {
  if (readPidFile(service.pidFile)) return;
  writePidFile(service.pidFile, service.start().id);
}

function checkAlive(service: Service, isSupervised: boolean): void {
  if (isSupervised || readPidFile(service.pidFile)) return;
  throw new Failure(
    `${service.name} ended while it started:\n  ${tailOf(service.logFile)}\nThe whole log: ${service.logFile}`,
  );
}

async function waitReady(data: string, installation: Installation, check: () => void): Promise<void> {
  let last: Health | null = null;
  const look = async () => {
    check();
    last = (await readHealth(data, installation)) ?? last;
    return last?.isReady ? true : null;
  };
  await until('LittlePBX did not get ready', 60_000, look, 200).catch((error: unknown) => {
    const seen = last ? JSON.stringify(last) : tailOf(join(pathsOf(data).log, 'brain.log'));
    throw new Failure(
      `${messageOf(error)}\nLast seen:\n  ${seen}\nLook further: ./littlepbx logs brain; ./littlepbx doctor`,
    );
  });
}

function tailOf(file: string): string {
  return (readIfThere(file) ?? '').trim().split('\n').slice(-8).join('\n  ');
}

/** The supervisor's own entry, run by `up --detach`. */
export async function superviseOnly(installed: Installed, isWatchOnly: boolean): Promise<void> {
  const other = runningSupervisor(installed.paths);
  if (other && isAlive(other)) throw new Failure(`A supervisor runs already (pid ${other.pid}).`);
  await supervise(installed, isWatchOnly);
}

function isSame(a: Installation, b: Installation): boolean {
  const plain = ({ versions: _, ...rest }: Installation) => JSON.stringify(rest);
  return plain(a) === plain({ ...b });
}
