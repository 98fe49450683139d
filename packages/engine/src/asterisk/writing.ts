/** The port's words into ARI's: the only place where what we were given becomes part of a request. */
import {
  type BridgeId,
  type CallerId,
  type Destination,
  isBridgeId,
  type LegId,
  type Media,
  type PlayId,
  type RecordId,
} from '../port.ts';
import { trunkEndpoint } from './carrier-addresses.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function stopRequest(id: PlayId | RecordId): ['DELETE' | 'POST', string] {
  return id.startsWith('p-') ? ['DELETE', `playbacks/${id}`] : ['POST', `recordings/live/${id}/stop`];
}

export function path(target: LegId | BridgeId): string {
  return isBridgeId(target) ? `bridges/${target}` : `channels/${target}`;
}

/** ARI takes whole seconds; a started second counts. 0 stays "no limit". */
export function inSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** The one place where a destination becomes a dial string; anything but our own alphabet is refused. */
export function dialString(to: Destination): string | null {
  if (to.kind === 'device') return /^[a-z0-9]{4,64}$/.test(to.username) ? `PJSIP/${to.username}` : null;
  if (!/^\+?[0-9*#]{1,32}$/.test(to.number) || !/^[0-9a-f-]{36}$/.test(to.trunkId)) return null;
  return `PJSIP/${to.number}@${trunkEndpoint(to.trunkId)}`;
}

/**
 * Functions in a new channel's variables deadlocked before 22.10 (asterisk#1936); we require 22.10.1. `i` keeps the
 * change from being sent as an update.
 */
export function connectedLine(callerId: CallerId): Record<string, string> {
  const name = callerId.name?.replaceAll(/[\p{Cc}"<>\\]/gu, '').slice(0, 60) ?? '';
  const number = callerId.number?.replaceAll(/[^0-9A-Za-z*#+._-]/g, '').slice(0, 40) ?? '';
  return {
    'CONNECTEDLINE(name,i)': name,
    'CONNECTEDLINE(num,i)': number,
    ...(callerId.isPrivate || number === '' ? { 'CONNECTEDLINE(pres,i)': 'prohib' } : {}),
  };
}

/** @param files folder of stored sounds, as the engine sees it */
export function mediaUri(media: Media, files: string): string {
  switch (media.kind) {
    case 'prompt':
      if (!/^[A-Za-z0-9/_-]{1,80}$/.test(media.name)) throw new TypeError('not a prompt name');
      return `sound:${media.name}`;
    case 'tone':
      return media.name === 'beep' ? 'sound:beep' : `tone:${media.name}`;
    case 'digits':
      return `digits:${media.digits.replaceAll(/[^0-9*#]/g, '')}`;
    case 'number':
      return `number:${Math.trunc(media.value)}`;
    case 'recording':
      return `recording:${media.id}`;
    case 'file':
      for (const id of [media.organizationId, media.id])
        if (!UUID.test(id)) throw new TypeError('not the id of a sound');
      // Without a suffix: the engine takes the format that is there.
      return `sound:${files}/${media.organizationId}/${media.id}`;
  }
}
