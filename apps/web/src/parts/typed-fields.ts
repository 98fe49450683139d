/**
 * What was changed on the page and is not stored: fields that were typed into, on their way to the server or refused, and
 * other changes that were asked for by a click. Whoever applies the draft waits for what is on its way.
 */
import type { RefObject } from 'react';
import { createStore } from '../app/store.ts';
import type { Edit } from './edit.ts';

export interface TypedField {
  /** What people call it, with whose it is: `Name of 101`. */
  name: string;
  edit: Pick<Edit<unknown>, 'isOpen' | 'isOnItsWay' | 'isRefused' | 'failure' | 'torn' | 'finish' | 'forget'>;
  /** Where it is on the page. */
  input: RefObject<HTMLInputElement | null>;
}

/** Something typed was not stored, for a reason that its field shows. */
export class NotStored extends Error {
  readonly field: TypedField;

  constructor(field: TypedField) {
    super(`${field.name} was not stored`);
    this.field = field;
  }
}

/** With something typed that would be lost with the page. */
const open = new Set<TypedField>();
/** Their text was refused. The one that was refused first comes first. */
const refused = createStore<readonly TypedField[]>([]);
const others = new Set<Promise<unknown>>();

/** Something of a field is different. */
export function noteField(field: TypedField): void {
  if (field.edit.isOpen) open.add(field);
  else open.delete(field);
  if (field.edit.isRefused === refused.get().includes(field)) return;
  const rest = refused.get().filter((other) => other !== field);
  refused.set(field.edit.isRefused ? [...rest, field] : rest);
}

/** A change that no field makes is being stored. */
export function storing<T>(change: Promise<T>): Promise<T> {
  others.add(change);
  const over = () => void others.delete(change);
  change.then(over, over);
  return change;
}

/** Whether something typed would be lost with the page. */
export const isAnythingOpen = (): boolean => open.size > 0;

/**
 * Done when all is stored that was changed on the page until now.
 * @throws NotStored of a field whose two values wait for a choice, or the first that was on its way and is not stored; of
 * another change, why it failed
 */
export async function allStored(): Promise<void> {
  // Of one that is not shown any more a notice tells, which may have been closed.
  const torn = [...open].find(({ edit, input }) => edit.torn !== null && input.current !== null);
  if (torn) throw new NotStored(torn);
  const fields = [...open].filter(({ edit }) => edit.isOnItsWay);
  const [areStored] = await Promise.all([Promise.all(fields.map(({ edit }) => edit.finish())), ...others]);
  const first = fields[areStored.indexOf(false)];
  if (first) throw new NotStored(first);
}

/** Done when nothing is on its way any more, stored or not: what takes changes back has to come after them. */
export async function allAnswered(): Promise<void> {
  await Promise.allSettled([...[...open].map(({ edit }) => edit.finish()), ...others]);
}

export function goTo({ input }: TypedField): void {
  input.current?.scrollIntoView({ block: 'center' });
  input.current?.focus({ preventScroll: true });
}

/** Hook: fields whose text was refused. */
export const useRefusedFields = (): readonly TypedField[] => refused.use();

/** How many there are just now. */
export const countRefused = (): number => refused.get().length;

/** All go back to what is stored. */
export function forgetRefused(): void {
  for (const { edit } of refused.get()) edit.forget();
}
