import { ERASE_JOB, RESTORABLE_FOR } from '@littlepbx/core/tenancy/organization-deletion';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertCalls } from './stores/calls.ts';
import { finishedCall } from './testing/calls.ts';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

const LATER = { isErasedNow: false };

async function office(slug: string, number: string) {
  const { id, admin } = await t.organization(slug);
  const { administration: api, operator } = t;
  value(await api.createExtension(admin, id, { number: '101', name: 'Ann' }));
  value(await api.assignNumber(operator, id, { number, extension: '101' }));
  const device = value(await api.createDevice(admin, id, { extension: '101' }));
  value(await api.createTrunk(operator, id, { name: 'T', host: '203.0.113.7', username: 'u', password: 'hush-hush' }));
  value(await api.apply(admin, id));
  const key = value(await api.createKey(admin, id, { name: 'Admin' }));
  const hook = value(await api.createWebhook(admin, id, { url: 'https://example.com/', events: ['call-ended'] }));
  const call = finishedCall(id);
  await t.db.asOperator((trx) => insertCalls(trx, [call]));
  return { id, admin, slug, device, key, hook, call };
}

/** Jobs that wait to erase it. */
const erasures = async (id: string) =>
  (await t.stores.asOperator(({ jobs }) => jobs.list(ERASE_JOB, { after: null, limit: 100 }))).filter(
    (job) => job.organizationId === id,
  );

describe('a deleted organization', () => {
  it('is nobody’s: no phone, no key, no name, and comes back whole', async () => {
    const { id, admin, slug, device, key } = await office('back', '+4930901820701');
    const { administration: api, operator } = t;
    const before = value(await api.getOrganization(operator, slug));
    const applied = await t.loader.loadOrganization(id);
    expect(refusal(await api.deleteOrganization(operator, slug, { confirm: id, ...LATER }))).toBe('invalid');
    expect(refusal(await api.deleteOrganization(admin, slug, { confirm: slug, ...LATER }))).toBe('forbidden');
    expect(await api.authenticate(key.token)).not.toBeNull();
    t.told.length = 0;
    expect(value(await api.deleteOrganization(operator, slug, { confirm: slug, ...LATER }))).toBe(id);

    expect(t.told).toEqual([`changed ${id}`]);
    expect(await t.loader.loadOrganization(id)).toBeNull();
    expect((await t.loader.versions()).has(id)).toBe(false);
    expect(await api.authenticate(key.token)).toBeNull();
    for (const outcome of [
      await api.listExtensions(operator, slug, ALL),
      await api.createExtension(operator, slug, { number: '102', name: 'B' }),
      await api.resolveOrganization(operator, slug),
      await api.getOrganization(admin, slug),
      await api.resetDevicePassword(operator, device.username),
    ]) {
      expect(['not-found', 'ok']).toContain(refusal(outcome));
    }
    expect(refusal(await api.listExtensions(operator, slug, ALL))).toBe('not-found');
    // Its name and numbers wait for it.
    expect(refusal(await api.createOrganization(operator, { slug, name: 'x', country: 'DE' }))).toBe('slug-taken');
    const other = await t.organization('back-other');
    expect(refusal(await api.assignNumber(operator, other.id, { number: '+4930901820701' }))).toBe('number-taken');

    expect(value(await api.restoreOrganization(operator, slug))).toEqual(before);
    expect(await t.loader.loadOrganization(id)).toEqual({ ...applied, version: expect.any(Number) });
    expect(await api.authenticate(key.token)).not.toBeNull();
  });

  it('can be exported, with all but secrets', async () => {
    const { id, slug, device, key, hook } = await office('export', '+4930901820702');
    const { administration: api, operator } = t;
    value(await api.deleteOrganization(operator, slug, { confirm: slug, ...LATER }));
    const all = value(await api.exportOrganization(operator, slug));
    expect(all).toMatchObject({
      organization: { id, slug, deletedAt: expect.any(Number) },
      extensions: [{ number: '101', name: 'Ann' }],
      devices: [{ username: device.username, extension: '101' }],
      numbers: [{ number: '+4930901820702', extension: '101' }],
      trunks: [{ name: 'T', hasPassword: true }],
      revisions: [{ number: 1, isCurrent: true, content: { extensions: [{ number: '101' }] } }],
      keys: [{ id: key.id }],
      webhooks: [{ id: hook.id, url: 'https://example.com/' }],
    });
    const text = JSON.stringify(all);
    for (const secret of ['hush-hush', device.password, key.token, hook.secret, 'digest']) {
      expect(text.replaceAll('"digest":"md5"', '')).not.toContain(secret);
    }
  });

  it('is erased when its time has come, with all its records', async () => {
    const { id, slug, call } = await office('erased', '+4930901820703');
    const { administration: api, operator } = t;
    const deletedAround = Date.now();
    value(await api.deleteOrganization(operator, slug, { confirm: slug, ...LATER }));
    value(await api.deleteOrganization(operator, slug, { confirm: slug, ...LATER }));
    const [job, ...more] = await erasures(id);
    expect(more).toEqual([]);
    expect(Math.abs(job!.runAt - deletedAround - RESTORABLE_FOR)).toBeLessThan(60_000);
    t.told.length = 0;
    await api.eraseOrganization(job!.payload);
    await api.eraseOrganization(job!.payload);
    expect(t.told).toContain(`changed ${id}`);
    expect(refusal(await api.getOrganization(operator, id))).toBe('not-found');
    const client = new pg.Client({ connectionString: t.database.adminUrl });
    await client.connect();
    const tables = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND column_name = 'organization_id' AND table_name <> 'audit'`,
    );
    for (const { name } of tables.rows) {
      const left = await client.query(`SELECT FROM ${name} WHERE organization_id = $1`, [id]);
      expect([name, left.rowCount]).toEqual([name, 0]);
    }
    await client.end();
    expect(tables.rows.length).toBeGreaterThan(9);
    expect(call.cdr.organizationId).toBe(id);
    const [entry] = value(await api.listAudit(operator, null, { resourceId: id }, ALL)).items;
    expect(entry).toMatchObject({ action: 'deleted', author: { kind: 'system', name: 'deletion' } });
    const heir = await t.organization(slug);
    value(await api.assignNumber(operator, heir.id, { number: '+4930901820703' }));
  });

  it('that was restored is not erased by what remembers its deletion', async () => {
    const { id, slug } = await office('remembered', '+4930901820704');
    const { administration: api, operator } = t;
    value(await api.deleteOrganization(operator, slug, { confirm: slug, ...LATER }));
    const [first] = await erasures(id);
    value(await api.restoreOrganization(operator, slug));
    await api.eraseOrganization(first!.payload);
    expect(value(await api.getOrganization(operator, id)).deletedAt).toBeNull();
  });
});

it('an organization that lives cannot be erased by the brain’s role', async () => {
  const { id } = await office('alive', '+4930901820705');
  const erase = t.stores.withOrganization(id, (stores) => stores.organizations.erase(id));
  await expect(erase).rejects.toThrow(/only a deleted/);
  const other = await office('alive-b', '+4930901820706');
  value(await t.administration.deleteOrganization(t.operator, 'alive-b', { confirm: 'alive-b', ...LATER }));
  const foreign = t.stores.withOrganization(id, (stores) => stores.organizations.erase(other.id));
  await expect(foreign).rejects.toThrow(/only a deleted/);
});
