/** Requests that are sent again, since nobody knows whether the first arrived: done once, answered alike. */
import { Readable } from 'node:stream';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

const again = (actor: Actor, key: string, fingerprint = 'same'): Actor => ({ ...actor, repeat: { key, fingerprint } });

it('is done once, whether one after the other or at the same moment, and answered with the same secret', async () => {
  const { id, admin } = await t.organization('once');
  value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
  const create = () => t.administration.createDevice(again(admin, 'a'), id, { extension: '101' });
  const [first, ...others] = (await Promise.all([create(), create(), create()])).map(value);
  expect(others).toEqual([first, first]);
  expect(value(await create()).password).toBe(first!.password);
  expect(value(await t.administration.listDevices(admin, id, ALL)).items).toHaveLength(1);
  // Another key is another wish.
  value(await t.administration.createDevice(again(admin, 'b'), id, { extension: '101' }));
  expect(value(await t.administration.listDevices(admin, id, ALL)).items).toHaveLength(2);
});

it('refuses another request with the same key, and judges a refused one anew', async () => {
  const { id, admin } = await t.organization('other-wish');
  const create = (number: string, fingerprint: string) =>
    t.administration.createExtension(again(admin, 'k', fingerprint), id, { number, name: 'A' });
  value(await create('101', 'f1'));
  expect(refusal(await create('102', 'f2'))).toBe('idempotency-key-reused');
  const late = () => t.administration.createDevice(again(admin, 'late'), id, { extension: '105' });
  expect(refusal(await late())).toBe('invalid');
  value(await t.administration.createExtension(admin, id, { number: '105', name: 'B' }));
  expect(refusal(await late())).toBe('ok');
});

it('is known by who asks and where: another key, another organization and the operator begin anew', async () => {
  const [a, b] = [await t.organization('mine'), await t.organization('theirs')];
  const ask = (who: Actor, id: string, number: string) =>
    t.administration.createExtension(again(who, 'k', number), id, { number, name: 'A' });
  value(await ask(a.admin, a.id, '101'));
  expect(refusal(await ask(b.admin, b.id, '102'))).toBe('ok');
  expect(refusal(await ask(t.operator, a.id, '103'))).toBe('ok');
  expect(refusal(await ask(t.operator, b.id, '104'))).toBe('ok');
  const make = () =>
    t.administration.createOrganization(again(t.operator, 'k'), { slug: 'made-once', name: 'A', country: 'DE' });
  const made = value(await make());
  expect(value(await make()).id).toBe(made.id);
});

it('invites once, makes a person once, and keeps an uploaded sound once', async () => {
  const { id, admin } = await t.organization('people');
  const invite = () =>
    t.administration.invite(again(admin, 'i'), id, { email: 'bob@example.com', role: 'viewer', language: 'en' });
  const [first, second] = [value(await invite()), value(await invite())];
  expect([second.id, second.link]).toEqual([first.id, first.link]);
  const resend = () => t.administration.resendInvitation(again(admin, 'r'), id, first.id);
  expect(value(await resend()).link).toBe(value(await resend()).link);

  const memberships = [{ org: id, role: 'viewer' as const }];
  const make = () =>
    t.administration.createUser(again(t.operator, 'u'), { email: 'olga@example.com', name: 'Olga', memberships });
  expect(value(await make())).toEqual(value(await make()));

  const sound = () => Readable.from([Buffer.from('a waltz')]);
  const upload = () => t.administration.uploadFile(again(admin, 'f'), id, { kind: 'music', name: 'Waltz' }, sound());
  const told = t.told.length;
  expect(value(await upload())).toEqual(value(await upload()));
  expect(value(await t.administration.listFiles(admin, id, {}, ALL)).items).toHaveLength(1);
  expect(t.told.slice(told).filter((what) => /^(kept|dropped)/.test(what))).toMatchObject([
    expect.stringContaining('kept'),
    expect.stringContaining('dropped'),
  ]);
});

it('is forgotten after a day, and nobody reads the secrets in the table', async () => {
  const { id, admin } = await t.organization('a-day');
  const create = () => t.administration.createKey(again(admin, 'k'), id, { name: 'Script' });
  const { token } = value(await create());
  const client = new pg.Client({ connectionString: t.database.adminUrl });
  await client.connect();
  const { rows } = await client.query('SELECT * FROM repeat WHERE organization_id = $1', [id]);
  expect(rows).toHaveLength(1);
  expect(Buffer.from(rows[0].answer_encrypted).includes(token)).toBe(false);
  await client.query(`UPDATE repeat SET created_at = now() - interval '25 hours'`);
  await client.end();
  expect(value(await create()).token).not.toBe(token);
});
