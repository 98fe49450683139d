import type { DatabaseSync } from 'node:sqlite';
import type { SuspensionOrders } from '@littlepbx/core/ports';
import type { Finding } from '@littlepbx/core/spending/anomaly';

/** Suspensions that the brain ordered by itself, until Postgres has them. */
export function createSuspensionOrders(db: DatabaseSync): SuspensionOrders {
  db.exec(`
    CREATE TABLE IF NOT EXISTS suspension_order (id TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
  `);
  const put = db.prepare('INSERT OR IGNORE INTO suspension_order VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM suspension_order WHERE id = ?');
  return {
    pending: () =>
      (db.prepare('SELECT content FROM suspension_order').all() as { content: string }[]).map(
        ({ content }) => JSON.parse(content) as Finding,
      ),
    add: (finding) => void put.run(finding.id, JSON.stringify(finding)),
    done: (finding) => void remove.run(finding.id),
  };
}
