/** Postgres stopped, or there and silent: refusals in time, nothing lost, and back without help. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@littlepbx/core/ports';
import { createAdministration } from '@littlepbx/core/tenancy/create-administration';
import { WebhookReach } from '@littlepbx/core/webhooks/reach';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Cipher } from './cipher.ts';
import { listenForChanges } from './listen.ts';
import { openLocalFile } from './local/local-file.ts';
import { startRecordShipper } from './record-shipper.ts';
import { nodeSecrets } from './secrets.ts';
import { createStores } from './stores/index.ts';
import { TenantDb } from './tenant-db.ts';
import { type BlackHole, blackHole } from './testing/black-hole.ts';
import { finishedCall } from './testing/calls.ts';
import { ALL, createTestInstallation, refusal, type TestInstallation, uuidv7, value } from './testing/installation.ts';

let t: TestInstallation;
let hole: BlackHole;
let db: TenantDb;
/** Milliseconds. */
const PATIENCE = 30_000;
const folder = mkdtempSync(join(tmpdir(), 'lpbx-'));
const clock = {
  now: Date.now,
  after(delay: number, fn: () => void) {
    const timer = setTimeout(fn, delay);
    return () => clearTimeout(timer);
  },
};
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  t = await createTestInstallation();
  hole = await blackHole(t.database.appUrl);
  db = new TenantDb({ url: hole.url });
});
afterAll(async () => {
  hole?.hold(false);
  await db?.close();
  await hole?.close();
  await t?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('refuses in seconds what a silent database would have answered, and works again when it is back', async () => {
  const { id, admin } = await t.organization('silent');
  const administration = createAdministration({
    stores: createStores(db, new Cipher(randomBytes(32))),
    intake: { take: async () => ({ ok: false, refusal: 'not-a-sound' }) },
    files: { kept() {}, remove: async () => {}, copy: async () => true, erase: async () => {} },
    publisher: {
      organizationChanged: async () => {},
      devicesUnregistered: async () => {},
      callsEnded() {},
      deviceSecured: async () => {},
    },
    clock,
    ids: { next: uuidv7 },
    secrets: nodeSecrets,
    mailTransport: { send: async () => ({ kind: 'done' }) },
    webhookReach: new WebhookReach([]),
    publicUrl: 'https://pbx.example.com',
  });
  const { token } = value(await administration.createKey(admin, id, { name: 'k' }));
  expect(await administration.authenticate(token)).toMatchObject({ organizationId: id });

  hole.hold(true);
  for (let round = 0; round < 2; round++) {
    const started = Date.now();
    // As a request does: who is it, then the use case; and several at once, more than there are connections.
    const answers = await Promise.all(
      Array.from({ length: 15 }, async () => {
        const actor = await administration.authenticate(token);
        return refusal(await administration.listExtensions(actor!, id, ALL));
      }),
    );
    expect(new Set(answers)).toEqual(new Set(['database-unavailable']));
    // Two of them are the time-out.
    expect(Date.now() - started).toBeLessThan(6_000);
  }
  const unknown = `lpbx_${'0'.repeat(16)}_${'x'.repeat(40)}`;
  await expect(administration.authenticate(unknown)).rejects.toMatchObject({ id: 'database-unavailable' });

  hole.hold(false);
  await vi.waitFor(
    async () => expect(refusal(await administration.listExtensions(admin, id, ALL))).toBe('ok'),
    PATIENCE,
  );
});

afterEach(() => hole.hold(false));

it('ships every record once, whenever the database is away', async () => {
  const { id, admin } = await t.organization('records');
  const local = openLocalFile(join(folder, 'journal'), randomBytes(32));
  const shipper = startRecordShipper({ journal: local.journal, db, clock, log });
  const calls = Array.from({ length: 1_200 }, (_, i) => finishedCall(id, { startedAt: 1_700_000_000_000 + i }));
  for (const call of calls.slice(0, 100)) local.journal.finish(call, []);
  await vi.waitFor(
    async () => expect(value(await t.administration.listCalls(admin, id, {}, ALL)).items).toHaveLength(100),
    PATIENCE,
  );

  hole.hold(true);
  for (const call of calls.slice(100)) local.journal.finish(call, []);
  // A record that Postgres cannot store holds up no other.
  local.journal.finish(finishedCall(id, { to: 'nul \u0000' }), []);
  await new Promise((resolve) => setTimeout(resolve, 600));
  hole.hold(false);
  await vi.waitFor(() => expect(local.journal.outgoing(1)).toEqual([]), { timeout: PATIENCE, interval: 100 });

  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof t.administration.listCalls>> = await t.administration.listCalls(
      admin,
      id,
      {},
      {
        limit: 200,
        cursor,
      },
    );
    ids.push(...value(page).items.map((cdr) => cdr.id));
    cursor = value(page).nextCursor;
  } while (cursor);
  expect(ids).toEqual(calls.map((call) => call.cdr.id).reverse());
  const read = value(await t.administration.getCall(admin, id, calls[7]!.cdr.id));
  expect(read).toEqual(calls[7]);
  await shipper.stop();
  local.close();
});

it('hears of changes again after the connection was lost', async () => {
  const { id } = await t.organization('heard');
  const heard: string[] = [];
  let listening = 0;
  const own = await blackHole(t.database.appUrl);
  const stop = listenForChanges({ url: own.url, onChange: (x) => heard.push(x), onListening: () => listening++ });
  await vi.waitFor(() => expect(listening).toBe(1), PATIENCE);
  const rename = (name: string) => t.administration.updateOrganization(t.operator, id, { name });
  value(await rename('one'));
  await vi.waitFor(() => expect(heard).toEqual([id]), PATIENCE);
  const client = new pg.Client({ connectionString: t.database.adminUrl });
  await client.connect();
  await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'littlepbx-listen'
    AND datname = current_database()`);
  await client.end();
  await vi.waitFor(() => expect(listening).toBe(2), PATIENCE);
  value(await rename('two'));
  await vi.waitFor(() => expect(heard).toEqual([id, id]), PATIENCE);
  await stop();
  await vi.waitFor(() => expect(own.connections).toBe(0), PATIENCE);
  await own.close();
});

it('refuses a request whose connection ends between two of its statements, and carries on', async () => {
  const { id, admin } = await t.organization('between');
  const refused = t.db.withOrganization(id, async (trx) => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(trx);
    const client = new pg.Client({ connectionString: t.database.adminUrl });
    await client.connect();
    await client.query('SELECT pg_terminate_backend($1, $2)', [rows[0]!.pid, PATIENCE]);
    await client.end();
    // The news comes in while nothing is asked.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sql`SELECT 1`.execute(trx);
  });
  await expect(refused).rejects.toMatchObject({ id: 'database-unavailable' });
  expect(refusal(await t.administration.listExtensions(admin, id, ALL))).toBe('ok');
});

it('takes an answer that came while this process was kept from running', async () => {
  const answers = await t.db.asOperator(async (trx) => {
    const asked = sql<{ one: number }>`SELECT 1 AS one`.execute(trx);
    await new Promise((resolve) => setImmediate(resolve));
    // Nothing of it runs, for longer than a transaction may take.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
    await asked;
    return sql<{ one: number }>`SELECT 1 AS one`.execute(trx);
  });
  expect(answers.rows).toEqual([{ one: 1 }]);
});

it('lets an organization that asks too much wait for itself alone', async () => {
  const loud = await t.organization('loud');
  const quiet = await t.organization('quiet');
  // Holds the row that all writes of this organization wait for.
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held = t.db.asOperator(async (trx) => {
    await trx.selectFrom('organization').select('id').where('id', '=', loud.id).forNoKeyUpdate().execute();
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  const many = Array.from({ length: 40 }, () => t.administration.apply(loud.admin, loud.id));
  for (let i = 0; i < 20; i++) {
    // The loud ones are let go only afterwards: who had to wait for one of their connections would be refused.
    expect(refusal(await t.administration.listExtensions(quiet.admin, quiet.id, ALL))).toBe('ok');
  }
  released.resolve();
  await held;
  expect(new Set((await Promise.all(many)).map(refusal))).toEqual(new Set(['ok']));
});
