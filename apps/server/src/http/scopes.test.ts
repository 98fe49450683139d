import { SCOPES } from '@littlepbx/contract';
import { ALL_SCOPES } from '@littlepbx/core/tenancy/actor';
import { expect, test } from 'vitest';

test('what a key may do has one list, although neither the contract nor core may know the other', () => {
  expect(ALL_SCOPES).toEqual(SCOPES);
});
