import { expect, it } from 'vitest';
import { withoutGoing } from './data.ts';

const box = { ...{ extensionId: 'e1', extension: '101', name: 'Ann' }, newMessages: 1, oldMessages: 1, latestAt: 5 };
const going = { org: 'demo', extension: '101', isSaved: false };

it('a message that can still be brought back is not counted in the list', () => {
  const without = (...all: (typeof going)[]) => withoutGoing([box], all, 'demo')[0];
  expect(without()).toEqual(box);
  expect(without(going)).toEqual({ ...box, newMessages: 0 });
  expect(without(going, { ...going, isSaved: true })).toEqual({
    ...box,
    newMessages: 0,
    oldMessages: 0,
    latestAt: null,
  });
  expect(without({ ...going, org: 'acme' }, { ...going, extension: '102' })).toEqual(box);
});
