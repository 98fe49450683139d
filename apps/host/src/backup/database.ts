/** The database into a backup and out of it, by Postgres's own programs. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Failure, messageOf } from '../failure.ts';
import { ownerUrl, postgresIsolation, superuserUrl, wholeUrl, withClient } from '../install/database.ts';
import { postgresBin } from '../install/root.ts';
import { pipeIsolated } from '../processes/launch.ts';
import type { Installed } from '../processes/services.ts';
import { which } from '../run.ts';

/**
 * The whole database as of one moment, in pg_dump's custom format; not compressed, since the backup is.
 * Tables force row-level security on their owner too. Our own server's superuser passes by it; the owner of an external
 * one, unless it may too, acts as the operator, whose policy shows all rows, and `checkPolicies` sees to it that each table has one.
 */
export async function* dumpDatabase(installed: Installed): AsyncGenerator<Buffer> {
  const { installation, secrets } = installed;
  const { isExternal } = installation.db;
  const url = isExternal ? ownerUrl(installation, secrets) : wholeUrl(installation, secrets);
  const isBound = isExternal && (await isBoundByRowSecurity(url));
  const args = ['--format=custom', '--compress=none', '--no-owner', '--lock-wait-timeout=60s'];
  const child = await postgresProgram(installed, 'pg_dump', [...args, ...(isBound ? ['--enable-row-security'] : [])], {
    ...environmentOf(url),
    ...(isBound ? { PGOPTIONS: '-c app.operator=on' } : {}),
  });
  const ended = endOf(child, 'pg_dump');
  ended.catch(() => {});
  try {
    for await (const chunk of child.stdout!) yield chunk as Buffer;
    await ended;
  } finally {
    child.kill('SIGTERM');
  }
}

/** Loads a dump into the empty database; all of it or nothing. */
export async function loadDatabase(installed: Installed, dumpFile: string): Promise<void> {
  const { installation, secrets } = installed;
  const url = ownerUrl(installation, secrets);
  const args = ['--dbname=', '--no-owner', '--single-transaction', '--exit-on-error'];
  const environment = environmentOf(url);
  args[0] = `--dbname=${environment.PGDATABASE}`;
  const child = await postgresProgram(installed, 'pg_restore', args, environment);
  const ended = endOf(child, 'pg_restore');
  ended.catch(() => {});
  // When it ends early, its own words say why; not the broken pipe.
  const fed = pipeline(createReadStream(dumpFile), child.stdin!).catch((error: unknown) => error);
  child.stdout?.resume();
  await ended;
  const error = await fed;
  if (error) throw error;
}

/** Refuses a database that has tables of ours already. */
export async function checkIsEmpty(installed: Installed): Promise<void> {
  const { installation, secrets } = installed;
  await withClient(ownerUrl(installation, secrets), async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' limit 1`,
    );
    if (rows[0]) throw new Failure(`The database is not empty: it has a table '${rows[0].name}'. Give an empty one.`);
  });
}

/** Migrations in the database, in their order. */
export async function appliedMigrations({ installation, secrets }: Installed): Promise<string[]> {
  return withClient(ownerUrl(installation, secrets), async (client) => {
    const { rows } = await client.query<{ name: string }>('select name from migration order by name');
    return rows.map((row) => row.name);
  });
}

/** Size of the database, to tell how far a backup is. Bytes. */
export async function databaseSize({ installation, secrets }: Installed): Promise<number> {
  const url = installation.db.isExternal ? ownerUrl(installation, secrets) : superuserUrl(installation, secrets);
  const name = environmentOf(ownerUrl(installation, secrets)).PGDATABASE;
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ size: string }>('select pg_database_size($1) as size', [name]);
    return Number(rows[0]?.size ?? 0);
  });
}

async function isBoundByRowSecurity(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ passes: boolean }>(
      'select rolsuper or rolbypassrls as passes from pg_roles where rolname = current_user',
    );
    if (rows[0]?.passes) return false;
    const hidden = await client.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relrowsecurity and n.nspname not like 'pg\\_%' and not exists (
         select from pg_policy p where p.polrelid = c.oid and p.polcmd in ('*', 'r')
           and pg_get_expr(p.polqual, c.oid) like '%app.operator%')`,
    );
    if (hidden.rows.length > 0) {
      throw new Failure(
        `The owner of the database may not read all rows (${hidden.rows.map((r) => r.name).join(', ')}). ` +
          'Allow it as a superuser: alter role <owner of the database URL> bypassrls;',
      );
    }
    return true;
  });
}

/** A connection as libpq's variables: arguments could be read by everybody on the machine. */
export function environmentOf(text: string): Record<string, string> {
  const url = new URL(text);
  const part = (value: string) => decodeURIComponent(value);
  const environment: Record<string, string> = {
    PGHOST: part(url.hostname).replace(/^\[|\]$/g, ''),
    PGPORT: url.port || '5432',
    PGUSER: part(url.username),
    PGPASSWORD: part(url.password),
    PGDATABASE: part(url.pathname.slice(1)) || part(url.username),
    PGCONNECT_TIMEOUT: '10',
  };
  for (const [key, variable] of [
    ['sslmode', 'PGSSLMODE'],
    ['sslrootcert', 'PGSSLROOTCERT'],
    ['host', 'PGHOST'],
  ] as const) {
    const value = url.searchParams.get(key);
    if (value) environment[variable] = value;
  }
  return environment;
}

/** From the isolated root; on a machine without one, which has an external database, the machine's own. */
async function postgresProgram(
  { root, paths, users }: Installed,
  name: 'pg_dump' | 'pg_restore',
  args: string[],
  environment: Record<string, string>,
): Promise<ChildProcess> {
  if (root) {
    const isolation = postgresIsolation(root, paths, users);
    return pipeIsolated({
      ...isolation,
      // It reads and writes by its pipes alone.
      binds: [],
      env: { ...isolation.env, HOME: '/nonexistent', ...environment },
      command: [`${postgresBin(root)}/${name}`, ...args],
    });
  }
  const path = await which(name);
  if (!path) {
    throw new Failure(
      `${name} is needed, as new as the database's server. On Debian: apt-get install postgresql-client`,
    );
  }
  return spawn(path, args, { stdio: 'pipe', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...environment } });
}

function endOf(child: ChildProcess, name: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (data: Buffer) => {
    said = (said + data).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Failure(`${name} could not be run: ${messageOf(error)}`)));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Failure(`${name} failed (exit ${code}):\n  ${said.trim().replaceAll('\n', '\n  ')}`));
    });
  });
}
