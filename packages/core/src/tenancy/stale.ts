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
import type { FieldRefusal, Refusal } from './outcome.ts';
import type { StoreSet } from './stores.ts';

/** What is changed, as the audit log knows it. */
interface Thing {
  organizationId: string;
  resource: string;
  resourceId: string;
  /** Of fields that the log knows by another name than the API. */
  auditNames?: Record<string, string>;
}

/** Null when nothing that the author expected has changed, or when it changed to what is wanted anyhow. */
export async function staleRefusal<T extends object>(
  stores: Pick<StoreSet, 'audit'>,
  { organizationId, auditNames = {}, ...thing }: Thing,
  now: T,
  change: Partial<T>,
  expected: Partial<T> | undefined,
): Promise<{ ok: false; refusal: Refusal } | null> {
  const names = (Object.keys(expected ?? {}) as (keyof T & string)[])
    .filter((name) => !isDeepStrictEqual(now[name], expected![name]))
    .filter((name) => !(name in change) || !isDeepStrictEqual(now[name], change[name]));
  if (names.length === 0) return null;
  const fields: FieldRefusal[] = [];
  for (const name of names) {
    const [current, was] = [now[name], expected![name]];
    const [last] = await stores.audit.lastTouched(organizationId, [{ ...thing, field: auditNames[name] ?? name }]);
    const touch = last && { changedAt: last.at, changedBy: last.author };
    fields.push({
      field: name,
      reason: `is ${told(current)} by now, not ${told(was)}`,
      expected: was,
      current,
      ...touch,
    });
  }
  const message = fields.map(({ field, reason }) => `${field}: ${reason}`).join('; ');
  return refuse({ id: 'stale', message: `somebody else changed this: ${message}`, fields });
}

const told = (value: unknown): string => (value === null ? 'nothing' : JSON.stringify(value));
