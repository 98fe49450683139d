/**
 * What of a form was changed, in the shape of the API: members of groups (`limits.offHours.percent`) one by one, so that
 * two people who change different ones do not stand in each other's way.
 */

export type Group = Readonly<Record<string, unknown>>;

export interface Difference {
  change: Group;
  /** What stood there when the form was opened; of what had no value that could be seen (a password) nothing. */
  expected: Group;
}

/** Null: nothing was changed. What `wanted` leaves out was not. */
export function differenceOf(seen: Group, wanted: Group): Difference | null {
  const change: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const was = seen[name];
    if (isGroup(was) && isGroup(value)) {
      const within = differenceOf(was, value);
      if (within === null) continue;
      change[name] = within.change;
      expected[name] = within.expected;
    } else if (!isSame(was, value)) {
      change[name] = value;
      if (was !== undefined) expected[name] = was;
    }
  }
  return Object.keys(change).length === 0 ? null : { change, expected };
}

/** @param path dotted, as the API names fields */
export function valueAt(group: Group, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (isGroup(value) ? value[name] : undefined), group);
}

/** The same with another value there. */
export function withValueAt<T extends object>(group: T, path: string, value: unknown): T {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...group, [name]: value };
  const within = (group as Group)[name];
  return { ...group, [name]: withValueAt(isGroup(within) ? within : {}, rest.join('.'), value) };
}

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values of the API are JSON. */
export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
