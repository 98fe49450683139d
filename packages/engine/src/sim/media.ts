/** Playbacks and recordings of the simulated switch. Prompts last as long as the test says; tones last until stopped. */
import type { BridgeId, Done, LegId, Media, PlayId, RecordId, RecordOptions } from '../port.ts';
import type { VirtualClock } from './clock.ts';
import { audible, type Medium, type Sound, type State } from './state.ts';
import type { Unstamped } from './switch.ts';

/** A finished recording. */
export interface Recording {
  /** Milliseconds. */
  duration: number;
  /** Names of what was heard in it (`line:…`, `play:…`). */
  sounds: Set<Sound>;
}

export interface MediaRoom {
  play(target: LegId | BridgeId, media: Media[], id: PlayId): Done;
  record(target: LegId | BridgeId, options: RecordOptions): Done;
  stop(id: PlayId | RecordId): Done;
  /** A leg or bridge is gone: what played to it fails, what recorded it is complete. */
  targetEnded(target: LegId | BridgeId): void;
  /** A key was pressed on a leg: it may end a recording of it. */
  digit(leg: LegId, digit: string): void;
  /** Lets recordings catch what is audible now. */
  listen(): void;
  /** The process died. */
  die(): void;
  readonly recordings: Map<RecordId, Recording>;
  /** Stored sounds by `<organization>/<id>`: their length in ms. */
  readonly files: Map<string, number>;
}

export interface MediaSetup {
  clock: VirtualClock;
  state: State;
  emit: (event: Unstamped) => void;
  /** Length of a prompt in ms; null: there is no such prompt. */
  promptLength: (name: string, language: string | undefined) => number | null;
}

export function createMediaRoom({ clock, state, emit, promptLength }: MediaSetup): MediaRoom {
  const recordings = new Map<RecordId, Recording>();
  const files = new Map<string, number>();

  function lengthOf(media: Media): number | null {
    switch (media.kind) {
      case 'prompt':
        return promptLength(media.name, media.language);
      case 'number':
        return 500;
      case 'digits':
        return media.digits.length * 500;
      case 'tone':
        return media.name === 'beep' ? 200 : Number.POSITIVE_INFINITY;
      case 'recording':
        return recordings.get(media.id)?.duration ?? null;
      case 'file':
        return files.get(`${media.organizationId}/${media.id}`) ?? null;
    }
  }

  function add(id: Medium['id'], target: Medium['target'], options: RecordOptions | null, duration: number): void {
    const isEndless = duration === Number.POSITIVE_INFINITY;
    state.media.set(id, {
      id,
      target,
      options,
      kind: options === null ? 'play' : 'record',
      startedAt: clock.now(),
      stopTimer: isEndless ? () => {} : clock.inFlight(duration, () => finish(id, 'done')),
      caught: new Set(),
      stopSilence: null,
    });
    listen();
  }

  function finish(id: Medium['id'], result: 'done' | 'stopped' | 'failed'): void {
    const medium = state.media.get(id);
    if (medium === undefined) return;
    medium.stopTimer();
    medium.stopSilence?.();
    state.media.delete(id);
    const duration = clock.now() - medium.startedAt;
    if (medium.kind === 'record') recordings.set(id as RecordId, { duration, sounds: medium.caught });
    emit({ type: 'media:ended', id, result, duration });
    listen();
  }

  function listen(): void {
    for (const medium of state.media.values()) {
      if (medium.options === null) continue;
      const sounds = audible(state, medium.target);
      for (const sound of sounds) medium.caught.add(sound);
      if (sounds.size > 0) {
        medium.stopSilence?.();
        medium.stopSilence = null;
      } else if (medium.options.maxSilence > 0) {
        medium.stopSilence ??= clock.inFlight(medium.options.maxSilence, () => finish(medium.id, 'done'));
      }
    }
  }

  function isThere(target: LegId | BridgeId): boolean {
    const channel = state.channels.get(target as LegId);
    return state.bridges.has(target as BridgeId) || channel?.isOurs === true;
  }

  return {
    recordings,
    files,
    listen,
    play(target, media, id) {
      if (!isThere(target)) return 'gone';
      // Asterisk hands it to the bridge that is being destroyed (`play_on_channel`), where nobody takes it.
      if ((state.channels.get(target as LegId)?.strandedUntil ?? 0) > clock.now()) return 'ok';
      const lengths = media.map(lengthOf);
      if (lengths.includes(null)) emit({ type: 'media:ended', id, result: 'failed', duration: 0 });
      else
        add(
          id,
          target,
          null,
          lengths.reduce<number>((sum, length) => sum + length!, 0),
        );
      return 'ok';
    },
    record(target, options) {
      if (!isThere(target)) return 'gone';
      // "Cannot record channel while in bridge", says Asterisk, and only after it has accepted the command.
      if ((state.channels.get(target as LegId)?.bridge ?? null) !== null) {
        emit({ type: 'media:ended', id: options.id, result: 'failed', duration: 0 });
      } else add(options.id, target, options, options.maxDuration || Number.POSITIVE_INFINITY);
      return 'ok';
    },
    stop(id) {
      if (!state.media.has(id)) return 'gone';
      finish(id, 'stopped');
      return 'ok';
    },
    targetEnded(target) {
      for (const medium of [...state.media.values()]) {
        if (medium.target === target) finish(medium.id, medium.kind === 'record' ? 'done' : 'failed');
      }
    },
    digit(leg, digit) {
      for (const medium of [...state.media.values()]) {
        const endOn = medium.options?.endOn;
        if (medium.target === leg && (endOn === 'any' || endOn === digit)) finish(medium.id, 'done');
      }
    },
    die() {
      for (const medium of state.media.values()) {
        medium.stopTimer();
        medium.stopSilence?.();
      }
      state.media.clear();
    },
  };
}
