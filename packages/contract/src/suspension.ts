import { z } from 'zod';
import { instant } from './common.ts';

export const suspension = z
  .object({
    by: z.enum(['operator', 'organization', 'system']).meta({ description: '`system`: what watches the calls.' }),
    reason: z.string(),
    at: instant,
  })
  .meta({ id: 'Suspension' });
