import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pruneAudit } from './audit-retention.ts';
import { ALL, createTestInstallation, type TestInstallation, value } from './testing/installation.ts';

/** Tables that nobody decides about. Adding to it is a decision: what is in them leaves no trace when it changes. */
const UNAUDITED: Record<string, string> = {
  migration: 'the schema itself',
  audit: 'the log itself',
  cdr: 'records of calls are only ever added',
  call_trace: 'like cdr',
  repeat: 'answers to what is told already',
  voicemail_lock: 'counts wrong PINs; nobody decides it',
  voicemail_message: 'callers leave them; deleting one is told of its file',
  person_session: 'logins come and go by themselves',
  person_verification: 'links and challenges of a few minutes',
  person_two_factor: 'counts wrong codes; asking for codes at all is told of the person',
  organization_logo: 'the tag in the row of its organization tells',
  webhook_delivery: 'what is told to others; who asks for one again is noted',
  job: 'work on its way; what it comes from is told',
};

let t: TestInstallation;
let client: pg.Client;
beforeAll(async () => {
  t = await createTestInstallation();
  client = new pg.Client({ connectionString: t.database.adminUrl });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await t?.close();
});

const entries = async (org: string, filter = {}) =>
  value(await t.administration.listAudit(t.operator, org, filter, ALL)).items;

