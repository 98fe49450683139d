/** What of DATA belongs into a backup. Whatever is not known to be a cache, a log or a process's own does. */
import { chownSync, type Dirent, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite';
import type { Paths } from '../install/installation.ts';

export interface Item {
  /** Below DATA. */
  path: string;
  /** Where its content is read. */
  source: string;
  isFolder: boolean;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtime: Date;
}

/** Below DATA: not worth keeping, or made anew at every start. */
const LEFT_OUT = new Set([
  'db', // its content is in the dump
  'log',
  'run',
  'installation.json', // its content is in the manifest
  'engine/etc',
  'engine/log',
  'engine/run',
  'engine/shared/config.sqlite', // a cache of Postgres
  'brain/backup.json', // it would speak of the one before
  'brain/cache',
  'brain/settings.json',
  'brain/settings.next.json',
  'brain/standby',
  'service.json', // of this machine
]);

const isDatabase = (name: string): boolean => /\.sqlite3?$/.test(name);

function isLeftOut(path: string): boolean {
  return LEFT_OUT.has(path) || /\.(lock|new)$/.test(path) || /\.sqlite3?-(wal|shm|journal)$/.test(path);
}

/**
 * SQLite files in use, copied as of one moment each into `folder`. Before the dump: a call record is then in the copy of
 * the journal, in Postgres, or in both, which does not matter.
 */
export async function copyLocalDatabases(paths: Paths, folder: string): Promise<Map<string, string>> {
  const copies = new Map<string, string>();
  for (const item of walk(paths.data)) {
    if (item.isFolder || !isDatabase(item.path)) continue;
    const copy = join(folder, item.path.replaceAll('/', '_'));
    mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
    const source = new DatabaseSync(item.source, { readOnly: true });
    try {
      await copyDatabase(source, copy);
    } finally {
      source.close();
    }
    chownSync(copy, item.uid, item.gid);
    copies.set(item.path, copy);
  }
  return copies;
}

/** Folders before what is in them. What goes away meanwhile is left out. */
export function* collect(paths: Paths, copies: ReadonlyMap<string, string>): Generator<Item> {
  for (const item of walk(paths.data)) {
    if (item.isFolder || !isDatabase(item.path)) yield item;
    else {
      const source = copies.get(item.path);
      if (source) yield { ...item, source, size: lstatSync(source).size };
    }
  }
}

function* walk(data: string, below = ''): Generator<Item> {
  for (const entry of entriesOf(join(data, below))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (isLeftOut(path) || !(entry.isDirectory() || entry.isFile())) continue;
    const source = join(data, path);
    const stat = lstatSync(source, { throwIfNoEntry: false });
    if (!stat) continue;
    const { size, mode, uid, gid, mtime } = stat;
    const isFolder = entry.isDirectory();
    yield { path, source, isFolder, size: isFolder ? 0 : size, mode: mode & 0o7777, uid, gid, mtime };
    if (isFolder) yield* walk(data, path);
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
