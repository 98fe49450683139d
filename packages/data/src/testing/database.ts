/**
 * Databases for tests: a template with the schema is made once per schema, and each test file gets its own copy of it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { migrate } from '../migrate.ts';

/** Held while the template is looked for and made. */
const LOCK = 0x6c707431;

export interface TestDatabase {
  /** Superuser, in the test's database. */
  adminUrl: string;
  /** Like the brain's: a member of littlepbx_app that owns nothing. */
  appUrl: string;
  drop(): Promise<void>;
}

/** URL of a superuser of a Postgres 18 that tests may fill; `littlepbx test db` starts one and says where. */
export function adminUrl(): string {
  const url = process.env.LITTLEPBX_TEST_DATABASE_URL;
  if (!url) {
    throw new Error(
      'LITTLEPBX_TEST_DATABASE_URL is not set: run ./littlepbx test db, or name the superuser URL of a Postgres 18',
    );
  }
  return url;
}

function schemaDigest(): string {
  const folder = new URL('../../migrations/', import.meta.url);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(new URL(name, folder)));
  return hash.digest('hex').slice(0, 12);
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function withAdmin<T>(fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await fn(client);
  } finally {
    await client.end();
  }
}

async function makeTemplate(client: pg.Client): Promise<string> {
  const template = `lpbx_template_${schemaDigest()}`;
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [template]);
    if (found.rowCount === 0) {
      await client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
      await client.query(`CREATE DATABASE ${template}`);
      await migrate(withDatabase(adminUrl(), template));
      // Only now: one that was left half made is made anew.
      await client.query(`ALTER DATABASE ${template} IS_TEMPLATE true`);
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  }
  return template;
}

/** A fresh database with the present schema and nothing in it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `lpbx_test_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await withAdmin(async (client) => {
    const template = await makeTemplate(client);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    await client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}' IN ROLE littlepbx_app`);
  });
  const adminHere = withDatabase(adminUrl(), name);
  const app = new URL(adminHere);
  app.username = name;
  app.password = password;
  return {
    adminUrl: adminHere,
    appUrl: app.href,
    drop: () =>
      withAdmin(async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        await client.query(`DROP ROLE IF EXISTS ${name}`);
      }),
  };
}
