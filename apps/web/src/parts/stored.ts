/**
 * A field that stores itself: what is typed is sent a moment after the last key, or at once when the field is left. What
 * is refused stays as it was typed, marked with the reason; what nobody answers is sent again. What somebody else changes
 * meanwhile is shown as soon as nothing typed is in its way, and never overwritten unseen (`edit.ts`).
 */
import { type RefObject, useEffect, useReducer, useRef } from 'react';
import { Edit, type Torn } from './edit.ts';
import { tookEffect } from './own-changes.ts';
import { tellUnstored } from './torn.tsx';
import { isAnythingOpen, noteField, type TypedField } from './typed-fields.ts';

window.addEventListener('beforeunload', (event) => {
  if (isAnythingOpen()) event.preventDefault();
});

export interface Storing<T> {
  /** What people call it; of one of many with whose it is: `Name of 101`. */
  name: string;
  stored: T;
  /** @param was what was there when the typing began. Answers with what is there now, where that may differ. */
  store(value: T, was: T): Promise<T | undefined>;
  /** What the API calls the present value, as the field has it. */
  told(current: unknown): T;
  /** A value as people read it. */
  inWords(value: T): string;
}

export interface Stored<T> {
  /** Where it is on the page. */
  input: RefObject<HTMLInputElement | null>;
  /** What the field shows. */
  value: T;
  /** Why it was refused; null: it was not. */
  failure: unknown;
  /** Somebody else stored something meanwhile; null: nobody did. */
  torn: Torn<string> | null;
  isStoring: boolean;
  /** A key was pressed. */
  change(value: T): void;
  /** Something was chosen: no need to wait for more. */
  choose(value: T): void;
  /** The field was left. */
  leave(): void;
  /** Back to what is stored. */
  forget(): void;
  /** Of two values one was chosen. */
  settle(whose: 'mine' | 'theirs'): void;
}

export function useStored<T>({ name, stored, store, told, inWords }: Storing<T>): Stored<T> {
  const [, draw] = useReducer((drawn: number) => drawn + 1, 0);
  const held = useRef<Edit<T>>(null);
  const isShown = useRef(true);
  const input = useRef<HTMLInputElement>(null);
  const asTyped = useRef<TypedField>(null);

  const settings = {
    store,
    told,
    onTaken(value: T, was: T) {
      if (!Object.is(value, was)) tookEffect({ name, takeBack: () => store(was, value) });
    },
    onChange() {
      noteField(field);
      if (isShown.current) draw();
      else leftBehind.current();
    },
  };
  held.current ??= new Edit(stored, settings);
  const edit = held.current;
  edit.settings = settings;
  asTyped.current ??= { name, edit, input };
  const field = asTyped.current;
  field.name = name;
  edit.read(stored);

  // A row that is scrolled out of sight, or a dialog that is closed, takes nothing typed with it.
  const leftBehind = useRef(() => {});
  leftBehind.current = () => {
    if (!edit.isSending) tellUnstored(edit, name, inWords);
  };
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
      void held.current?.send();
      leftBehind.current();
    };
  }, []);

  const { torn } = edit;
  return {
    input,
    value: edit.value,
    failure: edit.failure,
    torn: torn && { ...torn, mine: inWords(torn.mine), theirs: inWords(torn.theirs) },
    isStoring: edit.isSending,
    change: (value) => edit.change(value),
    choose(value) {
      edit.change(value);
      void edit.send();
    },
    leave: () => void edit.send(),
    forget: () => edit.forget(),
    settle: (whose) => edit.settle(whose),
  };
}
