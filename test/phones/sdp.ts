/** The little SDP a telephone needs: one audio stream (RFC 8866, offer/answer of RFC 3264, keys of RFC 4568). */

import { type Codec, PAYLOAD_TYPE } from './g711.ts';
import { SUITE } from './srtp.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface AudioDescription {
  host: string;
  port: number;
  direction: Direction;
  isSecure: boolean;
  /** SDES key of the suite we speak. */
  srtpKey: string | null;
  srtpTag: string;
  /** Payload types in the order offered, with the names of `rtpmap` (upper case) or RFC 3551. */
  formats: { payloadType: number; name: string }[];
}

/** Null when there is no audio line. */
export const parseSdp = (body: string): AudioDescription | null => {
  const lines = body.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith('m=audio '));
  if (at < 0) return null;
  const next = lines.findIndex((line, i) => i > at && line.startsWith('m='));
  const session = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('m=')),
  );
  const media = lines.slice(at, next < 0 ? undefined : next);
  const find = (pattern: RegExp): RegExpExecArray | null => {
    for (const line of [...media, ...session]) {
      const match = pattern.exec(line);
      if (match) return match;
    }
    return null;
  };
  const [, port = '0', profile = '', ...types] = lines[at]!.slice(2).split(' ');
  const host = find(/^c=IN IP[46] (\S+)/)?.[1] ?? '';
  const crypto = find(new RegExp(`^a=crypto:(\\d+) ${SUITE} inline:([^|\\s]+)`));
  const formats = types.map((type) => ({
    payloadType: Number(type),
    name: (
      find(new RegExp(`^a=rtpmap:${type} ([^/\\s]+)`))?.[1] ??
      Object.entries(PAYLOAD_TYPE).find(([, number]) => number === Number(type))?.[0] ??
      type
    ).toUpperCase(),
  }));
  const direction = (find(/^a=(sendrecv|sendonly|recvonly|inactive)\s*$/)?.[1] ?? 'sendrecv') as Direction;
  return {
    host,
    port: Number(port),
    // The old way to hold (RFC 3264, section 8.4).
    direction: host === '0.0.0.0' ? 'sendonly' : direction,
    isSecure: profile.includes('SAVP'),
    srtpKey: crypto?.[2] ?? null,
    srtpTag: crypto?.[1] ?? '1',
    formats,
  };
};

export interface LocalAudio {
  host: string;
  port: number;
  /** Same for the whole call; `version` goes up with each new description. */
  sessionId: number;
  version: number;
  direction: Direction;
  codecs: readonly { name: Codec; payloadType: number }[];
  /** Payload type of RFC 4733 events; null for none. */
  eventType: number | null;
  srtp: { key: string; tag: string } | null;
}

export const formatSdp = (audio: LocalAudio): string => {
  const types = audio.codecs.map((codec) => codec.payloadType);
  if (audio.eventType !== null) types.push(audio.eventType);
  const family = audio.host.includes(':') ? 'IP6' : 'IP4';
  const lines = [
    'v=0',
    `o=- ${audio.sessionId} ${audio.version} IN ${family} ${audio.host}`,
    's=-',
    `c=IN ${family} ${audio.host}`,
    't=0 0',
    `m=audio ${audio.port} RTP/${audio.srtp ? 'SAVP' : 'AVP'} ${types.join(' ')}`,
    ...audio.codecs.map((codec) => `a=rtpmap:${codec.payloadType} ${codec.name}/8000`),
  ];
  if (audio.eventType !== null) {
    lines.push(`a=rtpmap:${audio.eventType} telephone-event/8000`, `a=fmtp:${audio.eventType} 0-16`);
  }
  if (audio.srtp) lines.push(`a=crypto:${audio.srtp.tag} ${SUITE} inline:${audio.srtp.key}`);
  lines.push('a=ptime:20', `a=${audio.direction}`);
  return `${lines.join('\r\n')}\r\n`;
};

/** What we answer to the far end's direction when we want `wanted` ourselves (RFC 3264, section 6.1). */
export const answerDirection = (offered: Direction, wanted: Direction = 'sendrecv'): Direction => {
  const canSend = offered !== 'sendonly' && offered !== 'inactive' && wanted !== 'recvonly' && wanted !== 'inactive';
  const canReceive = offered !== 'recvonly' && offered !== 'inactive' && wanted !== 'sendonly' && wanted !== 'inactive';
  if (canSend) return canReceive ? 'sendrecv' : 'sendonly';
  return canReceive ? 'recvonly' : 'inactive';
};
