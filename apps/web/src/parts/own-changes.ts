/**
 * What the person has changed since the page was opened, to be taken back one by one. Each says what it has written, so
 * that what somebody else has changed since is left alone.
 */
import { createStore } from '../app/store.ts';

export interface OwnChange {
  /** What was changed: `Name of 101`. */
  name: string;
  takeBack(): Promise<unknown>;
}

const MOST = 50;
const changes = createStore<readonly OwnChange[]>([]);

export function tookEffect(change: OwnChange): void {
  changes.set([...changes.get(), change].slice(-MOST));
}

export function forgetOwnChange(change: OwnChange): void {
  changes.set(changes.get().filter((other) => other !== change));
}

export function forgetOwnChanges(): void {
  changes.set([]);
}

/** Hook: the latest; undefined: none is left. */
export const useLatestOwnChange = (): OwnChange | undefined => changes.use().at(-1);
