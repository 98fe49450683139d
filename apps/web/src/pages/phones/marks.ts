/**
 * Fields of the draft that an apply was refused for. Each is marked with the reason until it is changed, or until nothing
 * waits any more.
 */
import { createStore } from '../../app/store.ts';

/** Reasons in words by field, as the API names it: `extensions.101.forwardBusy`, `numbers.+4930….extension`. */
const marks = createStore<ReadonlyMap<string, string>>(new Map());
const soughtField = createStore<{ field: string } | null>(null);

export function mark(reasons: ReadonlyMap<string, string>): void {
  marks.set(reasons);
}

export function unmark(field: string): void {
  if (marks.get().has(field)) marks.set(new Map([...marks.get()].filter(([other]) => other !== field)));
}

export function unmarkAll(): void {
  marks.set(new Map());
  soughtField.set(null);
}

/** Hook: what is wrong with each of them. */
export const useMarks = (): ReadonlyMap<string, string> => marks.use();

/** Hook: what is wrong with one, in words. */
export const useMark = (field: string): string | undefined => useMarks().get(field);

/** Brings a field into sight. */
export const seek = (field: string): void => soughtField.set({ field });

/** Hook: what is to be brought into sight; a new object for each time. */
export const useSought = (): { field: string } | null => soughtField.use();
