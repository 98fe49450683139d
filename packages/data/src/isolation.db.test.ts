import type { Actor } from '@littlepbx/core/tenancy/actor';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertCalls } from './stores/calls.ts';
import { insertFiles } from './stores/files.ts';
import { createStoreSet } from './stores/index.ts';
import { jobStore } from './stores/jobs.ts';
import { voicemailStore } from './stores/voicemail.ts';
import { finishedCall } from './testing/calls.ts';
import { soundFile } from './testing/files.ts';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

interface Tenant {
  id: string;
  slug: string;
  admin: Actor;
  extension: string;
  device: string;
  number: string;
  trunk: string;
  key: string;
  call: string;
  file: string;
  message: string;
  user: string;
  webhook: string;
  delivery: string;
}

/** Tables that no organization sees. */
const OPERATORS = ['operator_setting', 'person_account', 'person_session', 'person_verification', 'person_two_factor'];
/** Global: an organization sees those that are its users. */
const PERSONS = 'person';

let t: TestInstallation;
let a: Tenant;
let b: Tenant;
let client: pg.Client;
let tables: string[];

const PNG = Buffer.from('89504e470d0a1a0a00', 'hex');

/** One row in every table, the same extension number in both organizations. */
async function tenant(slug: string, number: string): Promise<Tenant> {
  const { id, admin } = await t.organization(slug);
  const { administration, operator } = t;
  const extension = value(await administration.createExtension(admin, id, { number: '101', name: slug }));
  value(await administration.assignNumber(operator, id, { number, extension: '101' }));
  const device = value(await administration.createDevice(admin, id, { extension: '101' }));
  const trunk = value(await administration.createTrunk(operator, id, { name: 'T', host: '203.0.113.7' }));
  const csv = 'prefix,price_per_minute\n49,0.01';
  value(await administration.importRates(operator, id, trunk.id, { currency: 'EUR', csv }));
  value(await administration.updateExtensionLimits(admin, id, '101', { minutesPerDay: 60 }));
  const key = value(await administration.createKey(admin, id, { name: slug }));
  value(await administration.setMusic(admin, id, 'stock'));
  value(await administration.apply(admin, id));
  value(await administration.applyWhenIdle(admin, id, {}));
  const repeat = { key: 'k', fingerprint: 'f' };
  value(await administration.createKey({ ...admin, repeat }, id, { name: 'Repeated' }));
  const invited = { email: `new@${slug}.example.com`, role: 'viewer', language: 'en' } as const;
  value(await administration.invite(admin, id, invited));
  const memberships = [{ org: id, role: 'admin' as const }];
  const user = value(
    await administration.createUser(operator, { email: `boss@${slug}.example.com`, name: slug, memberships }),
  );
  const call = finishedCall(id);
  await t.db.asOperator((trx) => insertCalls(trx, [call]));
  const mail = { to: ['a@example.com'], subject: slug };
  await t.db.withOrganization(id, (trx) => jobStore(trx).add({ kind: 'mail', organizationId: id, payload: mail }));
  value(await administration.setLogo(operator, id, PNG));
  const file = soundFile(id, { callId: call.cdr.id });
  const voicemail = soundFile(id, { kind: 'voicemail', details: { extensionId: extension.id, from: '102' } });
  await t.db.asOperator((trx) => insertFiles(trx, [file, voicemail]));
  value(await administration.updateVoicemailBox(admin, id, '101', { pin: '271828' }));
  await t.db.withOrganization(id, (trx) => voicemailStore(trx).holdLock(id, extension.id));
  const webhook = value(
    await administration.createWebhook(admin, id, { url: 'https://example.com/', events: ['call-ended'] }),
  );
  const delivery = value(await administration.testWebhook(admin, id, webhook.id));
  const ids = {
    webhook: webhook.id,
    delivery: delivery.id,
    extension: extension.id,
    device: device.username,
    trunk: trunk.id,
    key: key.id,
    call: call.cdr.id,
    file: file.id,
    message: voicemail.id,
    user: user.id,
  };
  return { id, slug, admin, number, ...ids };
}

