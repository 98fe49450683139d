/** Two people edit the same organization at the same moment: nobody's text goes silently. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

async function office(slug: string) {
  const { id, admin } = await t.organization(slug);
  const ann = value(await t.administration.createExtension(admin, id, { number: '101', name: 'Ann' }));
  return { id, admin, ann };
}

it('of two who change one field at once, one is told what the other wrote, and who did', async () => {
  const { id, admin, ann } = await office('one-field');
  const change = (name: string) =>
    t.administration.updateExtension(admin, id, ann.id, { name, expected: { name: 'Ann' } });
  const outcomes = await Promise.all([change('Anna'), change('Anne')]);
  const won = outcomes.findIndex((outcome) => outcome.ok);
  const lost = outcomes[1 - won]!;
  const name = won === 0 ? 'Anna' : 'Anne';
  expect(lost.ok ? null : lost.refusal).toMatchObject({
    id: 'stale',
    fields: [{ field: 'name', expected: 'Ann', current: name }],
  });
  expect(value(await t.administration.getExtension(admin, id, '101')).name).toBe(name);

  // Whoever touched something else of it later has not written the name.
  value(await t.administration.updateExtension(t.operator, id, ann.id, { ringTimeInS: 30 }));
  const late = await change('Annie');
  const [field] = late.ok ? [] : late.refusal.fields!;
  expect(field).toMatchObject({ current: name, changedBy: { name: admin.name } });
  expect(field!.changedAt).toBeGreaterThan(0);
});

it('changes of different fields merge, and both wanting the same is no conflict', async () => {
  const { id, admin, ann } = await office('merge');
  const { administration } = t;
  const outcomes = await Promise.all([
    administration.updateExtension(admin, id, ann.id, { name: 'Anna', expected: { name: 'Ann' } }),
    administration.updateExtension(admin, id, ann.id, { ringTimeInS: 40, expected: { ringTimeInS: 20 } }),
    administration.updateExtension(admin, id, ann.id, { forwardBusy: 'voicemail', expected: { forwardBusy: null } }),
    administration.updateExtension(admin, id, ann.id, { forwardBusy: 'voicemail', expected: { forwardBusy: null } }),
  ]);
  expect(outcomes.map(refusal)).toEqual(['ok', 'ok', 'ok', 'ok']);
  expect(value(await administration.getExtension(admin, id, '101'))).toMatchObject({
    name: 'Anna',
    ringTimeInS: 40,
    forwardBusy: 'voicemail',
  });
  // Without an expectation the last one wins, as for a script that sets things.
  expect(refusal(await administration.updateExtension(admin, id, ann.id, { name: 'Ann' }))).toBe('ok');
});

it('numbers, phones and voicemail boxes are kept from it, too', async () => {
  const { id, admin } = await office('the-rest');
  const { administration } = t;
  value(await administration.createExtension(admin, id, { number: '102', name: 'Bob' }));
  const number = '+4930901820909';
  value(await administration.assignNumber(t.operator, id, { number, extension: '101' }));
  value(await administration.routeNumber(admin, id, number, '102', { extension: '101' }));
  const late = await administration.routeNumber(admin, id, number, null, { extension: '101' });
  expect(late.ok ? null : late.refusal.fields).toMatchObject([{ expected: '101', current: '102' }]);

  const { username } = value(await administration.createDevice(admin, id, { extension: '101', name: 'Desk' }));
  value(await administration.updateDevice(admin, username, { name: 'Kitchen', expected: { name: 'Desk' } }));
  expect(
    refusal(await administration.updateDevice(admin, username, { name: 'Hall', expected: { name: 'Desk' } })),
  ).toBe('stale');
  const mail = (email: string) =>
    administration.updateVoicemailBox(admin, id, '101', { email, expected: { email: null } });
  expect([refusal(await mail('a@example.com')), refusal(await mail('b@example.com'))]).toEqual(['ok', 'stale']);
});

it('of two operators the second is told which limit, and which setting of a line, is no longer what it saw', async () => {
  const { id } = await office('operators');
  const { administration, operator } = t;
  const limits = { concurrentCalls: 40, offHours: { percent: 10 } };
  const before = value(await administration.getOrganization(operator, id));
  const seen = {
    limits: { concurrentCalls: before.limits.concurrentCalls, offHours: { percent: before.limits.offHours.percent } },
    quotas: { keys: before.quotas.keys },
  };
  value(await administration.updateOrganization(operator, id, { limits, quotas: { keys: 7 }, expected: seen }));
  // What neither of them names merges.
  value(await administration.updateOrganization(operator, id, { name: 'Two', expected: { name: before.name } }));
  const late = await administration.updateOrganization(operator, id, {
    limits: { concurrentCalls: 50, offHours: { percent: 10 } },
    quotas: { keys: 9 },
    expected: seen,
  });
  expect(late.ok ? null : late.refusal).toMatchObject({
    id: 'stale',
    fields: [
      { field: 'limits.concurrentCalls', current: 40, changedBy: { name: operator.name } },
      { field: 'quotas.keys', current: 7, changedBy: { name: operator.name } },
    ],
  });
  const trunk = value(await administration.createTrunk(operator, id, { name: 'Out', host: '192.0.2.10' }));
  const port = (value: number) =>
    administration.updateTrunk(operator, id, trunk.id, { port: value, expected: { port: null } });
  expect([refusal(await port(5070)), refusal(await port(5080)), refusal(await port(5070))]).toEqual([
    'ok',
    'stale',
    'ok',
  ]);
});

it('of two operators the second is told which setting of mail or alerts the first changed, and who that was', async () => {
  const { administration, operator } = t;
  const other = { ...operator, name: 'Olga' };
  const { thresholds } = value(await administration.getAlertSettings(operator));
  const disk = (diskFreePercent: number) => ({
    thresholds: { diskFreePercent },
    expected: { thresholds: { diskFreePercent: thresholds.diskFreePercent } },
  });
  const outcomes = await Promise.all([
    administration.updateAlertSettings(operator, disk(20)),
    administration.updateAlertSettings(operator, disk(30)),
  ]);
  expect(outcomes.map(refusal).sort()).toEqual(['ok', 'stale']);
  // What neither of them names merges, and its author has not changed the other.
  const backup = {
    thresholds: { backupInDays: 3 },
    expected: { thresholds: { backupInDays: thresholds.backupInDays } },
  };
  value(await administration.updateAlertSettings(other, backup));
  const late = await administration.updateAlertSettings(operator, disk(40));
  expect(late.ok ? null : late.refusal.fields).toMatchObject([
    { field: 'thresholds.diskFreePercent', changedBy: { name: operator.name } },
  ]);

  const server = { host: 'smtp.example.com', fromAddress: 'pbx@example.com' };
  const first = (host: string) =>
    administration.setMailServer(operator, { ...server, host, expected: { host: null, port: null } });
  const made = await Promise.all([first('smtp.example.com'), first('mail.example.com')]);
  expect(made.map(refusal).sort()).toEqual(['ok', 'stale']);
  const seen = value(await administration.getMail(operator)).server!;
  value(await administration.setMailServer(other, { ...server, host: seen.host, port: 2525 }));
  const second = await administration.setMailServer(operator, {
    ...server,
    host: seen.host,
    port: 465,
    expected: { port: 587 },
  });
  expect(second.ok ? null : second.refusal).toMatchObject({
    id: 'stale',
    fields: [{ field: 'port', expected: 587, current: 2525, changedBy: { name: other.name } }],
  });
});

it('rates of a carrier are set and deleted one by one, and of two prices for one prefix the second is told the first', async () => {
  const { id } = await office('rates');
  const { administration, operator } = t;
  const { id: trunk } = value(await administration.createTrunk(operator, id, { name: 'Out', host: '192.0.2.10' }));
  const price = (pricePerMinute: number) => ({ pricePerMinute, setupFee: 0, firstIncrementInS: 60, incrementInS: 60 });
  const set = (prefix: string, wanted: number, more: object = {}) =>
    administration.setRate(operator, id, trunk, prefix, { ...price(wanted), ...more });
  // A trunk without rates has no currency either.
  expect(refusal(await set('44', 1))).toBe('invalid');
  value(await set('44', 12_000, { currency: 'EUR' }));
  value(await set('447', 90_000));
  expect(refusal(await set('1', 5, { currency: 'USD' }))).toBe('invalid');
  const late = await set('44', 13_000, { expected: { pricePerMinute: 11_000 } });
  expect(late.ok ? null : late.refusal).toMatchObject({ id: 'stale', fields: [{ current: 12_000 }] });
  value(await set('44', 13_000, { expected: { pricePerMinute: 12_000 } }));
  const page = { limit: 10, cursor: null };
  const { items, currency } = value(await administration.listRates(operator, id, trunk, page));
  expect([currency, items.map((rate) => [rate.prefix, rate.pricePerMinute])]).toEqual([
    'EUR',
    [
      ['44', 13_000],
      ['447', 90_000],
    ],
  ]);
  value(await administration.deleteRate(operator, id, trunk, '447'));
  // The last one alone does not go: without rates every number may be called.
  expect(refusal(await administration.deleteRate(operator, id, trunk, '44'))).toBe('in-use');
});
