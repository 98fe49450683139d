/** Tells Postgres of the sounds that were taken over. */
import type { SoundFile } from '@littlepbx/core/files/files';
import type { Clock, Log } from '@littlepbx/core/ports';
import type { LocalSounds } from '../local/sounds.ts';
import { type Shipper, startShipper } from '../shipper.ts';
import { insertFiles } from '../stores/files.ts';
import type { TenantDb } from '../tenant-db.ts';
import type { SoundFolder } from './sound-folder.ts';

/** Milliseconds. */
const TIMEOUT = 10_000;

export function startFileShipper(ports: {
  local: LocalSounds;
  folder: SoundFolder;
  db: TenantDb;
  clock: Clock;
  log: Log;
  /** Postgres has them. */
  onStored?: (files: SoundFile[]) => void;
}): Shipper {
  const { local, folder, db, clock, log, onStored } = ports;
  return startShipper({
    outbox: local,
    async insert(batch) {
      const files = batch.map(({ file }) => file);
      const orphans = await db.asOperator((trx) => insertFiles(trx, files), TIMEOUT);
      // Its organization was deleted while the call went on.
      for (const organizationId of orphans) await folder.erase(organizationId);
      onStored?.(files.filter(({ organizationId }) => !orphans.includes(organizationId)));
    },
    nameOf: ({ file }) => ({ file: file.id, organization: file.organizationId }),
    what: 'file',
    clock,
    log,
  });
}
