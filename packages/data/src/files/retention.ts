/**
 * What keeps disk, rows and rules in step: recordings and voicemail past their days go, and what one side lost is mended
 * on the other. Both may be broken off anywhere, and be done again.
 */
import type { FileKind, SoundFile } from '@littlepbx/core/files/files';
import type { Log } from '@littlepbx/core/ports';
import type { OrganizationId } from '@littlepbx/core/tenancy/organization';
import { sql } from 'kysely';
import type { TenantDb } from '../tenant-db.ts';
import type { SoundFolder } from './sound-folder.ts';

const BATCH = 500;
/** Milliseconds. */
const TIMEOUT = 10_000;
/** A younger file may be of an upload or a recording that is about to be told to Postgres. Milliseconds. */
const SETTLED = 3_600_000;
/** Of an organization's rows: when more files are missing, it is the disk that is not there, and rows stay. */
const MOST_MISSING = 0.5;

/** Deletes what is past its organization's days; resolves to what went. Files whose removal fails are orphans for `mend`. */
export async function expire(
  db: TenantDb,
  disk: { remove(files: SoundFile[]): Promise<void> },
  batch = BATCH,
): Promise<number> {
  let count = 0;
  for (;;) {
    const { rows } = await db.asOperator(
      (trx) =>
        sql<{ id: string; organizationId: string; kind: FileKind; bytes: number }>`
          DELETE FROM file WHERE id IN (
            SELECT f.id FROM file f JOIN organization o ON o.id = f.organization_id
            WHERE (f.kind = 'recording' AND o.recordings_in_days > 0
                AND f.created_at < now() - o.recordings_in_days * interval '1 day')
              OR (f.kind = 'voicemail' AND o.voicemail_in_days > 0
                AND f.created_at < now() - o.voicemail_in_days * interval '1 day')
            LIMIT ${batch})
          RETURNING id, organization_id AS "organizationId", kind, bytes`.execute(trx),
      TIMEOUT,
    );
    await disk.remove(rows as SoundFile[]);
    count += rows.length;
    if (rows.length < batch) return count;
  }
}

export interface Mended {
  /** Files that no row knew of. */
  files: number;
  /** Rows whose file was gone. */
  rows: number;
  /** Folders of organizations that are no more. */
  folders: number;
}

/**
 * Compares the folder with Postgres, one organization after the other, and mends: a file without a row and a row without
 * a file are removed.
 * @param isExpected whether a sound is on its way to Postgres
 */
export async function mend(o: {
  db: TenantDb;
  folder: SoundFolder;
  isExpected: (id: string) => boolean;
  log: Log;
  now: () => number;
}): Promise<Mended> {
  const { db, folder, log } = o;
  const mended: Mended = { files: 0, rows: 0, folders: 0 };
  const { rows: all } = await db.asOperator(
    (trx) => sql<{ id: OrganizationId }>`SELECT id FROM organization`.execute(trx),
    TIMEOUT,
  );
  const known = new Set(all.map(({ id }) => id));
  for (const id of await folder.organizations()) {
    if (known.has(id)) continue;
    const sounds = await folder.list(id);
    if (sounds.some((sound) => o.now() - sound.changedAt < SETTLED)) continue;
    await folder.erase(id);
    mended.folders += 1;
  }
  for (const id of known) await mendOne(id);
  if (mended.files + mended.rows + mended.folders > 0) log.warn('sounds-mended', { ...mended });
  return mended;

  async function mendOne(organizationId: OrganizationId): Promise<void> {
    // The disk first: what comes meanwhile is in neither list, or in the rows alone and then looked for again.
    const onDisk = new Map((await folder.list(organizationId)).map((sound) => [sound.id, sound]));
    const { rows } = await db.withOrganization(organizationId, (trx) =>
      sql<{ id: string; kind: FileKind }>`
        SELECT id, kind FROM file WHERE organization_id = ${organizationId}`.execute(trx),
    );
    const inRows = new Set(rows.map((row) => row.id));
    for (const { id, isMusic, changedAt } of onDisk.values()) {
      if (inRows.has(id) || o.isExpected(id) || o.now() - changedAt < SETTLED) continue;
      await folder.remove([{ id, organizationId, kind: isMusic ? 'music' : 'recording' }]);
      mended.files += 1;
    }
    const missing: string[] = [];
    for (const { id, kind } of rows) {
      if (!onDisk.has(id) && (await folder.measure({ id, organizationId, kind })) === null) missing.push(id);
    }
    if (missing.length === 0) return;
    if (missing.length > 1 && missing.length > rows.length * MOST_MISSING) {
      log.error('sounds-missing', { organization: organizationId, missing: missing.length, of: rows.length });
      return;
    }
    await db.withOrganization(organizationId, (trx) =>
      trx.deleteFrom('file').where('organization_id', '=', organizationId).where('id', 'in', missing).execute(),
    );
    mended.rows += missing.length;
  }
}
