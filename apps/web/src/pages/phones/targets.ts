import type { Target } from '../../parts/target-field.tsx';
import type { Colleague } from './data.ts';

const known = new WeakMap<readonly Colleague[], Target[]>();
const NONE: Target[] = [];

/** Extensions as targets of a call; the same list for the same extensions, for there may be thousands of both. */
export function targetsOf(extensions: readonly Colleague[] | undefined): Target[] {
  if (extensions === undefined) return NONE;
  const targets =
    known.get(extensions) ?? extensions.map(({ number, name }) => ({ value: number, label: `${number} ${name}` }));
  known.set(extensions, targets);
  return targets;
}
