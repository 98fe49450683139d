import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeToken, migrate, putOperatorKey } from './migrate.ts';
import { createTestInstallation, type TestInstallation } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

async function asAdmin<T>(fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: t.database.adminUrl });
  await client.connect();
  try {
    return await fn(client);
  } finally {
    await client.end();
  }
}

it('does nothing when all is there, also twice at once', async () => {
  const runs = await Promise.all([migrate(t.database.adminUrl), migrate(t.database.adminUrl)]);
  expect(runs).toEqual([{ applied: [] }, { applied: [] }]);
});

it('refuses a file that was changed, and a database newer than itself', async () => {
  await asAdmin((client) => client.query("UPDATE migration SET checksum = 'x' || checksum"));
  await expect(migrate(t.database.adminUrl)).rejects.toThrow(/was changed after/);
  await asAdmin((client) => client.query('UPDATE migration SET checksum = substr(checksum, 2)'));
  await asAdmin((client) => client.query("INSERT INTO migration (name, checksum) VALUES ('9999-later.sql', 'x')"));
  await expect(migrate(t.database.adminUrl)).rejects.toThrow(/does not know/);
  await asAdmin((client) => client.query("DELETE FROM migration WHERE name = '9999-later.sql'"));
});

it('puts the operator’s key, again without effect, and a new secret in its place', async () => {
  const token = makeToken();
  await putOperatorKey(t.database.adminUrl, token);
  await putOperatorKey(t.database.adminUrl, token);
  expect(await t.administration.authenticate(token)).toMatchObject({ organizationId: null });
  const [, id] = token.split('_');
  const renewed = `lpbx_${id}_${makeToken().split('_')[2]}`;
  await putOperatorKey(t.database.adminUrl, renewed);
  expect(await t.administration.authenticate(token)).toBeNull();
  expect(await t.administration.authenticate(renewed)).not.toBeNull();
  await expect(putOperatorKey(t.database.adminUrl, 'secret')).rejects.toThrow(/must look like/);
  const stored = await asAdmin((client) => client.query('SELECT * FROM api_key'));
  expect(JSON.stringify(stored.rows)).not.toContain(renewed.split('_')[2]);
});
