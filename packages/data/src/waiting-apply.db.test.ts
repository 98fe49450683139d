/** Applies that wait, and what a draft tells of itself. */
import type { Actor } from '@littlepbx/core/tenancy/actor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALL, createTestInstallation, refusal, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

/** An office with a phone each for 101 and 102, applied. */
async function office(slug: string) {
  const { id, admin } = await t.organization(slug);
  for (const number of ['101', '102']) {
    value(await t.administration.createExtension(admin, id, { number, name: `Person ${number}` }));
    value(await t.administration.createDevice(admin, id, { extension: number, name: `Phone ${number}` }));
  }
  value(await t.administration.apply(admin, id));
  return { id, admin };
}

const draftOf = async (admin: Actor, id: string) => value(await t.administration.getDraft(admin, id));
const waiting = () => t.stores.asOperator(({ waitingApplies }) => waitingApplies.all());
const mails = (id: string) =>
  t.stores.withOrganization(id, async ({ jobs }) =>
    (await jobs.list('mail', { after: null, limit: 50 }))
      .filter((job) => job.organizationId === id)
      .map((job) => job.payload as { to: string[]; subject: string; text: string }),
  );

it('waits in the name of who asked, is applied when its time comes, and tells by mail', async () => {
  const { id, admin } = await office('patient');
  const { administration } = t;
  value(await administration.updateExtension(admin, id, '101', { name: 'Anna' }));
  const wish = { deadlineInS: 600, note: 'Marriage', email: 'anna@example.com' };
  const asked = value(await administration.applyWhenIdle(admin, id, wish));
  expect(asked.deadline - asked.askedAt).toBe(600_000);
  expect(await waiting()).toContainEqual({ organizationId: id, deadline: asked.deadline });
  // What is changed meanwhile goes with it.
  value(await administration.updateExtension(admin, id, '102', { name: 'Bert' }));
  expect((await draftOf(admin, id)).waiting).toEqual({ ...asked, askedBy: admin.name });
  expect(value(await administration.applyWaiting(id))).toMatchObject({
    number: 2,
    appliedBy: admin.name,
    note: 'Marriage',
  });
  expect(await draftOf(admin, id)).toMatchObject({ revision: 2, changes: [], waiting: null });
  expect(await mails(id)).toMatchObject([
    { to: ['anna@example.com'], subject: expect.stringContaining('Your changes are live') },
  ]);
  expect(value(await administration.applyWaiting(id))).toBeNull();
  expect(value(await administration.listRevisions(admin, id, ALL)).items).toHaveLength(2);
});

it('is stopped, and ended by an apply by hand, a discard and a rollback', async () => {
  const { id, admin } = await office('stopped');
  const { administration } = t;
  const ways: Record<string, () => Promise<unknown>> = {
    stop: () => administration.stopApply(admin, id),
    apply: () => administration.apply(admin, id),
    discard: () => administration.discardDraft(admin, id),
    rollback: () => administration.rollback(admin, id, 1),
  };
  for (const [way, end] of Object.entries(ways)) {
    value(await administration.updateExtension(admin, id, '101', { name: `By ${way}` }));
    value(await administration.applyWhenIdle(admin, id, {}));
    await end();
    expect((await draftOf(admin, id)).waiting, way).toBeNull();
    expect(refusal(await administration.stopApply(admin, id)), way).toBe('not-found');
    expect(value(await administration.applyWaiting(id)), way).toBeNull();
  }
});

it('refuses a draft that cannot be applied, at once or by mail when it came later', async () => {
  const { id, admin } = await office('broken');
  const { administration } = t;
  value(await administration.updateExtension(admin, id, '101', { forwardBusy: '109' }));
  expect(refusal(await administration.applyWhenIdle(admin, id, {}))).toBe('draft-invalid');
  value(await administration.updateExtension(admin, id, '101', { forwardBusy: null }));
  value(await administration.applyWhenIdle(admin, id, { email: 'anna@example.com' }));
  value(await administration.updateExtension(admin, id, '101', { forwardBusy: '109' }));
  expect(value(await administration.applyWaiting(id))).toBeNull();
  const [mail] = await mails(id);
  expect(mail).toMatchObject({ subject: expect.stringContaining('could not be applied') });
  expect(mail!.text).toContain('there is no extension 109');
  expect(await draftOf(admin, id)).toMatchObject({ revision: 1, waiting: null, changes: [{ name: '101' }] });
});

it('two who apply at once make one revision of it', async () => {
  const { id, admin } = await office('both');
  value(await t.administration.updateExtension(admin, id, '101', { name: 'Anna' }));
  const applied = await Promise.all([t.administration.apply(admin, id), t.administration.apply(t.operator, id)]);
  expect(applied.map((one) => value(one).number)).toEqual([2, 2]);
});

it('tells who touched what last and which phones go, and knows of no other organization', async () => {
  const { id, admin } = await office('told');
  const other = await office('told-other');
  const { administration } = t;
  value(await administration.updateExtension(admin, id, '101', { name: 'Anna' }));
  value(await administration.updateExtension(t.operator, id, '101', { ringTimeInS: 40 }));
  value(await administration.deleteExtension(admin, id, '102'));
  const draft = await draftOf(admin, id);
  expect(draft.changes).toMatchObject([
    { kind: 'changed', name: '101', changedBy: { kind: 'operator', name: 'Operator' } },
    { kind: 'removed', name: '102', changedBy: { kind: 'key', name: admin.name } },
  ]);
  for (const { changedAt } of draft.changes) expect(Math.abs(changedAt! - Date.now())).toBeLessThan(60_000);
  expect(draft.removedDevices).toMatchObject([{ name: 'Phone 102', extension: '102' }]);
  expect(refusal(await administration.getDraft(other.admin, id))).toBe('not-found');
  expect(refusal(await administration.applyWhenIdle(other.admin, id, {}))).toBe('not-found');
  expect(refusal(await administration.stopApply(other.admin, id))).toBe('not-found');
});

it('a reset gives extensions the settings of new ones, numbers that lead nowhere the first of them, and its own music to who is held', async () => {
  const { id, admin } = await office('reset');
  const { administration } = t;
  for (const number of ['+4930901820801', '+4930901820802']) {
    value(await administration.assignNumber(t.operator, id, { number }));
  }
  value(await administration.routeNumber(admin, id, '+4930901820802', '102'));
  value(await administration.updateExtension(admin, id, '101', { ringTimeInS: 60, forwardAlways: '102' }));
  value(await administration.setMusic(admin, id, 'stock'));
  value(await administration.apply(admin, id));
  value(await administration.resetDraft(admin, id));
  const { items } = value(await administration.listExtensions(admin, id, ALL));
  expect(items[0]).toMatchObject({ number: '101', name: 'Person 101', ringTimeInS: 20, forwardAlways: null });
  const numbers = value(await administration.listNumbers(admin, id, ALL)).items;
  expect(numbers.map(({ extension }) => extension)).toEqual(['101', '102']);
  expect(value(await administration.getMusic(admin, id))).toEqual({ music: 'own', appliedMusic: 'stock' });
  const { revision, changes } = await draftOf(admin, id);
  expect(revision).toBe(2);
  expect(changes.at(-1)).toMatchObject({ what: 'music', before: { music: 'stock' }, changedBy: { name: admin.name } });
  value(await administration.rollback(admin, id, 1));
  expect(value(await administration.getMusic(admin, id))).toEqual({ music: 'own', appliedMusic: 'own' });
});
