/**
 * What SQLite's write-ahead log holds is brought into the file beside the thread that carries calls: it waits for the disk
 * twice, and every caller would wait with it. At 100 calls a second that was 1 to 2 % of all time, 10 to 70 ms at a time, and
 * a disk that stood for 3 s got the brain replaced (seen).
 */
import { DatabaseSync } from 'node:sqlite';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** Milliseconds. */
const EVERY = 1_000;
/** Pages, of 4 KB: the log starts over when this many were written. Most of them are in the file by then. */
const AT_MOST = 4_000;

interface Work {
  checkpointsOf: string;
}

/** @param db the connection that writes; @param path its file. Returns what ends it. */
export function checkpointAside(db: DatabaseSync, path: string): () => void {
  const work: Work = { checkpointsOf: path };
  const worker = new Worker(new URL(import.meta.url), { workerData: work });
  worker.unref();
  // Without it all is as if it had never been: the connection that writes does it by itself.
  const byItself = () => db.isOpen && db.exec('PRAGMA wal_autocheckpoint = 1000');
  worker.on('error', byItself);
  db.exec(`PRAGMA wal_autocheckpoint = ${AT_MOST}`);
  return () => void worker.terminate();
}

function isWork(data: unknown): data is Work {
  return typeof data === 'object' && data !== null && 'checkpointsOf' in data;
}

if (!isMainThread && isWork(workerData)) {
  const db = new DatabaseSync(workerData.checkpointsOf);
  db.exec('PRAGMA synchronous = NORMAL');
  // PASSIVE waits for nobody, and nobody for it.
  const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  setInterval(() => {
    try {
      checkpoint.get();
    } catch {
      // The disk is full or ill: whoever writes finds out, and says so.
    }
  }, EVERY);
}
