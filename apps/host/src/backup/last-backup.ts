/** When the last backup was made, noted where the brain looks: it tells the operator when that is long ago. */
import { join } from 'node:path';
import { readJson, writeWhole } from '../files.ts';
import type { Paths } from '../install/installation.ts';
import type { Users } from '../install/users.ts';

const fileOf = (paths: Paths): string => join(paths.brain, 'backup.json');

/** @param createdAt as ISO 8601 */
export function noteBackup(paths: Paths, users: Users, createdAt: string): void {
  writeWhole(fileOf(paths), `${JSON.stringify({ createdAt })}\n`, 0o600, users.brain);
}

/** As ISO 8601; null: none was made. */
export function lastBackup(paths: Paths): string | null {
  return readJson<{ createdAt: string }>(fileOf(paths))?.createdAt ?? null;
}
