/** Who counts calls. Told on the way, so it must be quick and must not throw. */
import type { CallState } from './call-state.ts';
import type { FinishedCall } from './record.ts';

export interface CallObserver {
  began(call: Readonly<CallState>): void;
  /** Something about it is different, or may be; soon after it began as well. */
  changed(call: Readonly<CallState>): void;
  /** All INVITEs are out. Milliseconds since it began. */
  dialled(took: number): void;
  ended(record: FinishedCall): void;
}

export const NOBODY: CallObserver = { began() {}, changed() {}, dialled() {}, ended() {} };
