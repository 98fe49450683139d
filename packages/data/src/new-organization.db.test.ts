import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

const NUMBER = '+4930901820801';
const whole = {
  slug: 'whole',
  name: 'Whole Ltd',
  country: 'DE',
  extensions: [
    { number: '102', name: 'Bob', forwardBusy: '101' },
    { number: '101', name: 'Ann', outboundNumber: NUMBER },
  ],
  numbers: [{ number: '030 901820801', extension: '101' }, { number: '+4930901820802' }],
  trunk: { name: 'Carrier', host: '203.0.113.7', username: 'u', password: 'hush' },
  hasAdminKey: true,
};

it('an organization is there at once with all that it starts with, and can be called', async () => {
  const { administration: api, operator } = t;
  t.told.length = 0;
  const made = value(await api.createOrganization(operator, whole));
  expect(t.told).toEqual([`changed ${made.id}`]);
  expect(made).toMatchObject({ defaultNumber: NUMBER, appliedRevision: 1, pendingChanges: 0 });
  const loaded = (await t.loader.loadOrganization(made.id))!;
  expect(loaded.revision.content.extensions.map((e) => e.number)).toEqual(['101', '102']);
  expect(loaded.revision.content.routes).toHaveLength(1);
  expect(loaded.trunks.map((trunk) => [trunk.name, trunk.password])).toEqual([['Carrier', 'hush']]);
  const admin = (await api.authenticate(made.adminToken!))!;
  expect(admin.organizationId).toBe(made.id);
  value(await api.createDevice(admin, 'whole', { extension: '101' }));
  expect(value(await api.getNumber(admin, 'whole', NUMBER)).appliedExtension).toBe('101');
  expect(value(await api.listRevisions(admin, 'whole', ALL)).items).toHaveLength(1);
  expect(refusal(await api.createOrganization(operator, whole))).toBe('slug-taken');
});

it('what is wrong is named field by field, and nothing is made', async () => {
  const { administration: api, operator } = t;
  const bad = await api.createOrganization(operator, {
    slug: 'bad',
    name: 'Bad',
    country: 'DE',
    quotas: { numbers: 1 },
    extensions: [
      { number: '101', name: '' },
      { number: '101', name: 'B', forwardBusy: '199' },
    ],
    numbers: [
      { number: 'nobody', extension: '101' },
      { number: '+4930901820803', extension: '105' },
    ],
    trunk: { name: 'T', host: 'a b' },
  });
  expect(bad.ok ? [] : bad.refusal.fields!.map((f) => f.field)).toEqual([
    'numbers.0.number',
    'extensions.0.name',
    'extensions.0.number',
    'extensions.1.forwardBusy',
    'numbers.1.extension',
    'numbers',
    'trunk.host',
    'trunk.addresses',
  ]);
  expect(refusal(await api.getOrganization(operator, 'bad'))).toBe('not-found');
});

it('a number that is taken undoes the whole', async () => {
  const { administration: api, operator } = t;
  const taken = await api.createOrganization(operator, {
    slug: 'undone',
    name: 'Undone',
    country: 'DE',
    extensions: [{ number: '101', name: 'Ann' }],
    numbers: [{ number: '+4930901820804' }, { number: NUMBER }],
  });
  expect(taken.ok ? [] : [taken.refusal.id, taken.refusal.fields![0]!.field]).toEqual([
    'number-taken',
    'numbers.1.number',
  ]);
  expect(refusal(await api.getOrganization(operator, 'undone'))).toBe('not-found');
  const { id } = await t.organization('undone');
  value(await api.assignNumber(operator, id, { number: '+4930901820804' }));
});
