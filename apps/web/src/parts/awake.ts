/**
 * Rows of a long list are costly when they can be worked with, and cheap to look at. They are drawn to be looked at first,
 * and wake one each frame: a list is shown, searched and scrolled without waiting for them. While somebody types, all
 * that sleep go on sleeping: what a key finds may be other rows, and would have to wait for these.
 */
import { startTransition, useCallback, useEffect, useState } from 'react';

/** After the last key that looks for something. Milliseconds. */
const HUSH = 300;

const asleep = new Set<() => void>();
let isTurning = false;
let hushedUntil = 0;

/** Nobody wakes by itself for a moment. */
export function hush(): void {
  hushedUntil = performance.now() + HUSH;
}

/** Returns what takes it out of the queue. */
function inTurn(wake: () => void): () => void {
  asleep.add(wake);
  if (!isTurning) requestAnimationFrame(next);
  isTurning = true;
  return () => void asleep.delete(wake);
}

function next(): void {
  const [wake] = performance.now() < hushedUntil ? [] : asleep;
  if (wake) {
    asleep.delete(wake);
    // Whatever somebody does meanwhile comes first.
    startTransition(wake);
  }
  isTurning = asleep.size > 0;
  if (isTurning) requestAnimationFrame(next);
}

/**
 * Hook: whether a row is awake, and what wakes it out of turn.
 * @param isHeld nobody wakes by itself for now
 */
export function useAwake(isHeld: boolean, isAtFirst = false): [boolean, () => void] {
  const [isAwake, set] = useState(isAtFirst);
  const wake = useCallback(() => set(true), []);
  useEffect(() => (isAwake || isHeld ? undefined : inTurn(wake)), [isAwake, isHeld, wake]);
  return [isAwake, wake];
}