beforeAll(async () => {
  t = await createTestInstallation();
  [a, b] = [await tenant('tenant-a', '+4930901820201'), await tenant('tenant-b', '+4930901820202')];
  client = new pg.Client({ connectionString: t.database.appUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND relname <> 'migration'`,
  );
  tables = rows.map((row) => row.name).filter((name) => !OPERATORS.includes(name) && name !== PERSONS);
});
afterAll(async () => {
  await client?.end();
  await t?.close();
});

/** Organizations of the rows that the app's role sees in a table. */
async function seen(table: string): Promise<string[]> {
  const column = table === 'organization' ? 'id' : 'organization_id';
  const { rows } = await client.query<{ id: string }>(`SELECT ${column} AS id FROM ${table}`);
  return rows.map((row) => row.id);
}

describe('row-level security', () => {
  it('is forced on every table, and the brain’s role owns nothing and passes by none', async () => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND relname <> 'migration' AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
    const roles = await client.query(
      `SELECT rolsuper OR rolbypassrls AS passes, EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid) AS owns
       FROM pg_roles r WHERE rolname IN (current_user, 'littlepbx_app')`,
    );
    expect(roles.rows).toEqual([
      { passes: false, owns: false },
      { passes: false, owns: false },
    ]);
  });

  it('asks whose rows are seen once for each statement, not for each row', async () => {
    const { rows } = await client.query<{ policy: string }>(
      `SELECT tablename || '.' || policyname AS policy FROM pg_policies WHERE schemaname = 'public'
         AND regexp_count(qual, 'current_setting[(]') <> regexp_count(qual, 'SELECT [(]?(NULLIF[(])?current_setting[(]')`,
    );
    expect(rows).toEqual([]);
  });

  it('shows no row of any table when no organization is set', async () => {
    expect(tables.length).toBeGreaterThan(9);
    for (const table of tables) expect(await seen(table), table).toEqual([]);
    // And again after a transaction that had one set, on the same connection.
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.operator', 'on', true), set_config('app.organization', $1, true)`, [
      a.id,
    ]);
    for (const table of tables) expect(await seen(table), table).toEqual(expect.arrayContaining([a.id, b.id]));
    await client.query('COMMIT');
    for (const table of tables) expect(await seen(table), table).toEqual([]);
  });

  it('shows and changes only rows of the organization that is set', async () => {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.organization', $1, true)`, [a.id]);
    for (const table of tables) expect(new Set(await seen(table)), table).toEqual(new Set([a.id]));
    const stolen = await client.query('UPDATE device SET name = $1 WHERE organization_id = $2', ['mine', b.id]);
    expect(stolen.rowCount).toBe(0);
    await expect(
      client.query('INSERT INTO draft_route (e164, organization_id, extension_id) VALUES ($1, $2, $3)', [
        '+4930901820299',
        b.id,
        b.extension,
      ]),
    ).rejects.toThrow(/row-level security/);
    await client.query('ROLLBACK');
  });

  it('shows nothing of the operator’s own to an organization, and lets it put nothing there', async () => {
    value(await t.administration.setMailServer(t.operator, { host: 'smtp.example.com', fromAddress: 'a@example.com' }));
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.organization', $1, true)`, [a.id]);
    for (const table of OPERATORS) expect((await client.query(`SELECT FROM ${table}`)).rowCount, table).toBe(0);
    const put = client.query(`INSERT INTO operator_setting (name, content) VALUES ('x', '{}')`);
    await expect(put).rejects.toThrow(/row-level security/);
    await client.query('ROLLBACK');
    for (const what of ['getMail', 'removeMailServer'] as const) {
      expect(refusal(await t.administration[what](a.admin)), what).toBe('forbidden');
    }
    expect(refusal(await t.administration.listMails(a.admin, ALL))).toBe('forbidden');
  });

  it('shows an organization its own users, and lets it change no person', async () => {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.organization', $1, true)`, [a.id]);
    expect((await client.query('SELECT id FROM person')).rows).toEqual([{ id: a.user }]);
    expect((await client.query('UPDATE person SET is_operator = true')).rowCount).toBe(0);
    await client.query('ROLLBACK');
    expect((await client.query('SELECT FROM person')).rowCount).toBe(0);
  });

  it('keeps revisions and records as they were written', async () => {
    for (const table of ['revision', 'cdr', 'call_trace']) {
      await expect(client.query(`DELETE FROM ${table}`), table).rejects.toThrow(/permission denied/);
    }
  });
});

