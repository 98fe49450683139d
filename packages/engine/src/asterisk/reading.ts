/** ARI's JSON into the port's words. */
import type { Cause, EngineEvent, LegId, LegSnapshot, LegSource, PlayId, RecordId, TransferRequest } from '../port.ts';
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

const TRUNK_PREFIX = 'trunk-';
export const trunkEndpoint = (trunkId: string): string => `${TRUNK_PREFIX}${trunkId}`;

/** Name of the endpoint a channel belongs to. */
function endpointOf(channel: AriChannel): string {
  return channel.name.replace(/^PJSIP\//, '').replace(/-[0-9a-f]{8}$/, '');
}

function source(channel: AriChannel, kind: string, address: string): LegSource {
  const endpoint = endpointOf(channel);
  if (kind === 'device') return { kind: 'device', username: endpoint };
  return {
    kind: 'carrier',
    trunkId: endpoint.startsWith(TRUNK_PREFIX) ? endpoint.slice(TRUNK_PREFIX.length) : null,
    address,
  };
}

const orNull = (text: string | undefined): string | null => (text ? text : null);
const time = (text: string | undefined): number => (text ? Date.parse(text) : Date.now());

/** `Stasis(littlepbx,<kind>,…)` as the static dialplan writes it, see `conf/extensions.ts`. */
interface EntryArguments {
  kind: 'device' | 'carrier';
  address: string;
  to: string | null;
  isPrivate: boolean;
}

function entry(args: string[]): EntryArguments | null {
  const [kind, first = '', second = '', third = ''] = args;
  // device,<exten>,<presentation>   carrier,<address>,<To user>,<presentation>
  if (kind === 'device') return { kind, address: '', to: null, isPrivate: second.startsWith('prohib') };
  if (kind === 'carrier') return { kind, address: first, to: orNull(second), isPrivate: third.startsWith('prohib') };
  return null;
}

export function readLeg(channel: AriChannel): LegSnapshot {
  const isOurs =
    channel.id.startsWith('l-') ||
    (channel.dialplan.app_name === 'Stasis' && channel.dialplan.app_data?.startsWith('littlepbx,') === true);
  const args =
    isOurs && !channel.id.startsWith('l-') ? entry(channel.dialplan.app_data?.split(',').slice(1) ?? []) : null;
  return {
    id: channel.id as LegId,
    state:
      channel.state === 'Up'
        ? 'answered'
        : channel.state === 'Ringing' || channel.state === 'Ring'
          ? 'ringing'
          : 'down',
    isOurs,
    source: args ? source(channel, args.kind, args.address) : null,
    dialled: args ? channel.dialplan.exten : null,
    to: args?.to ?? null,
    callerId: {
      name: orNull(channel.caller.name),
      number: orNull(channel.caller.number),
      isPrivate: args?.isPrivate ?? false,
    },
    createdAt: time(channel.creationtime),
  };
}

/** Null for events that carry nothing the port speaks of. `stopped` holds the media ids that we ended ourselves. */
export function readEvent(event: AriEvent, stopped: Set<string>): EngineEvent | null {
  const at = time(event.timestamp);
  const channel = event.channel as AriChannel;
  switch (event.type) {
    case 'StasisStart': {
      const replaced = event.replace_channel as AriChannel | undefined;
      if (replaced) return { type: 'leg:replaced', leg: replaced.id as LegId, by: channel.id as LegId, at };
      const args = entry(event.args as string[]);
      if (!args) return null;
      return {
        type: 'leg:new',
        leg: channel.id as LegId,
        source: source(channel, args.kind, args.address),
        dialled: channel.dialplan.exten,
        to: args.to,
        callerId: {
          name: orNull(channel.caller.name),
          number: orNull(channel.caller.number),
          isPrivate: args.isPrivate,
        },
        at,
      };
    }
    case 'ChannelStateChange':
      if (channel.state === 'Ringing') return { type: 'leg:state', leg: channel.id as LegId, state: 'ringing', at };
      if (channel.state === 'Up') return { type: 'leg:state', leg: channel.id as LegId, state: 'answered', at };
      return null;
    case 'ChannelDestroyed':
      return { type: 'leg:ended', leg: channel.id as LegId, cause: event.cause as Cause, at };
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
      return readTransfer(event, at);
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
