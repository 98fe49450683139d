/** Which refusals a route may answer: what it says itself, and what follows from what it takes. */
import { COMMON_PROBLEMS, type ProblemId } from './problem.ts';
import type { Route } from './route.ts';
import { isChange } from './versions.ts';

export function refusalsOf(route: Route): Set<ProblemId> {
  // Headers are read before anybody knows which route they are for.
  const ids = new Set<ProblemId>([...route.responses.problems, 'headers-too-large']);
  const add = (...more: readonly ProblemId[]) => {
    for (const id of more) ids.add(id);
  };
  if (route.scope === 'open') add('internal-error');
  else add(...COMMON_PROBLEMS);
  if (route.params || route.query || route.isRepeatable) add('invalid');
  if (route.isRepeatable) add('idempotency-key-reused');
  if (isChange(route)) add('precondition-failed');
  if (route.body || route.isUpload) add('request-timeout');
  if (route.body) add('invalid', 'malformed-request', 'too-large', 'unsupported-media-type');
  return ids;
}
