import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertCalls } from './stores/calls.ts';
import { finishedCall } from './testing/calls.ts';
import { createTestInstallation, type TestInstallation, value } from './testing/installation.ts';

let t: TestInstallation;
beforeAll(async () => {
  t = await createTestInstallation();
});
afterAll(() => t?.close());

it('calls are found by extension, and by a part of a number or name as people type it', async () => {
  const [{ id, admin }, stranger] = [await t.organization('finders'), await t.organization('strangers')];
  const call = (cdr: object, org = id) => finishedCall(org, { fromName: null, answeredBy: null, ...cdr });
  const [outside, inside, unanswered, foreign] = [
    call({
      from: '+442079460123',
      fromName: 'Zoë 100%',
      fromExtension: null,
      to: '+442079460100',
      answeredBy: '103',
      handedOnBy: ['105'],
    }),
    call({ from: '101', fromExtension: '101', to: '102', answeredBy: '102' }),
    call({ from: '102', fromExtension: '102', to: '103' }),
    call({ from: '+442079460123', fromName: 'Zoë', fromExtension: null, to: '101' }, stranger.id),
  ];
  await t.db.asOperator((trx) => insertCalls(trx, [outside, inside, unanswered, foreign]));
  const found = async (filter: { extension?: string; search?: string }) => {
    const { items } = value(await t.administration.listCalls(admin, id, filter, { limit: 50, cursor: null }));
    return items.map((cdr) => cdr.id).toSorted();
  };
  const ids = (...calls: { cdr: { id: string } }[]) => calls.map(({ cdr }) => cdr.id).toSorted();
  expect(await found({ extension: '103' })).toEqual(ids(outside, unanswered));
  expect(await found({ extension: '101' })).toEqual(ids(inside));
  expect(await found({ extension: '105' }), 'who answered it first').toEqual(ids(outside));
  for (const search of ['zoë', '020 7946-0123', '(7946) 0123', '+44 20']) {
    expect(await found({ search }), search).toEqual(ids(outside));
  }
  expect(await found({ search: '00%' })).toEqual(ids(outside));
  // A wildcard of SQL is a character like any other.
  expect(await found({ search: '_' })).toEqual([]);
  // Whose number was called is not recorded; people look for it all the same.
  for (const [number, name] of [
    ['102', 'Bob 100_'],
    ['103', 'Carol Davies'],
  ] as const) {
    value(await t.administration.createExtension(admin, id, { number, name }));
  }
  expect(await found({ search: 'carol d' }), 'in the draft alone').toEqual([]);
  value(await t.administration.apply(admin, id));
  expect(await found({ search: 'carol d' })).toEqual(ids(outside, unanswered));
  expect(await found({ search: '_' })).toEqual(ids(inside));
});
