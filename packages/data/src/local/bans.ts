import type { DatabaseSync } from 'node:sqlite';
import type { AllowedNetwork, Ban, BanStore } from '@littlepbx/core/protection/protection';

/** Bans, the allow-list and the honeypots. Written at once: some 50 µs each. */
export function createBanStore(db: DatabaseSync): BanStore {
  const sql = {
    bans: db.prepare('SELECT content FROM ban ORDER BY id'),
    put: db.prepare('INSERT OR REPLACE INTO ban (id, content) VALUES (?, ?)'),
    remove: db.prepare('DELETE FROM ban WHERE id IN (SELECT value FROM json_each(?))'),
    allowed: db.prepare('SELECT content FROM allowed_network ORDER BY network'),
    allow: db.prepare('INSERT OR REPLACE INTO allowed_network (network, content) VALUES (?, ?)'),
    disallow: db.prepare('DELETE FROM allowed_network WHERE network = ?'),
    honeypots: db.prepare('SELECT usernames FROM honeypots'),
    setHoneypots: db.prepare('INSERT OR REPLACE INTO honeypots (id, usernames) VALUES (1, ?)'),
  };
  const contents = <T>(rows: unknown[]): T[] =>
    rows.map((row) => JSON.parse((row as { content: string }).content) as T);
  return {
    bans: () => contents<Ban>(sql.bans.all()),
    putBan: (ban) => void sql.put.run(ban.id, JSON.stringify(ban)),
    removeBans: (ids) => void (ids.length > 0 && sql.remove.run(JSON.stringify(ids))),
    allowed: () => contents<AllowedNetwork>(sql.allowed.all()),
    putAllowed: (entry) => void sql.allow.run(entry.network, JSON.stringify(entry)),
    removeAllowed: (network) => void sql.disallow.run(network),
    honeypots() {
      const row = sql.honeypots.get() as { usernames: string } | undefined;
      return row ? (JSON.parse(row.usernames) as string[]) : null;
    },
    setHoneypots: (usernames) => void sql.setHoneypots.run(JSON.stringify(usernames)),
  };
}
