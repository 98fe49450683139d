import { randomBytes } from 'node:crypto';
import { makeToken } from '@littlepbx/data/migrate';
import { readIfThere, readJson, writeWhole } from '../files.ts';
import type { Paths } from './installation.ts';

/** Made at install, kept in `DATA/secrets.json`, readable by root alone. Given to processes only in files of theirs. */
export interface Secrets {
  dbSuperuser: string;
  dbOwner: string;
  dbApp: string;
  ari: string;
  ami: string;
  /** Owner's URL of an external database. */
  databaseUrl: string | null;
}

/** 192 random bits, of characters that need no escaping in URLs and configuration files. */
function password(): string {
  return randomBytes(24).toString('base64url').replaceAll('-', 'A').replaceAll('_', 'B');
}

/** The installation's secrets; missing ones are made. */
export function ensureSecrets(paths: Paths, databaseUrl: string | undefined): Secrets {
  const stored = readJson<Partial<Secrets>>(paths.secrets);
  const secrets: Secrets = {
    dbSuperuser: stored?.dbSuperuser ?? password(),
    dbOwner: stored?.dbOwner ?? password(),
    dbApp: stored?.dbApp ?? password(),
    ari: stored?.ari ?? password(),
    ami: stored?.ami ?? password(),
    databaseUrl: databaseUrl === undefined ? (stored?.databaseUrl ?? null) : databaseUrl || null,
  };
  if (JSON.stringify(stored) !== JSON.stringify(secrets)) {
    writeWhole(paths.secrets, `${JSON.stringify(secrets, null, 2)}\n`, 0o600);
  }
  return secrets;
}

/** The operator's API token, `lpbx_<id>_<secret>`; the database holds a hash of it. */
export function ensureOperatorKey(paths: Paths): string {
  const stored = readIfThere(paths.operatorKey)?.trim();
  if (stored) return stored;
  const token = makeToken();
  writeWhole(paths.operatorKey, `${token}\n`, 0o600);
  return token;
}
