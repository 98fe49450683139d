import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

it('keeps the draft apart from what is applied, and publishes it whole', async () => {
  const { id, admin } = await t.organization('drafts');
  value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
  value(await t.administration.assignNumber(t.operator, id, { number: '+4930901820101', extension: '101' }));
  expect((await t.loader.loadOrganization(id))!.revision).toEqual({
    number: 0,
    content: { extensions: [], routes: [], music: 'own' },
  });
  expect(value(await t.administration.getOrganization(admin, id)).pendingChanges).toBe(2);
  expect(value(await t.administration.getDraft(admin, id)).changes.map((c) => [c.kind, c.what, c.name])).toEqual([
    ['added', 'extension', '101'],
    ['added', 'route', '+4930901820101'],
  ]);

  t.told.length = 0;
  const before = (await t.loader.loadOrganization(id))!.version;
  const applied = value(await t.administration.apply(admin, id, 'first'));
  expect(applied).toMatchObject({ number: 1, isCurrent: true, note: 'first', appliedBy: 'Admin of drafts' });
  expect(t.told).toEqual([`changed ${id}`]);
  const loaded = (await t.loader.loadOrganization(id))!;
  expect(loaded.version).toBeGreaterThan(before);
  expect(loaded.revision.content.routes).toEqual([
    { number: '+4930901820101', extensionId: loaded.revision.content.extensions[0]!.id },
  ]);
  expect(value(await t.administration.apply(admin, id)).number).toBe(1);

  value(await t.administration.updateExtension(admin, id, '101', { name: 'Anna', number: '111' }));
  expect(value(await t.administration.getDraft(admin, id)).changes).toMatchObject([
    {
      kind: 'changed',
      what: 'extension',
      name: '101',
      before: { number: '101', name: 'Ann' },
      after: { number: '111', name: 'Anna' },
    },
  ]);
  value(await t.administration.discardDraft(admin, id));
  expect(value(await t.administration.listExtensions(admin, id, ALL)).items[0]!.name).toBe('Ann');
  expect(value(await t.administration.getDraft(admin, id)).changes).toEqual([]);
});

it('refuses a draft that leads nowhere, naming what', async () => {
  const { id, admin } = await t.organization('invalid');
  value(await t.administration.createExtension(admin, id, { number: '101', name: 'A', forwardBusy: '102' }));
  value(await t.administration.createExtension(admin, id, { number: '103', name: 'C' }));
  value(await t.administration.assignNumber(t.operator, id, { number: '+4930901820102', extension: '103' }));
  value(await t.administration.deleteExtension(admin, id, '103'));
  const outcome = await t.administration.apply(admin, id);
  expect(outcome.ok ? null : outcome.refusal).toMatchObject({
    id: 'draft-invalid',
    fields: [{ field: 'extensions.101.forwardBusy' }, { field: 'numbers.+4930901820102.extension' }],
  });
  expect(value(await t.administration.listRevisions(admin, id, ALL)).items).toEqual([]);
});

it('deletes devices of a removed extension at apply, not before', async () => {
  const { id, admin } = await t.organization('removal');
  value(await t.administration.createExtension(admin, id, { number: '101', name: 'A' }));
  value(await t.administration.createExtension(admin, id, { number: '102', name: 'B' }));
  value(await t.administration.apply(admin, id));
  const device = value(await t.administration.createDevice(admin, id, { extension: '101' }));
  value(await t.administration.deleteExtension(admin, id, '101'));
  expect(value(await t.administration.getDevice(admin, device.username)).extension).toBe('101');
  expect(value(await t.administration.getDraft(admin, id)).changes).toMatchObject([{ name: '101', devices: 1 }]);
  t.told.length = 0;
  value(await t.administration.apply(admin, id));
  // Not revoked: that would end a call of this device.
  expect(t.told).toEqual([`changed ${id}`]);
  expect(refusal(await t.administration.getDevice(admin, device.username))).toBe('not-found');

  const back = value(await t.administration.rollback(admin, id, 1));
  expect(back).toMatchObject({ number: 3, isCurrent: true });
  expect(back.notRestored).toEqual([{ what: 'phones', extension: '101', number: null }]);
  expect(value(await t.administration.getDraft(admin, id)).changes).toEqual([]);
});

