import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { mainAddress } from '../addresses.ts';
import { ensureFolder, writeWhole } from '../files.ts';
import { bansFile } from '../firewall/firewall.ts';
import { wantedFile } from '../sounds/wanted.ts';
import { appUrl } from './database.ts';
import { ENGINE_FILES } from './engine.ts';
import { INSIDE, type Installation, type Paths } from './installation.ts';
import type { Secrets } from './secrets.ts';
import type { Users } from './users.ts';

/** Path of the brain's settings as the brain sees it; `apps/server/src/settings.ts` says what is in it. */
export const BRAIN_SETTINGS = `${INSIDE.brain}/settings.json`;

/** Those of a brain that an upgrade starts beside the running one; and what it writes once it could take over. */
export const NEXT_BRAIN_SETTINGS = `${INSIDE.brain}/settings.next.json`;
export const STANDBY = `${INSIDE.brain}/standby`;

/** What phones are told to register at. */
export function sipHost(installation: Installation): string {
  if (installation.sip.publicAddress) return installation.sip.publicAddress;
  return installation.sip.bind === '0.0.0.0' ? mainAddress() : installation.sip.bind;
}

/** Base address of the API for this machine itself. */
export function localWeb(installation: Installation): string {
  const { host, port } = installation.web;
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
}

/** Base address of the pages and the API as a person elsewhere would write it. */
export function publicWeb(installation: Installation): string {
  const { host, port, publicUrl } = installation.web;
  if (publicUrl) return publicUrl;
  return `http://${host === '0.0.0.0' || host === '::' ? mainAddress() : host}:${port}`;
}

/** The brain's folder, its master key (once) and its settings; `isBeside`: those of the next one, which stands by. */
export function writeBrainSettings(
  paths: Paths,
  users: Users,
  installation: Installation,
  secrets: Secrets,
  isBeside: boolean,
): void {
  ensureFolder(paths.brain, 0o700, users.brain);
  // A folder of its own: the host watches it, and the brain's other files change all the time.
  ensureFolder(dirname(bansFile(paths)), 0o700, users.brain);
  ensureFolder(dirname(wantedFile(paths)), 0o700, users.brain);
  const masterKey = join(paths.brain, 'master.key');
  if (!existsSync(masterKey)) writeWhole(masterKey, randomBytes(32), 0o600, users.brain);
  const cores = availableParallelism();
  const settings = {
    web: installation.web,
    publicUrl: publicWeb(installation),
    databaseUrl: appUrl(installation, secrets),
    ari: { host: '127.0.0.1', port: installation.ari.port, user: 'littlepbx', password: secrets.ari },
    ami: { host: '127.0.0.1', port: installation.ami.port, user: 'littlepbx', password: secrets.ami },
    files: {
      engineConfig: ENGINE_FILES.configDb,
      engineState: ENGINE_FILES.stateDb,
      sounds: INSIDE.files,
      journal: `${INSIDE.brain}/journal.sqlite`,
      masterKey: `${INSIDE.brain}/master.key`,
    },
    sip: { host: sipHost(installation), port: installation.sip.port, tlsPort: installation.sip.tlsPort },
    // By Little's law 1.5 per core are twice the unloaded 8 ms at some 100 calls/s per core. At twice the ceiling 4 per core answered as
    // many, but took 60 instead of 26 ms (p95); 1 per core left a quarter of the machine idle.
    admission: { standing: 4 * cores, target: Math.ceil(1.5 * cores), max: 50 * cores },
    protection: {
      enforcedBy: installation.firewall.isActive ? 'firewall' : 'engine',
      bans: `${INSIDE.brain}/firewall/bans.json`,
    },
    prompts: {
      folder: INSIDE.sounds,
      engine: `${ENGINE_FILES.data}/sounds`,
      wanted: `${INSIDE.brain}/sounds/wanted.json`,
    },
    webhooks: installation.webhooks,
    rtpTimeoutInS: installation.rtp.timeoutInS,
    ...(isBeside ? { standby: STANDBY } : {}),
    logPersonalData: installation.log.personalData,
    logLevel: 'info',
  };
  const name = isBeside ? 'settings.next.json' : 'settings.json';
  writeWhole(join(paths.brain, name), `${JSON.stringify(settings, null, 2)}\n`, 0o600, users.brain);
}
