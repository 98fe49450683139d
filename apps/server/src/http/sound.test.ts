import { expect, test } from 'vitest';
import { rangeOf } from './sound.ts';

test.each([
  [undefined, null],
  ['bytes=0-3', { from: 0, to: 3 }],
  ['bytes=10-', { from: 10, to: 99 }],
  ['bytes=-20', { from: 80, to: 99 }],
  ['bytes=-200', { from: 0, to: 99 }],
  ['bytes=90-500', { from: 90, to: 99 }],
  ['bytes=100-', 'none'],
  ['bytes=-0', 'none'],
  ['bytes=7-3', null],
  ['bytes=0-1,5-6', null],
  ['bytes=-', null],
  ['frames=0-3', null],
  ['bytes=99999999999999999999-', null],
])('Range: %s of a hundred bytes', (header, expected) => {
  expect(rangeOf(header, 100)).toEqual(expected);
});
