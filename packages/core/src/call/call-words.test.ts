import * as contract from '@littlepbx/contract';
import { expect, it } from 'vitest';
import { REASONS, RESULTS } from './termination.ts';
import { TRACE_STEPS } from './trace-step.ts';

it('the contract tells every result, reason and step that a call can have', () => {
  expect(contract.RESULTS).toEqual(RESULTS);
  expect(contract.REASONS).toEqual(REASONS);
  expect(contract.TRACE_STEPS).toEqual(TRACE_STEPS);
});
