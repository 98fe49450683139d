/**
 * ETags. What one request shows and others at the same path change has one: whoever read it sends it back in `If-Match`,
 * and is refused when somebody else was faster. Which routes take part follows from the table of routes.
 */
import type { Route } from './route.ts';
import { routes } from './routes.ts';

const CHANGES: readonly Route['method'][] = ['PUT', 'PATCH', 'DELETE'];

/** Whether it looks at `If-Match`. */
export const isChange = (route: Route): boolean => CHANGES.includes(route.method);

const all = Object.values<Route>(routes);
const changed = new Set(all.filter(isChange).map((route) => route.path));
const shown = new Map(
  all.filter((route) => changed.has(route.path) && isOfOne(route)).map((route) => [route.path, route]),
);

function isOfOne({ method, query, responses }: Route): boolean {
  const isPaged = query !== undefined && 'cursor' in query.shape;
  return method === 'GET' && responses.body !== null && !isPaged && responses.unversioned !== 'all';
}

/** Whose answer the ETag is of that this route gives, or asks for; undefined: there is none. */
export function versionedBy(route: Route): Route | undefined {
  const reader = shown.get(route.path);
  if (reader === undefined || route === reader || isChange(route)) return reader;
  return undefined;
}

/** Whether its answer carries the ETag: a change that answers with what stands there now saves reading it again. */
export function hasETag(route: Route): boolean {
  const reader = versionedBy(route);
  return reader !== undefined && route.responses.body === reader.responses.body;
}
