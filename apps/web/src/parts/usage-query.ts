import { queryOptions } from '@tanstack/react-query';
import { api } from '../app/api.ts';

/** What was used of what may be used, and in which currency. */
export const usageQuery = (org: string) =>
  queryOptions({ queryKey: ['usage', org], queryFn: () => api.getUsage({ params: { org } }) });
