/** What has to be done about sounds now and then: recordings that no call took over, and how much is stored. */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import type { Log } from '@littlepbx/core/ports';
import { type RecordedSounds, storageUsed, type TenantDb } from '@littlepbx/data';

/** Milliseconds. */
const LOOK_EVERY = 30_000;
const TIMEOUT = 10_000;

export interface FileKeeping {
  sounds: RecordedSounds;
  db: TenantDb;
  registry: Pick<CallRegistry, 'call'>;
  log: Log;
}

/** Begins at once; returns what ends it. To be called when earlier calls are adopted, which still record. */
export function keepFiles({ sounds, db, registry, log }: FileKeeping): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout | null = null;
  const look = async (): Promise<void> => {
    await sounds.sweep((call) => registry.call(call) !== null);
    sounds.usageIs(await db.asOperator(storageUsed, TIMEOUT));
  };
  const again = (): void => {
    void look()
      .catch((error: unknown) => log.warn('files-not-kept', { error: String(error) }))
      .finally(() => {
        if (!isStopped) timer = setTimeout(again, LOOK_EVERY);
      });
  };
  again();
  return () => {
    isStopped = true;
    if (timer) clearTimeout(timer);
  };
}
