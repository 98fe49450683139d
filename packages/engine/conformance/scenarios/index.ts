/** All that engines must do the same. */
import type { Scenario } from '../world.ts';
import { brains } from './brains.ts';
import { calling } from './calling.ts';
import { lamps } from './lamps.ts';
import { media } from './media.ts';
import { moving } from './moving.ts';

export const scenarios: Scenario[] = [...calling, ...media, ...moving, ...lamps, ...brains];
