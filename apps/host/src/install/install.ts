import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Failure } from '../failure.ts';
import { ensureFolder, ROOT } from '../files.ts';
import { firewallFault } from '../firewall/firewall.ts';
import type { Installed } from '../processes/services.ts';
import type { Progress } from '../progress.ts';
import { ensureSoundsHome } from '../sounds/folder.ts';
import { ensurePrograms, ensureSoundTools } from './apt.ts';
import { writeBrainSettings } from './brain.ts';
import { ensureCertificates } from './certificates.ts';
import { ensureCluster, writePostgresConf } from './database.ts';
import { type EngineProgram, ensureEngineFolders, findOwnAsterisk, writeEngineConf } from './engine.ts';
import { ensureRoot } from './ensure-root.ts';
import { type Installation, needInstallation, pathsOf, saveInstallation } from './installation.ts';
import { noteInstallation } from './installations.ts';
import { ensurePage } from './page.ts';
import { versionsIn } from './root.ts';
import { rootsOf } from './roots.ts';
import { ensureSecrets } from './secrets.ts';
import { ensureUsers } from './users.ts';

/** The Asterisk of an isolated root. */
export function engineIn(root: string): EngineProgram {
  return { root, path: '/usr/sbin/asterisk', version: null };
}

/** Refuses early what cannot work: no root, no Linux with namespaces. */
export function checkPrivileges(): void {
  if (process.platform !== 'linux') throw new Failure('LittlePBX runs on Linux (Debian 12 or newer is what we test).');
  if (process.getuid?.() !== 0) {
    throw new Failure(
      'This needs root: it installs Asterisk and PostgreSQL, opens ports, and runs each process under a user of its own.\n' +
        'Run it again with sudo, or as root.',
    );
  }
  if (!existsSync('/proc/self/ns/mnt')) {
    throw new Failure('This kernel has no mount namespaces; LittlePBX keeps its processes apart with them.');
  }
}

/** What the processes run from, and as whom. */
export type Programs = Pick<Installed, 'users' | 'root' | 'engine'>;

/** nftables, installed when missing; where they cannot be used the engine refuses banned addresses itself. */
async function chooseFirewall(installation: Installation, progress: Progress): Promise<void> {
  const { firewall } = installation;
  if (firewall.isWanted) await ensurePrograms({ nft: 'nftables' }, progress).catch(() => {});
  const fault = firewall.isWanted ? await firewallFault() : null;
  firewall.isActive = firewall.isWanted && fault === null;
  if (fault !== null) progress.note(`no firewall, the engine refuses banned addresses itself: ${fault}`);
}

/** Users, the isolated root or an Asterisk of the machine's own, and the page. Two steps of progress. */
export async function installPrograms(installation: Installation, progress: Progress): Promise<Programs> {
  await chooseFirewall(installation, progress);
  const own = await findOwnAsterisk(installation.asterisk);
  const needsRoot = own === null || !installation.db.isExternal;
  const roots = rootsOf(installation);
  const needed = [...(own ? [] : [roots.engine]), ...(needsRoot ? [roots.db] : [])];
  const isThere = needed.every((root) => existsSync(root));
  progress.step(isThere ? 'Checking what is installed' : 'Installing Asterisk 22 and PostgreSQL 18');
  await ensureSoundTools(progress);
  const users = await ensureUsers();
  for (const root of new Set(needed)) await ensureRoot(root, users, progress);
  await ensurePage(progress);
  return { users, root: needsRoot ? roots.db : null, engine: own ?? engineIn(roots.engine) };
}

/**
 * Brings all files of an installation to what this version and these settings want, and touches no running process.
 * Repeating it changes nothing. One step of progress.
 * @param isBeside for a new brain beside the running one: whatever that one or the engine read when they start again stays
 *   as it is, and the installation is not remembered yet
 */
export async function writeFiles(
  data: string,
  installation: Installation,
  { users, root, engine }: Programs,
  databaseUrl: string | undefined,
  progress: Progress,
  isBeside = false,
): Promise<Installed> {
  progress.step('Writing configuration, certificates and database files');
  const paths = pathsOf(data);
  // Traversable by root alone: each process gets its own folders bound into its namespace.
  for (const folder of [paths.data, paths.log, paths.run]) ensureFolder(folder, 0o700, ROOT);
  const secrets = ensureSecrets(paths, databaseUrl);
  ensureSoundsHome();
  ensureEngineFolders(paths, users);
  const cluster = installation.db.isExternal ? null : ensureCluster(root!, paths, users, secrets);
  await Promise.all([cluster, ensureCertificates(paths, users.engine, installation.sip.publicAddress)]);
  if (cluster) writePostgresConf(paths, users, installation);
  if (!isBeside) writeEngineConf(paths, users, installation, secrets, engine);
  writeBrainSettings(paths, users, installation, secrets, isBeside);

  noteRoots(installation, root, engine);
  if (!isBeside) {
    saveInstallation(data, installation);
    noteInstallation(data);
  }
  return { installation, paths, secrets, users, root, engine };
}

/** What an installation runs from, into what is remembered of it. */
export function noteRoots(installation: Installation, root: string | null, engine: EngineProgram): void {
  if (root === null) delete installation.roots;
  else installation.roots = { engine: basename(engine.root === '/' ? root : engine.root), db: basename(root) };
  installation.versions = {
    ...installation.versions,
    node: process.versions.node,
    asterisk: engine.version ?? versionsIn(engine.root).asterisk,
    ...(installation.db.isExternal || root === null ? {} : { postgres: versionsIn(root).postgres }),
  };
}

/** What `install` made, read back; for commands that act on a running installation. */
export async function loadInstalled(data: string): Promise<Installed> {
  const installation = needInstallation(data);
  const paths = pathsOf(data);
  const own = await findOwnAsterisk(installation.asterisk);
  const roots = rootsOf(installation);
  return {
    installation,
    paths,
    secrets: ensureSecrets(paths, undefined),
    users: await ensureUsers(),
    root: own !== null && installation.db.isExternal ? null : roots.db,
    engine: own ?? engineIn(roots.engine),
  };
}
