import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BRAIN_SETTINGS, localWeb } from '../install/brain.ts';
import { postgresIsolation } from '../install/database.ts';
import { ENGINE_FILES, type EngineProgram } from '../install/engine.ts';
import { INSIDE, type Installation, type Paths } from '../install/installation.ts';
import { postgresBin, refreshNames } from '../install/root.ts';
import type { Secrets } from '../install/secrets.ts';
import type { Users } from '../install/users.ts';
import { soundsHome } from '../sounds/folder.ts';
import { type Launch, launch } from './launch.ts';
import type { ProcessId } from './process-id.ts';

/** All that is known of an installation once it is installed. */
export interface Installed {
  installation: Installation;
  paths: Paths;
  secrets: Secrets;
  users: Users;
  /** The isolated root; null when engine and database are both somebody else's. */
  root: string | null;
  engine: EngineProgram;
}

export const SERVICE_NAMES = ['brain', 'engine', 'db'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** One of the three processes. */
export interface Service {
  name: ServiceName;
  pidFile: string;
  logFile: string;
  /** What it runs, as whom and with what in sight. */
  launch: Omit<Launch, 'log'>;
  start(): { id: ProcessId; exited: Promise<void> };
  /** Signals that end it, the first politely; and how long each is given. Milliseconds. */
  stopSignals: { signal: NodeJS.Signals; patience: number }[];
  /** Answers by HTTP as long as it works; silent for 3 s means hung. */
  livenessUrl: string | null;
}

/** Folder of the source tree. */
export const APP = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

/** The processes of an installation. No `db` when the database is external. */
export function servicesOf(installed: Installed): Service[] {
  const services = [brainService(installed), engineService(installed)];
  if (!installed.installation.db.isExternal) services.push(dbService(installed));
  return services;
}

function service(
  { paths }: Pick<Installed, 'paths'>,
  name: ServiceName,
  how: Pick<Service, 'stopSignals' | 'livenessUrl'> & { prepare?: () => void; launch: Omit<Launch, 'log'> },
): Service {
  const logFile = join(paths.log, `${name}.log`);
  return {
    name,
    pidFile: join(paths.run, `${name}.pid`),
    logFile,
    stopSignals: how.stopSignals,
    livenessUrl: how.livenessUrl,
    launch: how.launch,
    start() {
      how.prepare?.();
      const { child, id } = launch({ ...how.launch, log: logFile });
      return { id, exited: new Promise((resolve) => child.once('exit', () => resolve())) };
    },
  };
}

/** The own Postgres. */
export function dbService(installed: Pick<Installed, 'paths' | 'users' | 'root'>): Service {
  const { paths, users } = installed;
  const root = installed.root!;
  return service(installed, 'db', {
    launch: {
      ...postgresIsolation(root, paths, users),
      command: [`${postgresBin(root)}/postgres`, '-D', `${INSIDE.db}/data`],
    },
    // SIGINT is Postgres's "fast" shutdown: ends sessions, writes a checkpoint. SIGQUIT leaves recovery to the next start.
    stopSignals: [
      { signal: 'SIGINT', patience: 20_000 },
      { signal: 'SIGQUIT', patience: 5000 },
      { signal: 'SIGKILL', patience: 5000 },
    ],
    livenessUrl: null,
  });
}

function engineService(installed: Installed): Service {
  const { paths, users, engine } = installed;
  return service(installed, 'engine', {
    prepare: () => {
      if (engine.root !== '/') refreshNames(engine.root);
    },
    launch: {
      root: engine.root,
      user: users.engine,
      groups: [users.brain.gid],
      binds: [
        { from: paths.engine, to: INSIDE.engine },
        { from: paths.files, to: INSIDE.files },
        { from: soundsHome(), to: INSIDE.sounds, isReadOnly: true },
      ],
      env: { HOME: ENGINE_FILES.lib },
      // Media packets have 20 ms.
      nice: -10,
      // -f: stay in front; -n: no colours in the log; -C: our files instead of /etc/asterisk.
      command: [engine.path, '-f', '-n', '-C', `${ENGINE_FILES.etc}/asterisk.conf`],
    },
    stopSignals: [
      { signal: 'SIGTERM', patience: 5000 },
      { signal: 'SIGKILL', patience: 5000 },
    ],
    livenessUrl: null,
  });
}

/** @param settings as the brain sees them */
export function brainService(installed: Installed, settings = BRAIN_SETTINGS): Service {
  const { paths, users } = installed;
  return service(installed, 'brain', {
    launch: {
      root: '/',
      user: users.brain,
      groups: [],
      binds: [
        { from: APP, to: INSIDE.app, isReadOnly: true },
        { from: process.execPath, to: INSIDE.node, isReadOnly: true },
        { from: paths.brain, to: INSIDE.brain },
        { from: paths.engine, to: INSIDE.engine },
        { from: paths.files, to: INSIDE.files },
        { from: soundsHome(), to: INSIDE.sounds, isReadOnly: true },
      ],
      env: {
        LITTLEPBX_SETTINGS: settings,
        NODE_ENV: 'production',
        HOME: INSIDE.brain,
        NODE_COMPILE_CACHE: `${INSIDE.brain}/cache`,
      },
      // Its start, 0.5 s of work, decides how soon calls are under control again: on a machine with load 10 that was 3 s.
      nice: -5,
      command: [INSIDE.node, '--disable-warning=ExperimentalWarning', `${INSIDE.app}/apps/server/src/main.ts`],
    },
    stopSignals: [
      { signal: 'SIGTERM', patience: 5000 },
      { signal: 'SIGKILL', patience: 5000 },
    ],
    livenessUrl: `${localWeb(installed.installation)}/api/v1/health/live`,
  });
}
