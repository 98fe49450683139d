/** ARI's JSON into the port's words. */
import type {
  CallerId,
  EngineEvent,
  LegId,
  LegSnapshot,
  LegSource,
  PlayId,
  RecordId,
  TransferRequest,
} from '../port.ts';
import { trunkOf } from './carrier-addresses.ts';
import { STASIS_APP } from './conf/dialplan.ts';
import type { AriEvent } from './connection.ts';

export interface AriChannel {
  id: string;
  /** `PJSIP/<endpoint>-0000001a`. */
  name: string;
  state: string;
  caller: { name: string; number: string };
  dialplan: { context: string; exten: string; app_name?: string; app_data?: string };
  creationtime: string;
}

export interface AriBridge {
  id: string;
  channels: string[];
}

/** Whether we asked for this leg, as against one that came in. */
export const isMade = (id: string): boolean => id.startsWith('l-');

const orNull = (text: string | undefined): string | null => (text ? text : null);
const time = (text: string | undefined): number => (text ? Date.parse(text) : Date.now());

/**
 * `Stasis(littlepbx,…)` as `conf/dialplan.ts` writes it. Everything in it was filtered there, or is the engine's own:
 *
 *     device,<number>,<presentation>,<endpoint>
 *     carrier,<address>,<To user>,<presentation>,<number>,<endpoint>
 */
interface Entry {
  source: LegSource;
  dialled: string;
  to: string | null;
  isPrivate: boolean;
}

function readEntry(args: string[]): Entry | null {
  if (args[0] === 'device') {
    const [, dialled = '', presentation = '', username = ''] = args;
    return { source: { kind: 'device', username }, dialled, to: null, isPrivate: presentation === 'prohib' };
  }
  if (args[0] === 'carrier') {
    const [, address = '', to = '', presentation = '', dialled = '', endpoint = ''] = args;
    const source: LegSource = { kind: 'carrier', trunkId: trunkOf(endpoint), address };
    return { source, dialled, to: orNull(to), isPrivate: presentation === 'prohib' };
  }
  return null;
}

export function readLeg(channel: AriChannel): LegSnapshot {
  const isOurOwn = isMade(channel.id);
  const [app, ...args] = (channel.dialplan.app_name === 'Stasis' && channel.dialplan.app_data?.split(',')) || [];
  const isInStasis = app === STASIS_APP;
  const entry = isInStasis && !isOurOwn ? readEntry(args) : null;
  return {
    id: channel.id as LegId,
    state: STATES[channel.state] ?? 'down',
    isOurs: isOurOwn || isInStasis,
    source: entry?.source ?? null,
    dialled: entry?.dialled ?? null,
    to: entry?.to ?? null,
    callerId: callerIdOf(channel, entry?.isPrivate ?? false),
    createdAt: time(channel.creationtime),
  };
}

const STATES: Record<string, LegSnapshot['state']> = { Up: 'answered', Ring: 'ringing', Ringing: 'ringing' };

function callerIdOf(channel: AriChannel, isPrivate: boolean): CallerId {
  return { name: orNull(channel.caller.name), number: orNull(channel.caller.number), isPrivate };
}

/** When it happened, milliseconds since the epoch. */
export const timeOf = (event: AriEvent): number => time(event.timestamp);

/** Null for events that carry nothing the port speaks of. `stopped` holds the media ids that we ended ourselves. */
export function readEvent(event: AriEvent, stopped: Set<string>): EngineEvent | null {
  const at = timeOf(event);
  const channel = event.channel as AriChannel;
  switch (event.type) {
    case 'StasisStart': {
      const replaced = event.replace_channel as AriChannel | undefined;
      if (replaced) return { type: 'leg:replaced', leg: replaced.id as LegId, by: channel.id as LegId, at };
      const entry = readEntry(event.args as string[]);
      if (!entry) return null;
      const { source, dialled, to, isPrivate } = entry;
      const callerId = callerIdOf(channel, isPrivate);
      return { type: 'leg:new', leg: channel.id as LegId, source, dialled, to, callerId, at };
    }
    case 'ChannelStateChange':
      if (channel.state === 'Ringing') return { type: 'leg:state', leg: channel.id as LegId, state: 'ringing', at };
      if (channel.state === 'Up') return { type: 'leg:state', leg: channel.id as LegId, state: 'answered', at };
      return null;
    case 'ChannelDtmfReceived':
      return {
        type: 'leg:dtmf',
        leg: channel.id as LegId,
        digit: event.digit as string,
        duration: event.duration_ms as number,
        at,
      };
    case 'ChannelHold':
    case 'ChannelUnhold':
      return { type: 'leg:hold', leg: channel.id as LegId, isHeld: event.type === 'ChannelHold', at };
    case 'ChannelTransfer':
      // With a state it is no request, but the echo of what we said about one (`transfer_progress`).
      return event.state === undefined ? readTransfer(event, at) : null;
    case 'PlaybackFinished': {
      const { id, state } = event.playback as { id: string; state: string };
      const result = stopped.delete(id) ? 'stopped' : state === 'failed' ? 'failed' : 'done';
      return { type: 'media:ended', id: id as PlayId, result, duration: 0, at };
    }
    case 'RecordingFinished':
    case 'RecordingFailed': {
      const { name, duration } = event.recording as { name: string; duration?: number };
      const result = stopped.delete(name) ? 'stopped' : event.type === 'RecordingFailed' ? 'failed' : 'done';
      return { type: 'media:ended', id: name as RecordId, result, duration: (duration ?? 0) * 1000, at };
    }
    default:
      return null;
  }
}

/** REFER as Asterisk tells it when `PJSIP_TRANSFER_HANDLING` is `ari-only`. */
function readTransfer(event: AriEvent, at: number): EngineEvent | null {
  const referTo = event.refer_to as {
    requested_destination: { destination?: string; protocol_id?: string };
    destination_channel?: AriChannel;
  };
  const { source_channel } = event.referred_by as { source_channel: AriChannel };
  const request: TransferRequest = referTo.destination_channel
    ? { kind: 'attended', replaces: referTo.destination_channel.id as LegId }
    : { kind: 'blind', to: (referTo.requested_destination.destination ?? '').replaceAll(/[^0-9A-Za-z*#+]/g, '') };
  return { type: 'leg:transfer', leg: source_channel.id as LegId, request, at };
}
