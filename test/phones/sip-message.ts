/**
 * SIP messages as text and as objects (RFC 3261, section 7 and 25). Headers keep their order and their spelling, so a
 * test sees what was on the wire. Lenient on purpose: a message of ours under test is recorded even when it is odd.
 */

export type SipMessage = SipRequest | SipResponse;

export interface SipRequest {
  kind: 'request';
  method: string;
  uri: string;
  headers: Headers;
  body: string;
}

export interface SipResponse {
  kind: 'response';
  status: number;
  reason: string;
  headers: Headers;
  body: string;
}

// Compact forms: https://www.rfc-editor.org/rfc/rfc3261#section-20 and the RFCs that define the headers.
const COMPACT: Record<string, string> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
};

const canonical = (name: string): string => {
  const lower = name.trim().toLowerCase();
  return COMPACT[lower] ?? lower;
};

/** Header fields in order; names compare without case and in compact form. */
export class Headers {
  #fields: { name: string; value: string }[];

  constructor(fields: readonly (readonly [name: string, value: string])[] = []) {
    this.#fields = fields.map(([name, value]) => ({ name, value }));
  }

  get(name: string): string | undefined {
    const wanted = canonical(name);
    return this.#fields.find((field) => canonical(field.name) === wanted)?.value;
  }

  /** All values, with comma lists of `Via`, `Route`, `Record-Route`, `Contact` and `Diversion` taken apart. */
  all(name: string): string[] {
    const wanted = canonical(name);
    const values = this.#fields.filter((field) => canonical(field.name) === wanted).map((field) => field.value);
    const isList = ['via', 'route', 'record-route', 'contact', 'diversion', 'supported', 'p-asserted-identity'];
    return isList.includes(wanted) ? values.flatMap(splitList) : values;
  }

  add(name: string, value: string): this {
    this.#fields.push({ name, value });
    return this;
  }

  /** Replaces every field of that name by one. */
  set(name: string, value: string): this {
    this.remove(name);
    return this.add(name, value);
  }

  remove(name: string): this {
    const wanted = canonical(name);
    this.#fields = this.#fields.filter((field) => canonical(field.name) !== wanted);
    return this;
  }

  entries(): [name: string, value: string][] {
    return this.#fields.map(({ name, value }) => [name, value]);
  }

  clone(): Headers {
    return new Headers(this.entries());
  }
}

/** Splits at commas outside quotes and angle brackets. */
export const splitList = (value: string): string[] => {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  let depth = 0;
  for (let i = 0; i < value.length; i++) {
    const c = value[i];
    if (c === '"' && value[i - 1] !== '\\') isQuoted = !isQuoted;
    else if (!isQuoted && c === '<') depth++;
    else if (!isQuoted && c === '>') depth--;
    else if (!isQuoted && depth === 0 && c === ',') {
      parts.push(value.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(value.slice(start).trim());
  return parts.filter((part) => part !== '');
};

/** Parses one whole message; null when the first line is none of SIP. */
export const parseMessage = (text: string): SipMessage | null => {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const body = end < 0 ? '' : text.slice(end + 4);
  const [first = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.add(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(first);
  if (response) return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body };
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(first);
  if (request) return { kind: 'request', method: request[1]!, uri: request[2]!, headers, body };
  return null;
};

/** Text for the wire; `Content-Length` is computed here and nowhere else. */
export const formatMessage = (message: SipMessage): string => {
  const first =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  const headers = message.headers.clone().set('Content-Length', String(Buffer.byteLength(message.body)));
  return `${[first, ...headers.entries().map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n${message.body}`;
};

/** `INVITE sip:102@…` or `180 Ringing (INVITE)`, for error texts. */
export const summary = (message: SipMessage): string =>
  message.kind === 'request'
    ? `${message.method} ${message.uri}`
    : `${message.status} ${message.reason} (${cseq(message).method})`;

/** Sequence number and method of `CSeq`. */
export const cseq = (message: SipMessage): { number: number; method: string } => {
  const [number = '0', method = ''] = (message.headers.get('CSeq') ?? '').split(/\s+/);
  return { number: Number(number), method };
};

/** The branch of the topmost Via. */
export const branchOf = (message: SipMessage): string =>
  /;\s*branch=([^;,\s]+)/i.exec(message.headers.all('Via')[0] ?? '')?.[1] ?? '';

/** A `name-addr` or `addr-spec` with its parameters (RFC 3261, section 20.10). */
export interface Address {
  name: string | null;
  uri: string;
  params: Record<string, string>;
}

export const parseAddress = (value: string): Address => {
  const match = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^>]*)>(.*)$/s.exec(value);
  if (!match) {
    const [uri = '', ...rest] = value.trim().split(';');
    return { name: null, uri, params: parseParams(rest.join(';')) };
  }
  const name = match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? '';
  return { name: name === '' ? null : name, uri: match[3] ?? '', params: parseParams(match[4] ?? '') };
};

export const parseParams = (text: string): Record<string, string> => {
  const params: Record<string, string> = {};
  for (const part of text.split(';')) {
    const [name = '', value = ''] = part.split(/=(.*)/s);
    if (name.trim() !== '') params[name.trim().toLowerCase()] = value.trim();
  }
  return params;
};

export interface SipUri {
  scheme: string;
  /** Percent-decoded; empty when the URI has none. */
  user: string;
  host: string;
  port: number | null;
  params: Record<string, string>;
  /** Headers part after `?`, percent-decoded, lower-case names (REFER uses `Replaces` there). */
  headers: Record<string, string>;
}

export const parseUri = (uri: string): SipUri => {
  const match = /^(sips?|tel):(?:([^@]*)@)?(\[[^\]]+\]|[^:;?]+)(?::(\d+))?([^?]*)(?:\?(.*))?$/i.exec(uri.trim());
  if (!match) return { scheme: '', user: '', host: '', port: null, params: {}, headers: {} };
  const scheme = match[1]!.toLowerCase();
  const headers: Record<string, string> = {};
  for (const pair of (match[6] ?? '').split('&').filter(Boolean)) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    headers[name.toLowerCase()] = decodeURIComponent(value);
  }
  const user = decodeURIComponent((match[2] ?? '').split(/[:;]/)[0]!);
  return {
    scheme,
    user: scheme === 'tel' ? match[3]! : user,
    host: match[3]!,
    port: match[4] ? Number(match[4]) : null,
    params: parseParams(match[5] ?? ''),
    headers,
  };
};

/** The tag of `From` or `To`. */
export const tagOf = (message: SipMessage, header: 'From' | 'To'): string =>
  parseAddress(message.headers.get(header) ?? '').params.tag ?? '';
