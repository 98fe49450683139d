/** Records what both ends of a call say, into one file under a name of ours. */
import { type PlayId, type RecordId, recordId } from '@littlepbx/engine/port';
import type { CallParts } from './call-parts.ts';
import { MAX_DURATION } from './call-state.ts';

export class Recording {
  readonly #call: CallParts;

  constructor(call: CallParts) {
    this.#call = call;
  }

  /** The running recording's id; null when nobody talks. */
  start(): RecordId | null {
    const { state, engine, ids } = this.#call;
    if (state.phase !== 'talking' || !state.bridge || state.recording) return state.recording;
    const id = recordId(ids.next());
    state.recording = id;
    this.#call.attach(id);
    engine.record(state.bridge, { id, maxDuration: MAX_DURATION, maxSilence: 0, beep: false, endOn: 'none' }).then(
      (outcome) => {
        if (outcome !== 'ok') this.#failed(id);
      },
      () => this.#failed(id),
    );
    this.#call.trace('recording-began', { recording: id });
    return id;
  }

  stop(): void {
    const { state, engine } = this.#call;
    if (state.recording) this.#call.send(engine.stopMedia(state.recording));
  }

  ended(id: RecordId | PlayId): void {
    const { state } = this.#call;
    if (id !== state.recording) return;
    state.recording = null;
    this.#call.trace('recording-ended', { recording: id });
  }

  /** A new brain hears of its end. */
  adopt(): void {
    const { recording } = this.#call.state;
    if (recording) this.#call.attach(recording);
  }

  #failed(id: RecordId): void {
    const { state } = this.#call;
    if (state.phase === 'ended' || state.recording !== id) return;
    state.recording = null;
    this.#call.trace('recording-failed', { recording: id });
    this.#call.changed();
  }
}