it('gives an extension that was deleted by mistake its devices and numbers back, until the deletion is applied', async () => {
  const { id, admin } = await t.organization('mistake');
  const made = value(await t.administration.createExtension(admin, id, { number: '101', name: 'A' }));
  value(await t.administration.assignNumber(t.operator, id, { number: '+4930901820104', extension: '101' }));
  value(await t.administration.apply(admin, id));
  const device = value(await t.administration.createDevice(admin, id, { extension: '101' }));
  value(await t.administration.deleteExtension(admin, id, '101'));

  const again = { number: '101', name: 'A', restores: made.id };
  expect(value(await t.administration.createExtension(admin, id, again)).id).toBe(made.id);
  expect(value(await t.administration.getDraft(admin, id)).changes).toEqual([]);
  value(await t.administration.apply(admin, id));
  expect(value(await t.administration.getDevice(admin, device.username)).extensionId).toBe(made.id);
  // One that is there, and one of somebody else, are not replaced.
  const other = await t.organization('mistaken');
  const copy = value(await t.administration.createExtension(admin, id, { ...again, number: '102' }));
  const theirs = value(await t.administration.createExtension(other.admin, other.id, again));
  expect(new Set([made.id, copy.id, theirs.id]).size).toBe(3);
});

it('names a number that moved away when it rolls back', async () => {
  const { id, admin } = await t.organization('moved');
  const other = await t.organization('moved-to');
  value(await t.administration.createExtension(admin, id, { number: '101', name: 'A' }));
  value(await t.administration.assignNumber(t.operator, id, { number: '+4930901820103', extension: '101' }));
  value(await t.administration.updateExtension(admin, id, '101', { outboundNumber: '030901820103' }));
  value(await t.administration.apply(admin, id));
  value(await t.administration.releaseNumber(t.operator, id, '+4930901820103'));
  value(await t.administration.assignNumber(t.operator, other.id, { number: '+4930901820103' }));
  value(await t.administration.discardDraft(admin, id));
  value(await t.administration.updateExtension(admin, id, '101', { name: 'AA' }));
  value(await t.administration.apply(admin, id));
  const told = value(await t.administration.lookAtRollback(admin, id, 1));
  const back = value(await t.administration.rollback(admin, id, 1));
  expect(back.notRestored).toEqual(told.notRestored);
  expect(back.notRestored).toEqual([
    { what: 'outbound-number', extension: '101', number: '+4930901820103' },
    { what: 'number', extension: null, number: '+4930901820103' },
  ]);
  const content = (await t.loader.loadOrganization(id))!.revision.content;
  expect(content).toMatchObject({ extensions: [{ name: 'A', outboundNumber: null }], routes: [] });
  expect(refusal(await t.administration.rollback(admin, id, 99))).toBe('not-found');
});

it('serialises applies of one organization, and none waits for another organization', async () => {
  const { id, admin } = await t.organization('racing');
  const other = await t.organization('bystander');
  value(await t.administration.createExtension(admin, id, { number: '100', name: 'A' }));
  const numbers = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      value(await t.administration.createExtension(admin, id, { number: `20${i}`, name: `E${i}` }));
      return value(await t.administration.apply(admin, id)).number;
    }),
  );
  const revisions = value(await t.administration.listRevisions(admin, id, ALL)).items.map((r) => r.number);
  expect(revisions).toEqual(Array.from({ length: Math.max(...numbers) }, (_, i) => Math.max(...numbers) - i));
  expect((await t.loader.loadOrganization(id))!.revision.content.extensions).toHaveLength(9);

  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held = t.db.withOrganization(id, async (trx) => {
    await trx.selectFrom('organization').select('id').where('id', '=', id).forNoKeyUpdate().execute();
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  // Were it to wait for the first one, it would wait for ever: that is let go only afterwards.
  value(await t.administration.apply(other.admin, other.id));
  const waiting = t.administration.apply(admin, id);
  released.resolve();
  await held;
  value(await waiting);
});
