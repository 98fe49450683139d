import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pruneAudit } from '@littlepbx/data/audit-retention';
import { migrate, putOperatorKey } from '@littlepbx/data/migrate';
import pg from 'pg';
import { Failure, messageOf } from '../failure.ts';
import { ensureFolder, readIfThere, writeWhole } from '../files.ts';
import { runIsolated } from '../processes/launch.ts';
import { until } from '../wait.ts';
import { INSIDE, type Installation, type Paths } from './installation.ts';
import { postgresBin, postgresMajor } from './root.ts';
import type { Secrets } from './secrets.ts';
import type { Users } from './users.ts';

const OWNER = 'littlepbx_owner';
const APP = 'littlepbx_app';
const DATABASE = 'littlepbx';

/** What the isolated programs of Postgres have in common. */
export function postgresIsolation(root: string, paths: Paths, users: Users) {
  return {
    root,
    user: users.db,
    groups: [],
    binds: [{ from: paths.db, to: INSIDE.db }],
    env: { TZ: 'UTC', HOME: INSIDE.db },
  };
}

/** Makes the own cluster, once (0.7 s). */
export async function ensureCluster(root: string, paths: Paths, users: Users, secrets: Secrets): Promise<void> {
  ensureFolder(paths.db, 0o700, users.db);
  if (existsSync(join(paths.db, 'data/PG_VERSION'))) return checkMajor(root, paths);
  // Left over when an earlier initdb was interrupted: it writes PG_VERSION late, so nothing of worth is in there.
  rmSync(join(paths.db, 'data'), { recursive: true, force: true });
  const passwordFile = join(paths.db, 'initdb.password');
  writeWhole(passwordFile, `${secrets.dbSuperuser}\n`, 0o600, users.db);
  try {
    await runIsolated({
      ...postgresIsolation(root, paths, users),
      command: [
        `${postgresBin(root)}/initdb`,
        `--pgdata=${INSIDE.db}/data`,
        '--username=postgres',
        `--pwfile=${INSIDE.db}/initdb.password`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '--data-checksums',
      ],
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function checkMajor(root: string, paths: Paths): void {
  const data = readFileSync(join(paths.db, 'data/PG_VERSION'), 'utf8').trim();
  const program = postgresMajor(root);
  if (data !== program) {
    throw new Failure(
      `The data in ${paths.db} is of PostgreSQL ${data}, the installed server is ${program}. ` +
        'Go back to the LittlePBX version that made it, dump the database there, and restore it here.',
    );
  }
}

/** Postgres's settings, written at every start: small, for a machine that carries calls as well. */
export function writePostgresConf(paths: Paths, users: Users, installation: Installation, more: string[] = []): void {
  const conf = [
    "listen_addresses = '127.0.0.1'",
    `port = ${installation.db.port}`,
    "unix_socket_directories = ''",
    'max_connections = 60',
    'shared_buffers = 128MB',
    'work_mem = 4MB',
    'maintenance_work_mem = 64MB',
    'max_wal_size = 512MB',
    'wal_compression = lz4',
    'password_encryption = scram-sha-256',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "log_line_prefix = '%m [%p] '",
    'log_min_duration_statement = 500ms',
    // Values of a slow statement may be personal data, or secrets.
    'log_parameter_max_length = 0',
    'log_parameter_max_length_on_error = 0',
    ...more,
  ];
  writeWhole(join(paths.db, 'data/postgresql.auto.conf'), `${conf.join('\n')}\n`, 0o600, users.db);
  writeWhole(join(paths.db, 'data/pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n', 0o600, users.db);
}

/** URL of the role that owns the tables. */
export function ownerUrl(installation: Installation, secrets: Secrets): string {
  if (secrets.databaseUrl !== null) return secrets.databaseUrl;
  return `postgres://${OWNER}:${secrets.dbOwner}@127.0.0.1:${installation.db.port}/${DATABASE}`;
}

/** URL of the role that the brain uses: it owns nothing and is bound by row-level security. */
export function appUrl(installation: Installation, secrets: Secrets): string {
  const url = new URL(ownerUrl(installation, secrets));
  url.username = APP;
  url.password = secrets.dbApp;
  return url.href;
}

/** URL of the own cluster's superuser; only for making roles and databases. */
export function superuserUrl(installation: Installation, secrets: Secrets): string {
  return `postgres://postgres:${secrets.dbSuperuser}@127.0.0.1:${installation.db.port}/postgres`;
}

/** As `superuserUrl`, of the database that holds everything. */
export function wholeUrl(installation: Installation, secrets: Secrets): string {
  const url = new URL(superuserUrl(installation, secrets));
  url.pathname = `/${DATABASE}`;
  return url.href;
}

/** Resolves once Postgres takes connections. `isGone` tells that waiting is in vain. */
export async function waitForPostgres(
  installation: Installation,
  secrets: Secrets,
  logFile: string,
  isGone: () => boolean,
): Promise<void> {
  const url = installation.db.isExternal ? ownerUrl(installation, secrets) : superuserUrl(installation, secrets);
  // Recovery after a power cut may take its time; a server of somebody else's is there or is not.
  const timeout = installation.db.isExternal ? 10_000 : 120_000;
  let last = '';
  await until('PostgreSQL did not take connections', timeout, async () => {
    if (isGone()) throw new Failure(`PostgreSQL did not start:\n  ${lastLines(logFile)}`);
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (error) {
      last = messageOf(error);
      const code = (error as { code?: string }).code ?? '';
      // 28xxx wrong password, 3D000 no such database: it is up, and waiting changes nothing.
      if (/^28|^3D/.test(code)) throw new Failure(`PostgreSQL refuses: ${last}. Check --database-url.`);
      return null;
    }
  }).catch((error: unknown) => {
    throw new Failure(`${messageOf(error)}${last && !messageOf(error).includes(last) ? ` (${last})` : ''}`);
  });
}

function lastLines(file: string): string {
  return (readIfThere(file) ?? '').trim().split('\n').slice(-6).join('\n  ');
}

/**
 * Roles, database, tables and the operator's key, brought up to what this version needs, and the audit log shortened to
 * what is kept. Repeating it changes nothing.
 * @returns names of the migrations that were applied, and the server's version
 */
export async function ensureDatabase(
  installation: Installation,
  secrets: Secrets,
  operatorKey: string,
): Promise<{ applied: string[]; version: string }> {
  const version = await ensureRoles(installation, secrets);
  const owner = ownerUrl(installation, secrets);
  const { applied } = await migrate(owner);
  await putOperatorKey(owner, operatorKey);
  await pruneAudit(owner);
  return { applied, version };
}

/** Roles and the database, without tables. @returns the server's version */
export async function ensureRoles(installation: Installation, secrets: Secrets): Promise<string> {
  if (!installation.db.isExternal) {
    await withClient(superuserUrl(installation, secrets), async (client) => {
      await putRole(client, OWNER, secrets.dbOwner);
      const there = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
      if (there.rowCount === 0) await client.query(`create database ${DATABASE} owner ${OWNER}`);
      await putRole(client, APP, secrets.dbApp);
    });
  }
  return withClient(ownerUrl(installation, secrets), async (client) => {
    if (installation.db.isExternal) await putExternalAppRole(client, secrets);
    await client.query(`grant connect on database ${client.escapeIdentifier(client.database ?? DATABASE)} to ${APP}`);
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version.split(' ')[0] ?? '?';
  });
}

async function putExternalAppRole(client: pg.Client, secrets: Secrets): Promise<void> {
  try {
    await putRole(client, APP, secrets.dbApp);
  } catch (error) {
    throw new Failure(
      `The owner of the database may not make the role ${APP}: ${messageOf(error)}.\n` +
        'Allow it as a superuser: alter role <owner of the database URL> createrole;\n' +
        `If ${APP} is there already, of another installation: give each installation a database server of its own.`,
    );
  }
}

async function putRole(client: pg.Client, name: string, password: string): Promise<void> {
  const there = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  const verb = there.rowCount === 0 ? 'create' : 'alter';
  // The verifier, not the password: a statement that fails or is slow is logged with its text.
  const verifier = client.escapeLiteral(scramVerifier(password));
  await client.query(`${verb} role ${name} login noinherit password ${verifier}`);
}

/** What Postgres stores for a password (RFC 5803; https://www.postgresql.org/docs/18/catalog-pg-authid.html). */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16), iterations = 4096): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
}

/** One connection for `work`, closed after it. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
