/** Records what both ends of a call say, into one file under a name of ours, which is the organization's once it ended. */
import { type PlayId, type RecordId, recordId } from '@littlepbx/engine/port';
import type { Files } from '../files/files.ts';
import type { Clock } from '../ports.ts';
import type { Organization } from '../tenancy/organization.ts';
import type { CallParts } from './call-parts.ts';
import { MAX_DURATION } from './call-state.ts';

export interface RecordingParts extends CallParts {
  clock: Clock;
  files: Files;
  /** As it is now: its limits act at once. */
  organization(): Organization;
}

export class Recording {
  readonly #call: RecordingParts;

  constructor(call: RecordingParts) {
    this.#call = call;
  }

  /** `ok` when it runs; asking for what runs already is fine. */
  start(): 'ok' | 'not-now' | 'storage-full' | 'disk-full' {
    const { state, engine, ids, clock, files } = this.#call;
    if (state.recording) return 'ok';
    if (state.phase !== 'talking' || !state.bridge) return 'not-now';
    // What is being recorded at this moment may go beyond the quota, each by no more than was left when it began.
    const [quota, disk] = [files.room(this.#call.organization()), files.diskRoom()];
    const room = Math.min(quota, disk);
    if (room < 1000) {
      const reason = quota < 1000 ? 'storage-full' : 'disk-full';
      this.#call.trace('recording-refused', { reason });
      return reason;
    }
    const id = recordId(ids.next());
    files.expect({
      id,
      organizationId: state.organizationId,
      kind: 'recording',
      callId: state.id,
      details: {},
      at: clock.now(),
    });
    state.recording = id;
    this.#call.attach(id);
    const maxDuration = Math.min(MAX_DURATION, room);
    engine.record(state.bridge, { id, maxDuration, maxSilence: 0, beep: false, endOn: 'none' }).then(
      (outcome) => {
        if (outcome !== 'ok') this.#failed(id);
      },
      () => this.#failed(id),
    );
    this.#call.trace('recording-began', { recording: id });
    return 'ok';
  }

  stop(): void {
    const { state, engine } = this.#call;
    if (state.recording) this.#call.send(engine.stopMedia(state.recording));
  }

  /** The engine has closed the file; often that of a call which has ended meanwhile. */
  ended(id: RecordId | PlayId): void {
    const { state, files } = this.#call;
    if (id !== state.recording) return;
    const recording = state.recording;
    state.recording = null;
    this.#call.send(files.takeOver(recording));
    if (state.phase !== 'ended') this.#call.trace('recording-ended', { recording });
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
