/**
 * Brings a database to the present schema: forward only, plain SQL files in the order of their names.
 * Run by the host as the owner of the tables before the brain starts; the brain's own role cannot.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { ALL_SCOPES } from '@littlepbx/core/tenancy/actor';
import pg from 'pg';
import { parseToken } from './token.ts';

const FOLDER = new URL('../migrations/', import.meta.url);

/** Any constant will do, as long as it stays: two migrations at once wait for each other. */
const LOCK = 0x6c706278;

interface MigrationFile {
  name: string;
  sql: string;
  checksum: string;
}

/** Names of the migrations that this version has, in their order. */
export function migrationNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort();
}

function files(): MigrationFile[] {
  return migrationNames().map((name) => {
    const sql = readFileSync(new URL(name, FOLDER), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/**
 * Applies what is missing, one transaction per file; does nothing when all is there.
 * @param ownerUrl connection of the owner of the tables (`littlepbx_owner`) or of a superuser
 * @returns names of the files that were applied now
 * @throws when an applied file was changed since, or is unknown here (the database is newer than this program)
 */
export async function migrate(ownerUrl: string): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await prepareRoles(client);
    await client.query(
      `CREATE TABLE IF NOT EXISTS migration (
         name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const { rows } = await client.query<{ name: string; checksum: string }>('SELECT name, checksum FROM migration');
    const here = files();
    const unknown = rows.find((row) => !here.some((file) => file.name === row.name));
    if (unknown) throw new Error(`the database has migration ${unknown.name}, which this version does not know`);

    const applied: string[] = [];
    for (const file of here) {
      const done = rows.find((row) => row.name === file.name);
      if (done && done.checksum !== file.checksum) {
        throw new Error(`migration ${file.name} was changed after it had been applied to this database`);
      }
      if (done) continue;
      await applyFile(client, file);
      applied.push(file.name);
    }
    return { applied };
  } finally {
    // Ends the session, and with it the lock.
    await client.end();
  }
}

async function applyFile(client: pg.Client, file: MigrationFile): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(file.sql);
    await client.query('INSERT INTO migration (name, checksum) VALUES ($1, $2)', [file.name, file.checksum]);
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK');
    throw new Error(`migration ${file.name} failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** The host makes the roles, with their passwords; where they are missing (tests) they are made without a login. */
async function prepareRoles(client: pg.Client): Promise<void> {
  await ensureRole(client, 'littlepbx_app');
  const { rows } = await client.query<{ rolsuper: boolean }>(
    'SELECT rolsuper FROM pg_roles WHERE rolname = current_user',
  );
  if (!rows[0]?.rolsuper) return;
  // A superuser passes by row-level security even where it is forced, so it should own nothing here.
  await ensureRole(client, 'littlepbx_owner');
  await client.query('GRANT CREATE, USAGE ON SCHEMA public TO littlepbx_owner');
  await client.query('SET ROLE littlepbx_owner');
}

async function ensureRole(client: pg.Client, role: 'littlepbx_app' | 'littlepbx_owner'): Promise<void> {
  // Roles belong to the whole cluster: a migration of another database may make the same one at this moment.
  await client.query(
    `DO $$ BEGIN
       IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role} NOLOGIN; END IF;
     EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
  );
}

/**
 * Makes this token the operator's; putting the same one again changes nothing, and a token with the same id and another
 * secret replaces it. Only its SHA-256 is stored.
 * @param token `lpbx_<id>_<secret>`, see `makeToken`
 */
export async function putOperatorKey(ownerUrl: string, token: string): Promise<void> {
  const parsed = parseToken(token);
  if (!parsed) throw new Error('an operator key must look like lpbx_<id>_<secret>');
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT set_config('app.operator', 'on', true)");
    await client.query(
      `INSERT INTO api_key (id, organization_id, name, scopes, secret_sha256) VALUES ($1, NULL, 'installation', $2, $3)
       ON CONFLICT (id) DO UPDATE SET secret_sha256 = excluded.secret_sha256, scopes = excluded.scopes
         WHERE api_key.organization_id IS NULL`,
      [parsed.id, ALL_SCOPES, createHash('sha256').update(parsed.secret).digest('hex')],
    );
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

export { makeToken } from './token.ts';
