import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

it('an organization gets as much as the operator allows, and is told what is full', async () => {
  const { id, admin } = await t.organization('full');
  const api = t.administration;
  const change = { quotas: { extensions: 1, devices: 1, numbers: 1, keys: 1 } };
  expect(refusal(await api.updateOrganization(admin, id, change))).toBe('forbidden');
  expect(value(await api.updateOrganization(t.operator, id, change)).quotas).toEqual(change.quotas);
  expect(refusal(await api.updateOrganization(t.operator, id, { quotas: { keys: -1 } }))).toBe('invalid');

  value(await api.createExtension(admin, id, { number: '101', name: 'A' }));
  value(await api.createDevice(admin, id, { extension: '101' }));
  value(await api.assignNumber(t.operator, id, { number: '+4930901820501' }));
  value(await api.createKey(admin, id, { name: 'k' }));
  const more = await api.createExtension(admin, id, { number: '102', name: 'B' });
  expect(more.ok ? null : more.refusal).toEqual({
    id: 'quota-reached',
    message: 'extensions: 1 of 1 are there; the operator can allow more',
  });
  expect(refusal(await api.createDevice(admin, id, { extension: '101' }))).toBe('quota-reached');
  expect(refusal(await api.assignNumber(t.operator, id, { number: '+4930901820502' }))).toBe('quota-reached');
  expect(refusal(await api.createKey(admin, id, { name: 'k' }))).toBe('quota-reached');
  // The operator's own keys are nobody's quota.
  value(await api.createKey(t.operator, null, { name: 'k' }));
});

it('what is there stays when a quota is lowered, and a rollback cannot pass it', async () => {
  const { id, admin } = await t.organization('lowered');
  const api = t.administration;
  for (const number of ['101', '102']) value(await api.createExtension(admin, id, { number, name: 'A' }));
  value(await api.apply(admin, id));
  value(await api.updateOrganization(t.operator, id, { quotas: { extensions: 1 } }));
  expect(value(await api.listExtensions(admin, id, ALL)).items).toHaveLength(2);
  value(await api.rollback(admin, id, 1));
  value(await api.deleteExtension(admin, id, '102'));
  value(await api.apply(admin, id));
  expect(refusal(await api.rollback(admin, id, 1))).toBe('quota-reached');
  expect(value(await api.listExtensions(admin, id, ALL)).items).toHaveLength(1);
});

it('of many at once that want the last places, as many get one as there are', async () => {
  const { id, admin } = await t.organization('race');
  const api = t.administration;
  value(await api.updateOrganization(t.operator, id, { quotas: { extensions: 3, devices: 3, keys: 3 } }));
  const won = async (one: (i: number) => Promise<{ ok: boolean }>) =>
    (await Promise.all(Array.from({ length: 12 }, (_, i) => one(i)))).filter((o) => o.ok).length;
  expect(await won((i) => api.createExtension(admin, id, { number: `${100 + i}`, name: 'A' }))).toBe(3);
  const [first] = value(await api.listExtensions(admin, id, ALL)).items;
  expect(await won(() => api.createDevice(admin, id, { extension: first!.number }))).toBe(3);
  expect(await won(() => api.createKey(admin, id, { name: 'k' }))).toBe(3);
});
