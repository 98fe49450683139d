/**
 * Two people at one field. A change carries only the fields that were changed, so edits of different fields merge by
 * themselves. With `expected` it also carries what its author saw in them before: when somebody else has changed one of
 * them since, the whole change is refused with both values, and a page can ask whose is to stay.
 *
 * Values and not an ETag: a tag of the whole thing would also refuse edits of different fields, and could not say what
 * stands there now. The comparison is made under the organization's lock, so of two that arrive at the same moment the
 * second sees the first.
 */
import { isDeepStrictEqual } from 'node:util';
import { refuse } from './access.ts';
import type { Refusal } from './outcome.ts';

/** Null when nothing that the author expected has changed, or when it changed to what is wanted anyhow. */
export function staleRefusal<T extends object>(
  now: T,
  change: Partial<T>,
  expected: Partial<T> | undefined,
): { ok: false; refusal: Refusal } | null {
  const names = Object.keys(expected ?? {}) as (keyof T & string)[];
  const fields = names
    .filter((name) => !isDeepStrictEqual(now[name], expected![name]))
    .filter((name) => !(name in change) || !isDeepStrictEqual(now[name], change[name]))
    .map((name) => {
      const [current, was] = [now[name], expected![name]];
      return { field: name, reason: `is ${told(current)} by now, not ${told(was)}`, expected: was, current };
    });
  if (fields.length === 0) return null;
  const message = fields.map(({ field, reason }) => `${field}: ${reason}`).join('; ');
  return refuse({ id: 'stale', message: `somebody else changed this: ${message}`, fields });
}

const told = (value: unknown): string => (value === null ? 'nothing' : JSON.stringify(value));
