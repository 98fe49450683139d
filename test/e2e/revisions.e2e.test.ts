/** Drafts and revisions: nothing before apply, everything at once after it, and calls keep what they began with. */
import { describe } from 'vitest';
import { hangUp, hearEachOther, talk } from '../kit/talk.ts';
import { expect, test } from '../kit/test.ts';
import { eventually, type OutgoingCall, type Phone } from '../phones/index.ts';

/** Which of the phones the call rings; it is answered and ended there. */
async function reaches(call: OutgoingCall, ...phones: Phone[]): Promise<string> {
  const ringing = (phone: Phone): boolean =>
    phone.calls.some((one) => one.direction === 'in' && one.state === 'ringing');
  const reached = await eventually(() => phones.find(ringing), {
    every: 5,
    reason: () => `none of the phones rings; ${call.label} is ${call.state}`,
  });
  const rung = await reached.rings();
  await rung.answer();
  await call.answered();
  await hangUp(call, rung);
  return reached.name;
}

describe.concurrent('revisions', () => {
  test('a change is not live before apply, and live with the next call after it', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    await office.change('102', { forwardAlways: '103', name: 'Robert' });
    expect(await reaches(await ann.dial('102'), bob, carol)).toBe('bob');
    const { changes } = await office.api.getDraft({ params: office.params });
    expect(changes).toEqual([
      {
        kind: 'changed',
        what: 'extension',
        id: expect.any(String),
        name: '102',
        before: { forwardAlways: null, name: 'Bob' },
        after: { forwardAlways: '103', name: 'Robert' },
        changedAt: expect.any(Number),
        changedBy: expect.objectContaining({ kind: 'operator' }),
      },
    ]);
    expect((await office.apply('Bob is away')).number).toBe(2);
    expect(await reaches(await ann.dial('102'), bob, carol)).toBe('carol');
    const call = await bob.dial('101');
    expect((await ann.rings()).callerName).toBe('Robert');
    await call.cancel();
    const [first, second] = await office.records(3);
    expect([first!.revision, second!.revision]).toEqual([1, 2]);
  });

  test('a call in progress keeps its revision, the next one has the new', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol, dave } = await office.staff('ann', 'bob', 'carol', 'dave');
    await office.set('102', { ringTimeInS: 5, forwardNoAnswer: '103' });
    const call = await ann.dial('102');
    await bob.rings();
    // While it rings for Bob, what shall become of it is changed.
    await office.set('102', { forwardNoAnswer: '104' });
    const rung = await carol.rings();
    await rung.answer();
    await call.answered();
    expect(dave.calls).toEqual([]);
    await bob.deregister();
    expect(await reaches(await ann.dial('102'), carol, dave)).toBe('dave');
    await hangUp(call, rung);
    const records = await office.records(2);
    expect(records.map((r) => [r.revision, r.answeredBy])).toEqual([
      [2, '103'],
      [3, '104'],
    ]);
  });

  test('talking people talk on while their extensions change', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const call = await ann.dial('102');
    const rung = await bob.rings();
    await rung.answer();
    await call.answered();
    await office.set('102', { number: '202' } as object);
    call.sayTone(700);
    await rung.hears(700);
    await hangUp(rung, call);
    expect(await office.record()).toMatchObject({ to: '102', result: 'answered', revision: 1 });
    expect(await reaches(await ann.dial('202'), bob)).toBe('bob');
  });

  test('a phone that is taken away in its call talks on, holds and hangs up, and gets no other', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    const { call, answered } = await talk(ann, '102', bob);
    await office.api.deleteExtension({ params: { ...office.params, extension: '102' } });
    await office.apply();
    expect((await (await bob.dial('101')).refused()).status).toBe(401);
    expect((await (await ann.dial('102')).refused()).status).toBe(404);
    await answered.hold();
    await call.hearsSound();
    await answered.resume();
    await hearEachOther(call, answered);
    await hangUp(answered, call);
    const talked = (await office.records(2)).find(({ result }) => result === 'answered');
    expect(talked).toMatchObject({ to: '102', reason: 'callee-hung-up', revision: 1 });
  });

  test('a rollback brings back what was, as a new revision', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    const did = await office.did('102');
    await office.apply();
    await office.set('102', { forwardAlways: '103' });
    await office.api.releaseNumber({ params: { ...office.params, number: did } });
    expect(await reaches(await ann.dial('102'), bob, carol)).toBe('carol');
    // Of what is there since, the phones go for good: that is told before.
    await office.extension('105');
    const { username } = await office.device('105');
    await office.apply();
    await office.change('102', { name: 'Not applied' });
    const params = { ...office.params, revision: 2 };
    const told = await office.api.lookAtRollback({ params });
    expect(told.changes.map(({ kind, name }) => `${name} ${kind}`)).toEqual(['102 changed', '105 removed']);
    expect(told.effect.devicesRemoved).toMatchObject([{ username, extension: '105' }]);
    expect(told).toMatchObject({ dropped: 1, notRestored: [{ what: 'number', number: did }] });
    const back = await office.api.rollback({ params });
    expect(back.number).toBe(5);
    expect(back.notRestored).toEqual(told.notRestored);
    expect(await reaches(await ann.dial('102'), bob, carol)).toBe('bob');
    const { items } = await office.api.listRevisions({ params: office.params });
    expect(items.map((r) => [r.number, r.isCurrent])).toEqual([
      [5, true],
      [4, false],
      [3, false],
      [2, false],
      [1, false],
    ]);
  });

  test('a mistake names its field, and stores nothing', async ({ town }) => {
    const office = await town.office();
    await office.staff('ann');
    const before = await office.api.getExtension({ params: { ...office.params, extension: '101' } });
    for (const [change, field] of [
      [{ ringTimeInS: 4 }, 'ringTimeInS'],
      [{ name: '' }, 'name'],
      [{ name: 'Ann", <sip:x' }, 'name'],
      [{ forwardBusy: '101' }, 'forwardBusy'],
      [{ forwardAlways: '999' }, 'forwardAlways'],
      [{ outboundNumber: '+442079460000' }, 'outboundNumber'],
      [{ name: 'Anna', ringTimeInS: 1000 }, 'ringTimeInS'],
    ] as const) {
      const mistake = await office.change('101', change).then(
        () => null,
        (error: unknown) => error,
      );
      expect(mistake, JSON.stringify(change)).toMatchObject({
        id: 'invalid',
        status: 400,
        fields: expect.arrayContaining([{ field, reason: expect.any(String) }]),
      });
    }
    expect(await office.api.getExtension({ params: { ...office.params, extension: '101' } })).toEqual(before);
    expect((await office.api.getDraft({ params: office.params })).changes).toEqual([]);
  });

  test('a draft that cannot work is not applied, and what was goes on', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    await office.change('102', { forwardAlways: '177' });
    await expect(office.apply()).rejects.toMatchObject({ id: 'draft-invalid', status: 409 });
    expect(await reaches(await ann.dial('102'), bob)).toBe('bob');
    await office.api.discardDraft({ params: office.params });
    expect((await office.api.getDraft({ params: office.params })).changes).toEqual([]);
    expect((await office.api.getOrganization({ params: office.params })).appliedRevision).toBe(1);
  });

  test('two apply at the same moment: one revision each, and the last is live', async ({ town }) => {
    const office = await town.office();
    const { ann, bob } = await office.staff('ann', 'bob');
    for (let round = 0; round < 5; round++) {
      await office.change('102', { name: `Bob ${round}` });
      const applied = await Promise.allSettled([office.apply('one'), office.apply('other')]);
      expect(applied.filter((a) => a.status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
      for (const a of applied) if (a.status === 'rejected') expect(a.reason).toMatchObject({ id: 'conflict' });
      const { items } = await office.api.listRevisions({ params: office.params });
      expect(new Set(items.map((r) => r.number)).size).toBe(items.length);
      expect(items.filter((r) => r.isCurrent)).toEqual([items[0]]);
    }
    const call = await bob.dial('101');
    expect((await ann.rings()).callerName).toBe('Bob 4');
    await call.cancel();
  });

  test('each of ten changes is obeyed by the very next call', async ({ town }) => {
    const office = await town.office();
    const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
    for (let round = 0; round < 10; round++) {
      const to = round % 2 === 0 ? '103' : null;
      await office.set('102', { forwardAlways: to });
      expect(await reaches(await ann.dial('102'), bob, carol)).toBe(to === null ? 'bob' : 'carol');
    }
  });
});