describe('the audit log', () => {
  it('hears of every table that holds decisions', async () => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = 'audited')`,
    );
    const silent = rows.map((row) => row.name).filter((name) => !(name in UNAUDITED));
    expect(silent, 'give it audit_table(…) in its migration (0003), or list it here with the reason').toEqual([]);
  });

  it('says who changed what, before and after', async () => {
    const { id, admin } = await t.organization('who');
    const origin = { address: '192.0.2.7', requestId: 'r-1', operation: 'updateExtension' };
    value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
    value(await t.administration.updateExtension({ ...admin, origin }, id, '101', { name: 'Anna', ringTimeInS: 25 }));
    value(await t.administration.updateExtension(admin, id, '101', { name: 'Anna' }));
    const [changed, created, organization] = await entries(id);
    expect(changed).toMatchObject({
      author: { kind: 'key', id: admin.id, name: admin.name, ...origin },
      action: 'changed',
      resource: 'extension',
      label: '101',
      organizationId: id,
      changes: { name: { before: 'Ann', after: 'Anna' }, ringTimeInS: { before: 20, after: 25 } },
    });
    expect(Math.abs(changed!.at - Date.now())).toBeLessThan(60_000);
    expect(created).toMatchObject({ action: 'created', changes: { number: { before: null, after: '101' } } });
    expect(organization).toMatchObject({ author: { kind: 'operator' }, resource: 'organization', label: 'who' });
  });

  it('keeps secrets out, yet says that they changed', async () => {
    const { id, admin } = await t.organization('hush');
    value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
    const device = value(await t.administration.createDevice(admin, id, { extension: '101' }));
    value(await t.administration.resetDevicePassword(admin, device.username));
    const trunk = { name: 'T', host: '203.0.113.7', username: 'u', password: 'hush-hush' };
    value(await t.administration.createTrunk(t.operator, id, trunk));
    value(await t.administration.createKey(admin, id, { name: 'k' }));
    const { rows } = await client.query(
      'SELECT digest_md5 AS a, digest_sha256 AS b FROM device UNION SELECT secret_sha256, encode(password_encrypted, $1) FROM api_key, trunk',
      ['hex'],
    );
    const text = JSON.stringify((await client.query('SELECT * FROM audit')).rows);
    expect(rows.length).toBeGreaterThan(1);
    for (const { a, b } of rows) for (const secret of [a, b, 'hush-hush']) expect(text).not.toContain(secret);
    const [reset] = await entries(id, { resource: 'device', action: 'changed' });
    expect(reset!.changes).toMatchObject({ digestMd5: { before: '(secret)', after: '(secret)' } });
  });

  it('shows an organization its own and what the operator did to it, and no other', async () => {
    const a = await t.organization('own-a');
    const b = await t.organization('own-b');
    const origin = { address: '198.51.100.9', requestId: 'r', operation: 'suspendOrganization' };
    value(await t.administration.suspendOrganization({ ...t.operator, origin }, a.id, { calls: 'keep' }));
    const seen = value(await t.administration.listAudit(a.admin, a.id, {}, ALL)).items;
    expect(seen[0]).toMatchObject({
      author: { kind: 'operator', name: 'Operator', address: null },
      changes: { isSuspended: { before: false, after: true } },
    });
    expect(new Set(seen.map((e) => e.organizationId))).toEqual(new Set([a.id]));
    expect((await t.administration.listAudit(a.admin, b.id, {}, ALL)).ok).toBe(false);
    expect((await t.administration.listAudit(a.admin, null, {}, ALL)).ok).toBe(false);
    const all = value(await t.administration.listAudit(t.operator, null, { author: 'operator' }, ALL)).items;
    expect(all.map((e) => e.organizationId)).toEqual(expect.arrayContaining([a.id, b.id]));
  });

  it('is read page by page, by what was done to what and when', async () => {
    const { id, admin } = await t.organization('pages');
    for (let i = 0; i < 5; i++) {
      value(await t.administration.createExtension(admin, id, { number: `10${i}`, name: 'X' }));
    }
    value(await t.administration.deleteExtension(admin, id, '103'));
    const labels: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof t.administration.listAudit>> = await t.administration.listAudit(
        admin,
        id,
        { resource: 'extension', action: 'created' },
        { limit: 2, cursor },
      );
      labels.push(...value(page).items.map((e) => e.label));
      cursor = value(page).nextCursor;
    } while (cursor);
    expect(labels).toEqual(['104', '103', '102', '101', '100']);
    const [gone] = await entries(id, { action: 'deleted' });
    expect(gone).toMatchObject({ label: '103', changes: { name: { before: 'X', after: null } } });
    expect(await entries(id, { resourceId: gone!.resourceId })).toHaveLength(2);
    expect(await entries(id, { since: Date.now() + 60_000 })).toEqual([]);
    expect(await entries(id, { until: 1000 })).toEqual([]);
  });

  it('goes with its change: what is rolled back is not noted', async () => {
    const { id } = await t.organization('undone');
    const before = (await entries(id)).length;
    const undone = t.db.withOrganization(id, async (trx) => {
      await trx.updateTable('organization').set({ name: 'x' }).where('id', '=', id).execute();
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await entries(id)).toHaveLength(before);
  });

  it('names the system where nobody asked', async () => {
    const { id } = await t.organization('self');
    const author = {
      kind: 'system' as const,
      id: null,
      name: 'fraud-watch',
      address: null,
      requestId: null,
      operation: null,
    };
    const suspend = (by?: typeof author) =>
      t.db.withOrganization(
        id,
        async (trx) =>
          void (await trx
            .updateTable('organization')
            .set({ is_suspended: by !== undefined })
            .where('id', '=', id)
            .execute()),
        by,
      );
    await suspend(author);
    await suspend();
    const [second, first] = await entries(id);
    expect(first!.author).toEqual(author);
    expect(second!.author).toMatchObject({ kind: 'system', name: 'littlepbx' });
  });

  it('tells a discarded draft as what changed, not as everything', async () => {
    const { id, admin } = await t.organization('draft');
    for (const number of ['101', '102', '103']) {
      value(await t.administration.createExtension(admin, id, { number, name: number }));
    }
    value(await t.administration.assignNumber(t.operator, id, { number: '+4930901820401', extension: '101' }));
    value(await t.administration.apply(admin, id));
    const before = (await entries(id)).length;
    // Numbers change hands, so that no order of single updates would do.
    value(await t.administration.updateExtension(admin, id, '101', { number: '109' }));
    value(await t.administration.updateExtension(admin, id, '102', { number: '101' }));
    value(await t.administration.updateExtension(admin, id, '109', { number: '102' }));
    value(await t.administration.updateExtension(admin, id, '103', { name: 'Cyd' }));
    value(await t.administration.routeNumber(admin, id, '+4930901820401', '103'));
    value(await t.administration.discardDraft(admin, id));
    expect(value(await t.administration.getDraft(admin, id)).changes).toEqual([]);
    const made = (await entries(id)).slice(0, -before);
    const discarded = made.slice(0, -5).map((e) => `${e.resource} ${e.label} ${e.action}`);
    expect(discarded.toSorted()).toEqual([
      'extension 101 created',
      'extension 101 deleted',
      'extension 102 created',
      'extension 102 deleted',
      'extension 103 changed',
      'route +4930901820401 changed',
    ]);
  });

  it('can be changed by nobody, and shortened by the owner alone', async () => {
    const brain = new pg.Client({ connectionString: t.database.appUrl });
    await brain.connect();
    await brain.query("SELECT set_config('app.operator', 'on', false), set_config('app.audit_retention', 'on', false)");
    for (const statement of ["UPDATE audit SET label = 'x'", 'DELETE FROM audit', 'TRUNCATE audit']) {
      await expect(brain.query(statement), statement).rejects.toThrow(/permission denied/);
      await expect(client.query(statement), statement).rejects.toThrow(/append-only/);
    }
    await brain.end();
    const owner = async (statement: string) => {
      await client.query('SET ROLE littlepbx_owner');
      await client.query("SELECT set_config('app.operator', 'on', false)");
      try {
        return await client.query(statement);
      } finally {
        await client.query('RESET ROLE; RESET app.operator');
      }
    };
    await expect(owner("UPDATE audit SET label = 'x'")).rejects.toThrow(/append-only/);
    await expect(owner('DELETE FROM audit')).rejects.toThrow(/append-only/);

    const { id } = await t.organization('old');
    expect(await pruneAudit(t.database.adminUrl, 60_000)).toBe(0);
    expect(await entries(id)).toHaveLength(1);
    const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM audit');
    expect(await pruneAudit(t.database.adminUrl, -60_000)).toBe(rows[0]!.n);
    expect(await entries(id)).toEqual([]);
  });

  it('outlives its organization, in one entry', async () => {
    const { id, admin } = await t.organization('bygone');
    value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
    value(await t.administration.deleteOrganization(t.operator, id, { confirm: 'bygone', isErasedNow: true }));
    const all = value(await t.administration.listAudit(t.operator, null, { resourceId: id }, ALL)).items;
    expect(all[0]).toMatchObject({ action: 'deleted', label: 'bygone', organizationId: id });
    const last = value(await t.administration.listAudit(t.operator, null, {}, ALL)).items;
    expect(last.filter((e) => e.organizationId === id && e.action === 'deleted')).toHaveLength(1);
  });
});
