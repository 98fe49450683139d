import { copyFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
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
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
