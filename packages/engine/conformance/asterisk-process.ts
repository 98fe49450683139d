/**
 * A real Asterisk of a test's own: from the isolated root of the machine (`LITTLEPBX_ROOT`, which `littlepbx test`
 * sets), with the configuration an installation has, free ports and a folder that is thrown away.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCertificates } from '../../../apps/host/src/install/certificates.ts';
import { ENGINE_FILES, ensureEngineFolders, writeEngineConf } from '../../../apps/host/src/install/engine.ts';
import { INSIDE, pathsOf, withFlags } from '../../../apps/host/src/install/installation.ts';
import { refreshNames } from '../../../apps/host/src/install/root.ts';
import { ensureUsers } from '../../../apps/host/src/install/users.ts';
import { launch } from '../../../apps/host/src/processes/launch.ts';
import { ensureSoundsHome, soundsHome } from '../../../apps/host/src/sounds/folder.ts';
import { freePorts } from '../../../test/kit/installation.ts';
import { modulesConf } from '../src/asterisk/conf/modules.ts';
import { type AsteriskDirectory, createAsteriskDirectory } from '../src/asterisk/directory.ts';

export interface AsteriskProcess {
  readonly sipPort: number;
  readonly ari: { host: string; port: number; user: string; password: string };
  readonly directory: AsteriskDirectory;
  /** Folder of finished recordings, and of stored sounds. */
  readonly recordings: string;
  readonly files: string;
  /** What it wrote to its console and its log, to explain a failure. */
  log(): string;
  stop(): Promise<void>;
}

/** The isolated root, or null when there is none on this machine. */
export function isolatedRoot(): string | null {
  const root = process.env.LITTLEPBX_ROOT;
  return root !== undefined && existsSync(join(root, 'usr/sbin/asterisk')) ? root : null;
}

/** Started by this process so far. */
let started = 0;

/** @param hasGuard whether it gets our module, if the root has it */
export async function startAsterisk(root: string, hasGuard = true): Promise<AsteriskProcess> {
  const data = mkdtempSync(join(tmpdir(), 'lpbx-conformance-'));
  const paths = pathsOf(data);
  const users = await ensureUsers();
  const secret = () => randomBytes(24).toString('hex');
  const secrets = { dbSuperuser: '', dbOwner: '', dbApp: '', ari: secret(), ami: secret(), databaseUrl: null };
  const [sipPort, sipTlsPort, sipCarrierTlsPort, ariPort, amiPort] = await freePorts(5);
  // Of 100 possible ranges one that another test run on this machine hardly has.
  const rtpFrom = 40_000 + 200 * ((process.pid + started) % 100);
  started += 1;
  const installation = withFlags(null, {
    sipBind: '127.0.0.1',
    sipPort: sipPort!,
    sipTlsPort: sipTlsPort!,
    sipCarrierTlsPort: sipCarrierTlsPort!,
    ariPort: ariPort!,
    amiPort: amiPort!,
    rtpPorts: { from: rtpFrom, to: rtpFrom + 199 },
  });
  const program = { root, path: '/usr/sbin/asterisk', version: null };
  for (const folder of [paths.log, paths.run]) mkdirSync(folder, { recursive: true });
  ensureSoundsHome();
  ensureEngineFolders(paths, users);
  await ensureCertificates(paths, users.engine, null);
  writeEngineConf(paths, users, installation, secrets, program);
  if (!hasGuard) writeFileSync(join(paths.engine, 'etc/modules.conf'), modulesConf({ hasGuard }));
  refreshNames(root);
  const files = {
    configDb: join(paths.engine, 'shared/config.sqlite'),
    stateDb: join(paths.engine, 'shared/state.sqlite'),
  };
  const logFile = join(paths.log, 'engine.log');
  const { child } = launch({
    root,
    user: users.engine,
    groups: [users.brain.gid],
    binds: [
      { from: paths.engine, to: INSIDE.engine },
      { from: paths.files, to: INSIDE.files },
      { from: soundsHome(), to: INSIDE.sounds, isReadOnly: true },
    ],
    env: { HOME: ENGINE_FILES.lib },
    command: [program.path, '-f', '-C', `${ENGINE_FILES.etc}/asterisk.conf`],
    log: logFile,
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit');
  const directory = createAsteriskDirectory({
    ...files,
    ami: { host: '127.0.0.1', port: amiPort!, user: 'littlepbx', password: secrets.ami },
    rtpTimeoutInS: installation.rtp.timeoutInS,
    files: INSIDE.files,
  });
  return {
    sipPort: sipPort!,
    ari: { host: '127.0.0.1', port: ariPort!, user: 'littlepbx', password: secrets.ari },
    directory,
    recordings: join(paths.files, 'spool/recording'),
    files: paths.files,
    log: () =>
      [logFile, join(paths.engine, 'log/messages.log')]
        .map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''))
        .join('\n'),
    async stop() {
      directory.close();
      child.kill('SIGTERM');
      const late = setTimeout(kill, 5000);
      await exited;
      clearTimeout(late);
      process.removeListener('exit', kill);
      rmSync(data, { recursive: true, force: true });
    },
  };
}
