/**
 * systemd's units for an installation, one per process, made from the same definitions that the supervisor starts them by.
 *
 *     NAME.target ── NAME-db, NAME-engine, NAME-brain   the three processes; the end of one ends no other
 *                 ├─ NAME-prepare (once)                tables and roles, when the database is there
 *                 ├─ NAME-sounds (path and service)     fetches the sounds that the brain wants
 *                 └─ NAME-watch                         kills a brain that hangs, rotates logs, renews certificates
 *
 * systemd makes the mount namespace, so nothing of ours needs a capability; each process gets what `Launch` names and no more.
 */
import { Failure } from '../failure.ts';
import { nameOfGroup, nameOfUser } from '../install/users.ts';
import { APP, type Installed, type Service, type ServiceName, servicesOf } from '../processes/services.ts';
import { wantedFile } from '../sounds/wanted.ts';

/**
 * Whatever no process of ours needs. No MemoryDenyWriteExecute: Node and Postgres compile as they run.
 * @param namespaces that it may make
 * @param calls to the kernel beside those of any service
 */
const hardening = (namespaces = 'yes', calls = ''): string[] => [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectProc=invisible',
  `RestrictNamespaces=${namespaces}`,
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
  `SystemCallFilter=@system-service${calls}`,
  'SystemCallErrorNumber=EPERM',
];
const HARDENING = hardening();

/**
 * The brain decodes what strangers upload in user, mount and network namespaces of its own, in which its keys are not to be
 * seen (`packages/data/src/files/decoder.ts`). More of what makes them is worth less than that.
 */
const BRAIN_HARDENING = hardening('user mnt net', ' mount');

/** Per process: its order, and who is to go last when memory is short. Calls are worth most. */
const OWN: Record<ServiceName, { title: string; unit: (name: string) => string[]; service: string[] }> = {
  db: { title: 'PostgreSQL', unit: () => [], service: ['OOMScoreAdjust=-500', 'RestartSec=1s'] },
  engine: {
    title: 'Asterisk',
    unit: () => ['Wants=network-online.target', 'After=network-online.target'],
    service: ['OOMScoreAdjust=-800', 'RestartSec=250ms'],
  },
  brain: {
    title: 'call logic and API',
    // After, but without any of them: it carries calls while the database is away, and waits for the engine by itself.
    unit: (name) => [`Wants=${name}-prepare.service`, `After=${name}-prepare.service ${name}-engine.service`],
    // A leak ends here, and not with the engine.
    service: ['MemoryMax=50%', 'RestartSec=100ms'],
  },
};

/** Units beside the processes' own. */
export const OTHERS = ['prepare.service', 'sounds.path', 'sounds.service', 'watch.service'];

/** Files of /etc/systemd/system: name and content. */
export function unitsOf(installed: Installed, name: string): Record<string, string> {
  const { paths } = installed;
  const services = servicesOf(installed);
  for (const path of [paths.data, APP, process.execPath]) checkPath(path);
  const main = `${process.execPath} --disable-warning=ExperimentalWarning ${APP}/apps/host/src/main.ts`;
  const members = [...services.map((s) => `${name}-${s.name}.service`), ...OTHERS.map((other) => `${name}-${other}`)];
  const db = services.some((s) => s.name === 'db') ? [`${name}-db.service`] : [];
  const units: Record<string, string> = {
    [`${name}.target`]: unit({
      Unit: [`Description=LittlePBX in ${paths.data}`, `Wants=${members.join(' ')}`],
      Install: ['WantedBy=multi-user.target'],
    }),
    [`${name}-prepare.service`]: unit({
      Unit: ['Description=LittlePBX: tables', `PartOf=${name}.target`, ...db.map((other) => `After=${other}`)],
      Service: [
        'Type=oneshot',
        'RemainAfterExit=yes',
        `ExecStart=${main} prepare database --data ${paths.data}`,
        'TimeoutStartSec=180s',
        'PrivateTmp=yes',
        'ProtectHome=read-only',
      ],
    }),
    [`${name}-sounds.path`]: unit({
      Unit: ['Description=LittlePBX: sounds wanted', `PartOf=${name}.target`],
      Path: [`PathChanged=${wantedFile(paths)}`],
    }),
    // At every start too: what failed before may go now.
    [`${name}-sounds.service`]: unit({
      Unit: ['Description=LittlePBX: sounds', `PartOf=${name}.target`, `After=${name}-prepare.service`, ...FOR_EVER],
      Service: [
        'Type=oneshot',
        `ExecStart=${main} prepare sounds --data ${paths.data}`,
        'TimeoutStartSec=30min',
        'ProtectHome=read-only',
        'PrivateTmp=yes',
        'Restart=on-failure',
        'RestartSec=10min',
      ],
    }),
    [`${name}-watch.service`]: unit({
      Unit: ['Description=LittlePBX: watch', `PartOf=${name}.target`, `After=${name}-brain.service`, ...FOR_EVER],
      Service: [
        'Type=exec',
        `ExecStart=${main} supervise --watch --data ${paths.data}`,
        ...HARDENING.filter((line) => !/^(CapabilityBoundingSet|ProtectHome|ProtectProc|RestrictSUIDSGID)=/.test(line)),
        // Root, but without most of what makes it that: it signals, bans addresses, and reads and owns files of three users.
        'CapabilityBoundingSet=CAP_NET_ADMIN CAP_KILL CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_DAC_OVERRIDE CAP_SYS_PTRACE',
        'ProtectHome=read-only',
        `ReadWritePaths=${paths.data}`,
        'Restart=always',
        'RestartSec=1s',
      ],
    }),
  };
  for (const service of services)
    units[`${name}-${service.name}.service`] = processUnit(installed, service, name, main);
  return units;
}

