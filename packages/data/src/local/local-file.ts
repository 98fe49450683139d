/**
 * The brain's own SQLite file: journal of live calls, records on their way to Postgres, and the organizations as last
 * read. It holds digests and call records, so only the brain's user may read it.
 */
import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { OrganizationCache, RateDeckCache, SuspensionOrders } from '@littlepbx/core/ports';
import type { BanStore } from '@littlepbx/core/protection/protection';
import { Cipher } from '../cipher.ts';
import { createBanStore } from './bans.ts';
import { checkpointAside } from './checkpoints.ts';
import { LocalJournal } from './journal.ts';
import { LocalMemory, MEMORY_TABLE } from './memory.ts';
import { createOrganizationCache } from './organization-cache.ts';
import { createRateDeckCache } from './rate-deck-cache.ts';
import { LocalSounds, SOUND_TABLES } from './sounds.ts';
import { createSuspensionOrders } from './suspension-orders.ts';

export interface LocalFile {
  journal: LocalJournal;
  organizations: OrganizationCache;
  sounds: LocalSounds;
  memory: LocalMemory;
  bans: BanStore;
  rateDecks: RateDeckCache;
  suspensionOrders: SuspensionOrders;
  /** The disk is waited for in a thread of its own from now on. For a process that lives as long as the file is open. */
  checkpointAside(): void;
  /** Writes what is pending and closes the file. */
  close(): void;
}

/**
 * Opens or makes the file.
 * @param masterKey 32 bytes; encrypts trunk passwords in it, as in Postgres
 */
export function openLocalFile(path: string, masterKey: Buffer): LocalFile {
  // SQLite gives its -wal and -shm files the mode of the main file, so it must be right before the first write.
  if (path !== ':memory:') {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  }
  const db = new DatabaseSync(path);
  // NORMAL in WAL mode: a commit survives the death of the process, without an fsync; a power cut may lose the last.
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS live_call (id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, call TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS refused_record (seq INTEGER PRIMARY KEY, call TEXT NOT NULL, reason TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS ban (id TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS allowed_network (network TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS honeypots (id INTEGER PRIMARY KEY CHECK (id = 1), usernames TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS organization (id TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
    ${MEMORY_TABLE}
    ${SOUND_TABLES}
  `);
  const journal = new LocalJournal(db);
  let endCheckpoints = () => {};
  return {
    journal,
    bans: createBanStore(db),
    organizations: createOrganizationCache(db, new Cipher(masterKey)),
    sounds: new LocalSounds(db),
    memory: new LocalMemory(db, new Cipher(masterKey)),
    rateDecks: createRateDeckCache(db),
    suspensionOrders: createSuspensionOrders(db),
    checkpointAside() {
      endCheckpoints = checkpointAside(db, path);
    },
    close() {
      endCheckpoints();
      try {
        journal.flush();
      } finally {
        journal.close();
        db.close();
      }
    },
  };
}
