/** What has to be done about sounds now and then: recordings that no call took over, how much is stored, what is past its days. */
import type { CallRegistry } from '@littlepbx/core/call/registry';
import type { Log } from '@littlepbx/core/ports';
import { expire, mend, type RecordedSounds, type SoundFolder, storageUsed, type TenantDb } from '@littlepbx/data';

/** Milliseconds. */
const LOOK_EVERY = 30_000;
const TIMEOUT = 10_000;
const EXPIRE_EVERY = 10 * 60_000;
const MEND_EVERY = 24 * 3_600_000;

export interface FileKeeping {
  sounds: RecordedSounds;
  folder: SoundFolder;
  db: TenantDb;
  registry: Pick<CallRegistry, 'call'>;
  log: Log;
}

/** Begins at once; returns what ends it. To be called when earlier calls are adopted, which still record. */
export function keepFiles({ sounds, folder, db, registry, log }: FileKeeping): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout | null = null;
  let expiredAt = 0;
  // Not at once: a start has better to do.
  let mendedAt = Date.now() - MEND_EVERY + EXPIRE_EVERY;
  const look = async (): Promise<void> => {
    await sounds.sweep((call) => registry.call(call) !== null);
    sounds.usageIs(await db.asOperator(storageUsed, TIMEOUT));
    if (Date.now() - expiredAt > EXPIRE_EVERY) {
      expiredAt = Date.now();
      const count = await expire(db, sounds);
      if (count > 0) log.info('files-expired', { count });
    }
    if (Date.now() - mendedAt > MEND_EVERY) {
      mendedAt = Date.now();
      await mend({ db, folder, isExpected: (id) => sounds.isExpected(id), log, now: Date.now });
    }
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
