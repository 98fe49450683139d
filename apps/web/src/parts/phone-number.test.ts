import { expect, it } from 'vitest';
import { beginningLike, readable } from './phone-number.ts';

it.each([
  ['+442079460123', '+44 20 7946 0123', '+44 20 …'],
  ['+74951234567', '+7 495 123 4567', '+7 495 …'],
  ['+12125550123', '+1 212 555 0123', '+1 212 …'],
  ['+493012345678', '+49 301 234 5678', '+49 301 …'],
  ['+35312345678', '+353 123 45678', '+353 123 …'],
  ['+375171234567', '+375 171 234 567', '+375 171 …'],
  ['101', '101', '101 …'],
])('%s is read as %s', (number, read, beginning) => {
  expect([readable(number), beginningLike(number)]).toEqual([read, beginning]);
});
