import {
  chmodSync,
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';

/** Owner of a file: numeric user and group. */
export interface Owner {
  uid: number;
  gid: number;
}

export const ROOT: Owner = { uid: 0, gid: 0 };

/** Makes the folder, or gives an existing one this mode and owner. `mode` may hold the setgid bit. */
export function ensureFolder(path: string, mode: number, owner: Owner): void {
  mkdirSync(path, { recursive: true });
  const now = statSync(path);
  if (now.uid !== owner.uid || now.gid !== owner.gid) chownSync(path, owner.uid, owner.gid);
  // After chown, which clears setgid; and mkdir's own mode is cut by the umask.
  if ((statSync(path).mode & 0o7777) !== mode) chmodSync(path, mode);
}

/** Replaces a file in one step: a reader sees the old or the new content, and never a secret with a wider mode. */
export function writeWhole(path: string, content: string | Buffer, mode: number, owner: Owner = ROOT): void {
  const fresh = `${path}.${process.pid}.new`;
  rmSync(fresh, { force: true });
  // `wx` and the open file alone: in a folder that is another's, the name might be a link to anywhere by now.
  const file = openSync(fresh, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    fchownSync(file, owner.uid, owner.gid);
    fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
}

/** Content of a text file, null when there is none. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Parsed JSON file, null when there is none. */
export function readJson<T>(path: string): T | null {
  const text = readIfThere(path);
  return text === null ? null : (JSON.parse(text) as T);
}
