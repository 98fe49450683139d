/**
 * The file of authorities that carriers' certificates may be of, beside the machine's own: the installation's, without which
 * it would be empty and refused by the engine, and what was given with trunks. The engine reads it at each connection.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Beside the engine's SQLite files: the host writes the installation's own, the brain the list. */
export const AUTHORITY = 'ca.pem';
export const AUTHORITIES = 'authorities.pem';

/** @param configDb beside which the files lie */
export function writeAuthorities(configDb: string, pems: string[]): void {
  const folder = dirname(configDb);
  const file = join(folder, AUTHORITIES);
  const own = read(join(folder, AUTHORITY));
  if (own === null) return;
  const wanted = [own, ...pems].map((pem) => `${pem.trim()}\n`).join('');
  if (read(file) === wanted) return;
  writeFileSync(`${file}.new`, wanted, { mode: 0o640 });
  renameSync(`${file}.new`, file);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