/** As often as it takes: a phone system does not give up. */
const FOR_EVER = ['StartLimitIntervalSec=0'];

function processUnit({ paths, users }: Installed, service: Service, name: string, main: string): string {
  const { launch, stopSignals, pidFile, logFile } = service;
  const own = OWN[service.name];
  const isRooted = launch.root !== '/';
  const [first, second] = stopSignals;
  const writable = launch.binds.filter((bind) => !bind.isReadOnly);
  const readOnly = launch.binds.filter((bind) => bind.isReadOnly);
  return unit({
    Unit: [`Description=LittlePBX: ${own.title}`, `PartOf=${name}.target`, ...own.unit(name), ...FOR_EVER],
    Service: [
      'Type=exec',
      ...(isRooted ? [`RootDirectory=${launch.root}`, 'RootDirectoryStartOnly=yes', 'MountAPIVFS=yes'] : []),
      `User=${nameOfUser(users, launch.user.uid)}`,
      `Group=${nameOfGroup(users, launch.user.gid)}`,
      ...launch.groups.map((gid) => `SupplementaryGroups=${nameOfGroup(users, gid)}`),
      ...writable.map(({ from, to }) => `BindPaths=${from}:${to}`),
      ...readOnly.map(({ from, to }) => `BindReadOnlyPaths=${from}:${to}`),
      ...writable.map(({ to }) => `ReadWritePaths=${isRooted ? '+' : ''}${to}`),
      ...Object.entries({ LC_ALL: 'C.UTF-8', ...launch.env }).map(([key, value]) => `Environment=${key}=${value}`),
      ...(service.name === 'engine' ? [`ExecStartPre=+${main} prepare files --data ${paths.data}`] : []),
      `ExecStart=${launch.command.join(' ')}`,
      // `status`, `restart` and the watch know processes by their pid files.
      `ExecStartPost=+/bin/sh -c 'sed "s/.*) //" /proc/\${MAINPID}/stat | cut -d" " -f20 >${pidFile}.start; ` +
        `echo \${MAINPID} >${pidFile}'`,
      `ExecStopPost=+/bin/rm -f ${pidFile} ${pidFile}.start`,
      'Restart=always',
      ...own.service,
      `KillSignal=${first?.signal ?? 'SIGTERM'}`,
      'KillMode=mixed',
      `TimeoutStopSec=${((first?.patience ?? 5000) + (second?.signal === 'SIGKILL' ? 0 : (second?.patience ?? 0))) / 1000}s`,
      `StandardOutput=append:${logFile}`,
      `StandardError=append:${logFile}`,
      'UMask=0007',
      'LimitNOFILE=65536',
      'LimitCORE=0',
      ...(launch.nice === undefined ? [] : [`Nice=${launch.nice}`]),
      ...(service.name === 'brain' ? BRAIN_HARDENING : HARDENING),
    ],
  });
}

function unit(sections: Record<string, string[]>): string {
  const text = Object.entries(sections).map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`);
  return `# Written by ./littlepbx install-service; it writes it anew.\n${text.join('\n')}`;
}

/** Spaces, quotes, `%` and `$` mean something in a unit. */
function checkPath(path: string): void {
  if (!/^[A-Za-z0-9/._@+-]+$/.test(path)) {
    throw new Failure(
      `${path} has characters that systemd's units have a meaning for. Use a folder with plain letters.`,
    );
  }
}

/** Name of an installation's units when nobody gives one. */
export function defaultName(data: string, isDefault: boolean): string {
  const base = data.split('/').pop() ?? '';
  return isDefault ? 'littlepbx' : `littlepbx-${base.replace(/[^A-Za-z0-9_-]/g, '-')}`;
}

/** Where the machine's own units are. */
export const UNIT_FOLDER = '/etc/systemd/system';
