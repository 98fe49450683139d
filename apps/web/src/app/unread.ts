import { ApiProblem } from '@littlepbx/contract/client';

interface Query {
  isError: boolean;
  error: unknown;
  data: unknown;
}

/**
 * Whether it failed and there is nothing to show of it: it was never read, or is refused now. Where nobody answers for a
 * while, what was read before stays.
 */
export function isUnread<Q extends Query>(query: Q): query is Extract<Q, { isError: true; data: undefined }> {
  if (!query.isError) return false;
  return query.data === undefined || !isNobodyThere(query.error);
}

/** Nobody answered a request, or somebody who cannot do anything just now. */
export const isNobodyThere = (error: unknown): boolean =>
  error instanceof ApiProblem && [0, 502, 503, 504].includes(error.status);
