/** A SIP request that may yet be broken: first line, header fields in order, body. All text is latin1: a character, a byte. */

/** `null` stands for the true length of the body. */
export type Field = [name: string, value: string | null];

export interface Draft {
  method: string;
  uri: string;
  version: string;
  fields: Field[];
  body: string;
}

export const SDP = (port: number): string[] => [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  `m=audio ${port} RTP/AVP 0 8 101`,
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=sendrecv',
];

export const lines = (of: readonly string[]): string => of.map((line) => `${line}\r\n`).join('');

export function serialized({ method, uri, version, fields, body }: Draft): Buffer {
  const head = fields.map(([name, value]) => `${name}: ${value ?? body.length}`);
  return Buffer.from([`${method} ${uri} ${version}`, ...head, '', body].join('\r\n'), 'latin1');
}
