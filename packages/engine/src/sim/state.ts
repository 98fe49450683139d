/**
 * What the simulated switch holds: legs, bridges, playbacks, recordings, and the pure question of who hears what.
 *
 * Audio is a set of sounds, never samples: each speaking party, playback and music source has a name, and a leg's ear
 * is the set of names that reach it.
 */
import type { BridgeId, CallerId, LegId, LegSource, PlayId, RecordId, RecordOptions } from '../port.ts';
import type { Line } from './line.ts';

export interface Channel {
  id: LegId;
  direction: 'in' | 'out' | 'spy';
  /** Far end; null for a spy. */
  line: Line | null;
  state: 'down' | 'ringing' | 'answered';
  /** The brain controls it; false while it waits for a brain, and in the engine's own fallback. */
  isOurs: boolean;
  source: LegSource | null;
  dialled: string | null;
  to: string | null;
  callerId: CallerId;
  createdAt: number;
  bridge: BridgeId | null;
  /** Until then it is still on its way out of a bridge that was destroyed. */
  strandedUntil: number;
  /** Audio flows before the answer: towards a caller, or from one who is rung. */
  hasEarlyMedia: boolean;
  isMuted: boolean;
  hasMusic: boolean;
  /** The far end put us on hold. */
  isHeld: boolean;
  isEcho: boolean;
  spy: { target: LegId; mode: 'listen' | 'whisper' | 'barge' } | null;
  stopRinging: () => void;
}

export interface Bridge {
  id: BridgeId;
  kind: 'talk' | 'talk-dtmf';
  legs: Set<LegId>;
}

export interface Medium {
  id: PlayId | RecordId;
  kind: 'play' | 'record';
  target: LegId | BridgeId;
  startedAt: number;
  stopTimer: () => void;
  /** A recording's own: sounds caught so far, what ends it, and the timer of the present silence. */
  caught: Set<Sound>;
  options: RecordOptions | null;
  stopSilence: (() => void) | null;
}

/** `line:…`, `play:…` or `music`. */
export type Sound = string;

export interface State {
  channels: Map<LegId, Channel>;
  bridges: Map<BridgeId, Bridge>;
  media: Map<PlayId | RecordId, Medium>;
}

export const emptyState = (): State => ({ channels: new Map(), bridges: new Map(), media: new Map() });

export const soundOf = (line: Line): Sound => `line:${line.name}`;

function playing(state: State, target: LegId | BridgeId): Sound[] {
  return [...state.media.values()]
    .filter((medium) => medium.kind === 'play' && medium.target === target)
    .map((medium) => `play:${medium.id}`);
}

/** What a leg puts into the bridge it is in. `seen` ends the circle of two who spy on each other. */
function mouth(state: State, channel: Channel, seen: Set<LegId>): Set<Sound> {
  const sounds = new Set<Sound>();
  if (seen.has(channel.id) || channel.isMuted) return sounds;
  const inner = new Set(seen).add(channel.id);
  if (channel.spy !== null) {
    const target = state.channels.get(channel.spy.target);
    if (target === undefined || channel.spy.mode === 'whisper') return sounds;
    for (const sound of mouth(state, target, inner)) sounds.add(sound);
    for (const sound of ear(state, target, inner)) sounds.add(sound);
    return sounds;
  }
  const line = channel.line;
  const isSpeaking = channel.state === 'answered' || (channel.direction === 'out' && channel.hasEarlyMedia);
  if (line !== null && isSpeaking && !channel.isHeld) sounds.add(soundOf(line));
  for (const spy of state.channels.values()) {
    if (spy.spy?.target === channel.id && spy.spy.mode === 'barge') {
      for (const sound of ear(state, spy, inner)) sounds.add(sound);
    }
  }
  return sounds;
}

/** In a bridge of two, Asterisk plays music by itself to the one whom the other's phone puts on hold. */
function isHeldByOther(state: State, channel: Channel): boolean {
  const legs = channel.bridge === null ? undefined : state.bridges.get(channel.bridge)?.legs;
  if (legs?.size !== 2) return false;
  return [...legs].some((id) => id !== channel.id && state.channels.get(id)?.isHeld === true);
}

/** What reaches the party of a leg, or the spy itself. */
export function ear(state: State, channel: Channel, seen: Set<LegId> = new Set()): Set<Sound> {
  const sounds = new Set<Sound>();
  if (seen.has(channel.id)) return sounds;
  const inner = new Set(seen).add(channel.id);
  const hasPath =
    channel.direction === 'spy' ||
    channel.state === 'answered' ||
    (channel.direction === 'in' && channel.hasEarlyMedia);
  if (!hasPath || channel.isHeld) return sounds;
  if (channel.hasMusic || isHeldByOther(state, channel)) return sounds.add('music');
  for (const sound of playing(state, channel.id)) sounds.add(sound);
  if (channel.isEcho && channel.line !== null) sounds.add(soundOf(channel.line));
  const bridge = channel.bridge === null ? undefined : state.bridges.get(channel.bridge);
  if (bridge !== undefined) {
    for (const sound of playing(state, bridge.id)) sounds.add(sound);
    for (const id of bridge.legs) {
      const other = state.channels.get(id);
      if (other === undefined || id === channel.id) continue;
      for (const sound of mouth(state, other, inner)) sounds.add(sound);
    }
  }
  for (const spy of state.channels.values()) {
    if (spy.spy?.target === channel.id && spy.spy.mode !== 'listen') {
      for (const sound of ear(state, spy, inner)) sounds.add(sound);
    }
  }
  return sounds;
}

/** What a recording of this target catches at this moment: what the party of a leg says, or all of a bridge. */
export function audible(state: State, target: LegId | BridgeId): Set<Sound> {
  const sounds = new Set<Sound>();
  const channel = state.channels.get(target as LegId);
  if (channel !== undefined) {
    for (const sound of mouth(state, channel, new Set())) sounds.add(sound);
    return sounds;
  }
  const bridge = state.bridges.get(target as BridgeId);
  if (bridge === undefined) return sounds;
  for (const sound of playing(state, bridge.id)) sounds.add(sound);
  for (const id of bridge.legs) {
    const other = state.channels.get(id);
    if (other === undefined) continue;
    for (const sound of mouth(state, other, new Set())) sounds.add(sound);
  }
  return sounds;
}
