/**
 * Two people at one field. A change carries only the fields that were changed, so edits of different fields merge by
 * themselves. With `expected` it also carries what its author saw in them before: when somebody else has changed one of
 * them since, the whole change is refused with both values, and a page can ask whose is to stay.
 *
 * Values beside the ETag (`Actor.precondition`): a tag of the whole thing also refuses edits of different fields, and cannot
 * say what stands there now. The comparison is made under the lock of the organization or setting, so of two that arrive at the same moment the
 * second sees the first.
 */
import { isDeepStrictEqual } from 'node:util';
import { refuse } from './access.ts';
import type { FieldRefusal, Refusal } from './outcome.ts';
import type { StoreSet } from './stores.ts';

/** What is changed, as the audit log knows it. */
interface Thing {
  /** Null: the installation's. */
  organizationId: string | null;
  resource: string;
  resourceId: string;
  /** Of fields that the log knows by another name than the API. Of what lies in a group it knows the members. */
  auditNames?: Record<string, string>;
  /** The one field, of JSON, that it all lies in for the log. */
  within?: string;
}

/** A setting of the installation. */
export const settingNamed = (name: string): Thing => ({
  organizationId: null,
  resource: 'setting',
  resourceId: name,
  within: 'content',
});

type Group = Readonly<Record<string, unknown>>;
/** What an author may have seen, and what is to be: of a group some members alone. */
export type Some<T> = {
  [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Some<T[K]> : T[K];
};

/** Null when nothing that the author expected has changed, or when it changed to what is wanted anyhow. */
export async function staleRefusal<T extends object>(
  stores: Pick<StoreSet, 'audit'>,
  { organizationId, auditNames = {}, within, ...thing }: Thing,
  now: T,
  change: Some<T>,
  expected: Some<T> | undefined,
): Promise<{ ok: false; refusal: Refusal } | null> {
  const found = differences(now as Group, change as Group, (expected ?? {}) as Group);
  if (found.length === 0) return null;
  const fields: FieldRefusal[] = [];
  for (const { path, current, was } of found) {
    const field = path.join('.');
    const audited = within ? `${within}.${field}` : (auditNames[field] ?? path[1] ?? field);
    const [last] = await stores.audit.lastTouched(organizationId, [{ ...thing, field: audited }]);
    const touch = last && { changedAt: last.at, changedBy: last.author };
    fields.push({ field, reason: `is ${told(current)} by now, not ${told(was)}`, expected: was, current, ...touch });
  }
  const message = fields.map(({ field, reason }) => `${field}: ${reason}`).join('; ');
  return refuse({ id: 'stale', message: `somebody else changed this: ${message}`, fields });
}

interface Difference {
  path: string[];
  current: unknown;
  was: unknown;
}

function differences(now: Group, change: Group, expected: Group): Difference[] {
  return Object.entries(expected).flatMap(([name, was]): Difference[] => {
    const [current, wanted] = [now[name], change[name]];
    if (isGroup(was) && isGroup(current)) {
      const within = differences(current, isGroup(wanted) ? wanted : {}, was);
      return within.map((difference) => ({ ...difference, path: [name, ...difference.path] }));
    }
    if (isDeepStrictEqual(current, was) || (name in change && isDeepStrictEqual(current, wanted))) return [];
    return [{ path: [name], current, was }];
  });
}

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const told = (value: unknown): string => (value === null ? 'nothing' : JSON.stringify(value));
