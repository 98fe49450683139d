import { ApiProblem } from '@littlepbx/contract/client';
import { expect, it } from 'vitest';
import { isUnread } from './unread.ts';

const failed = (status: number) => new ApiProblem({ id: 'any', status, detail: 'failed' });
const whoseAnswer = (status: number, data: unknown) => isUnread({ isError: true, error: failed(status), data });

it('keeps what was read while nobody answers, but not what is refused now', () => {
  expect(isUnread({ isError: false, error: null, data: ['101'] })).toBe(false);
  for (const status of [0, 502, 503, 504]) {
    expect(whoseAnswer(status, ['101'])).toBe(false);
    expect(whoseAnswer(status, undefined)).toBe(true);
  }
  expect(whoseAnswer(403, ['101'])).toBe(true);
  expect(whoseAnswer(404, ['101'])).toBe(true);
});
