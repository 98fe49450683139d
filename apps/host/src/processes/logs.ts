import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes after which a log is put aside, and how many old ones are kept. */
const MAX_SIZE = 20 * 1024 * 1024;
const KEPT = 5;

/** Puts aside the big logs of these folders. */
export function rotateLogs(folders: string[], maxSize = MAX_SIZE): void {
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile() && !/\.\d$/.test(entry.name)) rotate(join(folder, entry.name), maxSize);
    }
  }
}

function rotate(path: string, maxSize: number): void {
  if (statSync(path).size < maxSize) return;
  rmSync(`${path}.${KEPT}`, { force: true });
  for (let n = KEPT - 1; n >= 1; n -= 1) {
    try {
      renameSync(`${path}.${n}`, `${path}.${n + 1}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  // Copy and cut, not rename: the writers hold the file open for appending, and could not be told of a new one alike.
  // What is written between the two, some microseconds, is lost.
  copyMakingRoom(path);
  truncateSync(path);
}

/** On a full disk the oldest logs make room for the newest. */
function copyMakingRoom(path: string): void {
  for (let n = KEPT; ; n -= 1) {
    try {
      copyFileSync(path, `${path}.1`);
      return;
    } catch (error) {
      rmSync(`${path}.1`, { force: true });
      while (n > 1 && !existsSync(`${path}.${n}`)) n -= 1;
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' || n <= 1) throw error;
      rmSync(`${path}.${n}`, { force: true });
    }
  }
}