describe('an admin', () => {
  it('finds nothing of another organization by any id', async () => {
    const { administration: api } = t;
    const tries: Record<string, () => Promise<unknown>> = {};
    for (const org of [b.id, b.slug]) {
      Object.assign(tries, {
        [`resolve ${org}`]: async () => refusal(await api.resolveOrganization(a.admin, org)),
        [`organization ${org}`]: async () => refusal(await api.getOrganization(a.admin, org)),
        [`rename ${org}`]: async () => refusal(await api.updateOrganization(a.admin, org, { name: 'x' })),
        [`extensions ${org}`]: async () => refusal(await api.listExtensions(a.admin, org, ALL)),
        [`extension ${org}`]: async () => refusal(await api.getExtension(a.admin, org, b.extension)),
        [`new extension ${org}`]: async () =>
          refusal(await api.createExtension(a.admin, org, { number: '9', name: 'x' })),
        [`devices ${org}`]: async () => refusal(await api.listDevices(a.admin, org, ALL)),
        [`new device ${org}`]: async () => refusal(await api.createDevice(a.admin, org, { extension: '101' })),
        [`numbers ${org}`]: async () => refusal(await api.listNumbers(a.admin, org, ALL)),
        [`route ${org}`]: async () => refusal(await api.routeNumber(a.admin, org, b.number, null)),
        [`trunks ${org}`]: async () => refusal(await api.listTrunks(a.admin, org, ALL)),
        [`draft ${org}`]: async () => refusal(await api.getDraft(a.admin, org)),
        [`music ${org}`]: async () => refusal(await api.getMusic(a.admin, org)),
        [`choose music ${org}`]: async () => refusal(await api.setMusic(a.admin, org, 'own')),
        [`apply ${org}`]: async () => refusal(await api.apply(a.admin, org)),
        [`discard ${org}`]: async () => refusal(await api.discardDraft(a.admin, org)),
        [`look at rollback ${org}`]: async () => refusal(await api.lookAtRollback(a.admin, org, 1)),
        [`rollback ${org}`]: async () => refusal(await api.rollback(a.admin, org, 1)),
        [`revisions ${org}`]: async () => refusal(await api.listRevisions(a.admin, org, ALL)),
        [`revision ${org}`]: async () => refusal(await api.getRevision(a.admin, org, 1)),
        [`calls ${org}`]: async () => refusal(await api.listCalls(a.admin, org, {}, ALL)),
        [`files ${org}`]: async () => refusal(await api.listFiles(a.admin, org, {}, ALL)),
        [`file ${org}`]: async () => refusal(await api.getFile(a.admin, org, b.file)),
        [`delete file ${org}`]: async () => refusal(await api.deleteFile(a.admin, org, b.file)),
        [`users ${org}`]: async () => refusal(await api.listOrganizationUsers(a.admin, org, ALL)),
        [`role ${org}`]: async () => refusal(await api.changeRole(a.admin, org, b.user, { role: 'viewer' })),
        [`invite ${org}`]: async () =>
          refusal(await api.invite(a.admin, org, { email: 'x@example.com', role: 'admin', language: 'en' })),
        [`keys ${org}`]: async () => refusal(await api.listKeys(a.admin, org, ALL)),
        [`new key ${org}`]: async () => refusal(await api.createKey(a.admin, org, { name: 'x' })),
      });
    }
    Object.assign(tries, {
      'device by username': async () => refusal(await api.getDevice(a.admin, b.device)),
      'rename device': async () => refusal(await api.updateDevice(a.admin, b.device, { name: 'x' })),
      'reset device': async () => refusal(await api.resetDevicePassword(a.admin, b.device)),
      'delete device': async () => refusal(await api.deleteDevice(a.admin, b.device)),
      'extension by id': async () => refusal(await api.getExtension(a.admin, a.id, b.extension)),
      'delete extension': async () => refusal(await api.deleteExtension(a.admin, a.id, b.extension)),
      'number in own': async () => refusal(await api.getNumber(a.admin, a.id, b.number)),
      'route in own': async () => refusal(await api.routeNumber(a.admin, a.id, b.number, '101')),
      'trunk in own': async () => refusal(await api.getTrunk(a.admin, a.id, b.trunk)),
      'call in own': async () => refusal(await api.getCall(a.admin, a.id, b.call)),
      'file in own': async () => refusal(await api.getFile(a.admin, a.id, b.file)),
      'delete file in own': async () => refusal(await api.deleteFile(a.admin, a.id, b.file)),
      'box in own': async () => refusal(await api.getVoicemailBox(a.admin, a.id, b.extension)),
      'message in own': async () => refusal(await api.getVoicemailMessage(a.admin, a.id, '101', b.message)),
      'delete message in own': async () => refusal(await api.deleteVoicemailMessage(a.admin, a.id, '101', b.message)),
      'foreign user in own': async () => refusal(await api.changeRole(a.admin, a.id, b.user, { role: 'admin' })),
      'remove foreign user': async () => refusal(await api.removeUser(a.admin, a.id, b.user)),
      'delete key': async () => refusal(await api.deleteKey(a.admin, b.key)),
      'missing organization': async () => refusal(await api.getOrganization(a.admin, 'no-such')),
    });
    for (const [name, attempt] of Object.entries(tries)) expect(await attempt(), name).toBe('not-found');
    // A device cannot be hung on a foreign extension, nor a foreign number shown.
    expect(refusal(await api.createDevice(a.admin, a.id, { extension: b.extension }))).toBe('invalid');
    expect(refusal(await api.updateExtension(a.admin, a.id, '101', { outboundNumber: b.number }))).toBe('invalid');
    expect(refusal(await api.updateOrganization(a.admin, a.id, { defaultNumber: b.number }))).toBe('invalid');
    const own = value(await api.listOrganizations(a.admin, {}, ALL)).items;
    expect(own.map((o) => o.slug)).toEqual([a.slug]);
  });
});

