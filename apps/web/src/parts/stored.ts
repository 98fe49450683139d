/**
 * A field that stores itself: what is typed is sent a moment after the last key, or at once when the field is left. What
 * is refused stays as it was typed, marked with the reason; what nobody answers is sent again. What somebody else changes
 * meanwhile is shown as soon as nothing typed is in its way.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf } from '../app/api.ts';

const PAUSE = 600;
/** Nobody answered: what was typed is sent again, until somebody does. */
const AGAIN_AFTER = 2000;
const isNobodyThere = (error: unknown) => [0, 502, 503, 504].includes(problemOf(error)?.status ?? -1);

/** Fields with something typed that is not stored yet. */
const waiting = new Set<object>();
window.addEventListener('beforeunload', (event) => {
  if (waiting.size > 0) event.preventDefault();
});

export interface Stored<T> {
  /** What the field shows. */
  value: T;
  /** Why it was refused; null: it was not. */
  failure: unknown;
  isStoring: boolean;
  /** A key was pressed. */
  change(value: T): void;
  /** Something was chosen: no need to wait for more. */
  choose(value: T): void;
  /** The field was left. */
  leave(): void;
  /** Back to what is stored. */
  forget(): void;
}

interface Unsent<T> {
  value: T;
  /** What stood there when the typing began; null: what we have just stored ourselves, as it comes back. */
  was: { value: T } | null;
}

export function useStored<T>(stored: T, store: (value: T, was: T) => Promise<unknown>): Stored<T> {
  const [typed, setTyped] = useState<{ value: T } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [isStoring, setStoring] = useState(false);
  // The latest of each, for what happens between two renderings.
  const now = useRef({
    stored,
    store,
    unsent: null as Unsent<T> | null,
    isSending: false,
    timer: 0,
    storedAt: -PAUSE * 2,
  });
  now.current.stored = stored;
  now.current.store = store;

  const send = useCallback(async (): Promise<void> => {
    const state = now.current;
    clearTimeout(state.timer);
    if (state.isSending || state.unsent === null) return;
    const sent = state.unsent;
    state.isSending = true;
    setStoring(true);
    let isToRepeat = false;
    try {
      if (!Object.is(sent.value, state.stored))
        await state.store(sent.value, sent.was === null ? state.stored : sent.was.value);
      state.storedAt = performance.now();
      if (state.unsent === sent) setTyped(null);
      else if (state.unsent !== null) state.unsent.was = null;
      setFailure(null);
    } catch (error) {
      setFailure(error);
      isToRepeat = isNobodyThere(error);
    } finally {
      state.isSending = false;
      setStoring(false);
      if (isToRepeat) state.timer = window.setTimeout(() => void send(), AGAIN_AFTER);
      else if (state.unsent === sent) {
        state.unsent = null;
        waiting.delete(state);
      }
      // One key more while it was under way; the field shows by then what was stored.
      else state.timer = window.setTimeout(() => void send(), PAUSE);
    }
  }, []);

  const change = useCallback(
    (value: T) => {
      const state = now.current;
      // What somebody else stores while one types on is not what the typing began from.
      const isOurs = performance.now() - state.storedAt < 2 * PAUSE;
      state.unsent = { value, was: state.unsent?.was ?? (isOurs ? null : { value: state.stored }) };
      waiting.add(state);
      setTyped(state.unsent);
      clearTimeout(state.timer);
      state.timer = window.setTimeout(() => void send(), PAUSE);
    },
    [send],
  );

  // A row that is scrolled out of sight, or a dialog that is closed, takes nothing typed with it.
  useEffect(() => () => void send(), [send]);

  return {
    value: typed === null ? stored : typed.value,
    failure,
    isStoring,
    change,
    choose(value) {
      change(value);
      void send();
    },
    leave: () => void send(),
    forget() {
      const state = now.current;
      clearTimeout(state.timer);
      state.unsent = null;
      waiting.delete(state);
      setTyped(null);
      setFailure(null);
    },
  };
}