describe('the stores, one by one', () => {
  it('give nothing of B to a transaction of A', async () => {
    const found = await t.db.withOrganization(a.id, async (trx) => {
      const stores = createStoreSet(trx, { encrypt: () => Buffer.of(), decrypt: () => 'secret' });
      const slice = { after: null, limit: 10 };
      return {
        organization: await stores.organizations.get(b.id),
        locked: await stores.organizations.lock(b.id),
        organizations: (await stores.organizations.list({}, slice)).filter((row) => row.id !== a.id),
        draft: await stores.drafts.content(b.id),
        contents: [...(await stores.drafts.contents([b.id])).values()],
        extensions: await stores.drafts.listExtensions(b.id, slice),
        extension: await stores.drafts.extension(b.id, '101'),
        extensionNumbers: [...(await stores.drafts.extensionNumbers([b.id], [b.extension]))],
        devices: await stores.devices.list(b.id, slice, {}),
        device: await stores.devices.find(b.device),
        deleted: await stores.devices.deleteAllBut(b.id, []),
        numbers: [...(await stores.numbers.list(b.id, slice)), ...(await stores.numbers.all(b.id))],
        number: await stores.numbers.get(b.id, b.number),
        trunks: [...(await stores.trunks.list(b.id, slice)), ...(await stores.trunks.all(b.id))],
        trunk: await stores.trunks.get(b.id, b.trunk),
        revisions: await stores.revisions.list(b.id, slice),
        revision: await stores.revisions.content(b.id, 1),
        last: await stores.revisions.last(b.id),
        calls: await stores.calls.list(b.id, {}, slice),
        call: await stores.calls.get(b.id, b.call),
        files: await stores.files.list(b.id, {}, slice),
        file: await stores.files.get(b.id, b.file),
        used: [...(await stores.files.used([b.id]))],
        isDeleted: (await stores.files.delete(b.id, b.file)) || null,
        box: await stores.voicemail.box(b.id, b.extension),
        messages: await stores.voicemail.all(b.id, b.extension),
        listed: await stores.voicemail.list(b.id, b.extension, {}, slice),
        message: await stores.voicemail.message(b.id, b.message),
        dropped: await stores.voicemail.deleteAllBut(b.id, []),
        keys: await stores.keys.list(b.id, slice),
        operatorKeys: await stores.keys.list(null, slice),
        key: await stores.keys.get(b.key),
        users: await stores.users.list(b.id, slice),
        user: await stores.users.get(b.id, b.user),
        person: await stores.persons.get(b.user),
        invitations: await stores.users.invitations(b.id, slice),
        jobs: (await stores.jobs.list('mail', slice)).filter((job) => job.organizationId !== a.id),
        logo: await stores.organizations.logo(b.id),
        webhooks: await stores.webhooks.list(b.id, slice),
        webhook: await stores.webhooks.get(b.id, b.webhook),
        deliveries: await stores.webhooks.deliveries(b.id, b.webhook, {}, slice),
        delivery: await stores.webhooks.delivery(b.id, b.delivery),
        wanted: [...(await stores.webhooks.wanted()).keys()].filter((id) => id !== a.id),
        setting: await stores.settings.get('mail'),
      };
    });
    const empty = { extensions: [], routes: [], music: 'own' };
    for (const [name, result] of Object.entries(found)) {
      if (name === 'draft') expect(result).toEqual(empty);
      else if (name === 'contents') expect(result).toEqual([{ draft: empty, applied: empty, numbers: [] }]);
      else if (name === 'last') expect(result).toBe(0);
      else if (Array.isArray(result)) expect(result, name).toEqual([]);
      else expect(result, name).toBeNull();
    }
    expect((await t.loader.loadOrganization(b.id))!.devices).toHaveLength(1);
  });
});
