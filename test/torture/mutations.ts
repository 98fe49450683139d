/**
 * Ways to break a request, structure first: header fields, URIs, numbers, digest, SDP, multipart, Via, then its bytes.
 * Each takes a draft of a valid one and chance, and changes the draft in place.
 */
import type { Chance } from './chance.ts';
import { type Draft, type Field, lines } from './draft.ts';
import { nastyHost, nastyNumber, nastyText, nastyUri } from './nasty.ts';

type Mutation = (draft: Draft, chance: Chance) => void;

const indexOf = (draft: Draft, chance: Chance): number => chance.below(Math.max(1, draft.fields.length));

function replaceField(draft: Draft, names: readonly string[], value: (old: string) => string): void {
  const field = draft.fields.find(([name]) => names.includes(name));
  if (field) field[1] = value(field[1] ?? '');
}

/** Changes one parameter `name="value"` of a digest. */
function changeDigest(draft: Draft, chance: Chance): void {
  const names = ['username', 'realm', 'nonce', 'response', 'uri', 'nc', 'cnonce', 'qop', 'opaque', 'algorithm'];
  const name = chance.pick(names);
  const value = chance.oneIn(3) ? nastyNumber(chance) : nastyText(chance);
  const written = chance.pick([`${name}="${value}"`, `${name}=${value}`, `${name}="${value}`, `${name}`, '']);
  const field = draft.fields.find(([header]) => header === 'Authorization');
  if (!field) {
    draft.fields.push(['Authorization', `Digest ${written}`]);
    return;
  }
  const changed = (field[1] ?? '').replace(new RegExp(`${name}=("[^"]*"|[^,]*)`), () => written);
  field[1] = changed === field[1] ? `${field[1]}, ${written}` : changed;
}

const sdpLines = (draft: Draft): string[] => draft.body.split('\r\n').filter((line) => line !== '');

const SDP_LINES: ((chance: Chance) => string)[] = [
  (c) => `m=audio ${nastyNumber(c)} RTP/AVP ${nastyNumber(c)}`,
  (c) => `m=audio 9 ${c.pick(['RTP/SAVP', 'RTP/SAVPF', 'UDP/TLS/RTP/SAVPF', 'TCP/MSRP', nastyText(c)])} 0 8`,
  (c) => `m=${c.pick(['video', 'image', 'application', 'text', 'message', nastyText(c)])} 9 RTP/AVP 31`,
  (c) => `m=audio 9 RTP/AVP ${Array.from({ length: 1 + c.below(400) }, () => c.below(200)).join(' ')}`,
  (c) =>
    `c=IN ${c.pick(['IP4', 'IP6', 'IP9', ''])} ${c.pick(['127.0.0.1', '::1', '0.0.0.0', '224.2.1.1/127/3', nastyHost(c)])}`,
  (c) => `a=rtpmap:${nastyNumber(c)} ${c.pick(['PCMU', 'opus', nastyText(c)])}/${nastyNumber(c)}/${nastyNumber(c)}`,
  (c) => `a=fmtp:${c.pick(['0', '101', nastyNumber(c)])} ${nastyText(c)}`,
  (c) => `a=crypto:${nastyNumber(c)} AES_CM_128_HMAC_SHA1_80 inline:${nastyText(c)}`,
  (c) => `a=fingerprint:sha-256 ${nastyText(c)}`,
  (c) => `a=candidate:${nastyNumber(c)} 1 UDP ${nastyNumber(c)} ${nastyHost(c)} ${nastyNumber(c)} typ host`,
  (c) => `a=ice-ufrag:${nastyText(c)}`,
  (c) => `a=${c.pick(['sendonly', 'recvonly', 'inactive', 'rtcp-mux', 'setup:active', `mid:${nastyText(c)}`])}`,
  (c) => `a=group:BUNDLE ${nastyText(c)}`,
  (c) => `a=ptime:${nastyNumber(c)}`,
  (c) => `a=maxptime:${nastyNumber(c)}`,
  (c) => `a=rtcp:${nastyNumber(c)} IN IP4 ${nastyHost(c)}`,
  (c) => `b=AS:${nastyNumber(c)}`,
  (c) => `t=${nastyNumber(c)} ${nastyNumber(c)}`,
  (c) => `o=${nastyText(c)} ${nastyNumber(c)} ${nastyNumber(c)} IN IP4 ${nastyHost(c)}`,
  (c) => `s=${nastyText(c)}`,
  (c) => nastyText(c),
];

const ON_SDP: Mutation = (draft, chance) => {
  const sdp = sdpLines(draft);
  const at = chance.below(sdp.length + 1);
  for (let n = 1 + chance.below(3); n > 0; n -= 1) {
    switch (chance.below(7)) {
      case 0:
        sdp.splice(at, 1);
        break;
      case 1:
        sdp.splice(at, 0, ...Array.from({ length: 1 + chance.below(60) }, () => sdp[at] ?? 'a=x'));
        break;
      case 2:
        sdp.reverse();
        break;
      default:
        sdp.splice(at, chance.below(2), chance.pick(SDP_LINES)(chance));
    }
  }
  draft.body = lines(sdp);
};

const ON_FIELDS: Mutation[] = [
  (draft, chance) => draft.fields.splice(indexOf(draft, chance), 1),
  (draft, chance) => {
    const at = indexOf(draft, chance);
    const field = draft.fields[at];
    if (field)
      draft.fields.splice(
        at,
        0,
        ...Array.from({ length: 1 + chance.below(chance.oneIn(4) ? 300 : 3) }, (): Field => [...field]),
      );
  },
  (draft) => draft.fields.reverse(),
  (draft, chance) => {
    const field = draft.fields[indexOf(draft, chance)];
    if (field)
      field[0] = chance.pick([
        field[0].toLowerCase(),
        field[0][0]!,
        `${field[0]} `,
        nastyText(chance),
        `${field[0]}\r\n `,
      ]);
  },
  (draft, chance) => {
    const field = draft.fields[indexOf(draft, chance)];
    if (field) field[1] = chance.oneIn(3) ? nastyNumber(chance) : nastyText(chance);
  },
  (draft, chance) => {
    const field = draft.fields[indexOf(draft, chance)];
    if (field?.[1]) field[1] = field[1].replace(/[ ;]/g, (found) => `\r\n ${found}`);
  },
  (draft, chance) => {
    const field = draft.fields[indexOf(draft, chance)];
    if (field?.[1])
      field[1] = `${field[1]}${chance.pick([';', ',', ';;,;', `;${nastyText(chance)}=${nastyText(chance)}`])}`;
  },
  (draft, chance) => {
    const names = [
      'Subject',
      'User-Agent',
      'Date',
      'Event',
      'Supported',
      'Require',
      'Proxy-Require',
      'Session-Expires',
      'Min-SE',
      'Accept',
      'Allow',
      'Replaces',
      'Join',
      'Diversion',
      'History-Info',
      'P-Asserted-Identity',
      'Remote-Party-ID',
      'Privacy',
      'Reason',
      'RAck',
      'Path',
      'Record-Route',
      'Geolocation',
      'Identity',
      'Content-Encoding',
      'Retry-After',
      'Timestamp',
      'In-Reply-To',
    ];
    const value = chance.pick([
      nastyText,
      nastyNumber,
      (c: Chance) => nastyUri(c, '102'),
      () => '100rel,timer,replaces',
      () => '90;refresher=uac',
    ])(chance);
    draft.fields.push([chance.pick(names), value]);
  },
];

const ON_URIS: Mutation[] = [
  (draft, chance) => {
    draft.uri = nastyUri(chance, '102').replace(chance.oneIn(4) ? /$^/ : /[\r\n]/g, '');
  },
  (draft, chance) => {
    const names = [chance.pick(['From', 'To', 'Contact', 'Refer-To', 'Referred-By', 'Route'])];
    replaceField(draft, names, (old) => {
      const tag = /;tag=.*/.exec(old)?.[0] ?? '';
      return `${nastyUri(chance, '102')}${chance.oneIn(3) ? '' : tag}`;
    });
  },
  // The name alone: the request stays valid otherwise, and goes far.
  (draft, chance) =>
    replaceField(
      draft,
      [chance.pick(['From', 'Contact', 'To'])],
      (old) => `"${nastyText(chance).replace(/[\r\n"\\]/g, '')}" ${/<.*/.exec(old)?.[0] ?? old}`,
    ),
];

const ON_NUMBERS: Mutation[] = [
  (draft, chance) =>
    replaceField(draft, ['CSeq'], (old) =>
      chance.pick([`${nastyNumber(chance)} ${draft.method}`, old.replace(/\w+$/, 'BYE'), nastyNumber(chance)]),
    ),
  (draft, chance) => replaceField(draft, ['Max-Forwards'], () => nastyNumber(chance)),
  (draft, chance) => draft.fields.push(['Expires', nastyNumber(chance)]),
  (draft, chance) => replaceField(draft, ['Content-Length'], () => nastyNumber(chance)),
  (draft, chance) => draft.fields.push(['Content-Length', nastyNumber(chance)]),
];

const ON_VIA: Mutation[] = [
  (draft, chance) => {
    const more = Array.from(
      { length: 1 + chance.below(70) },
      (_, i): Field => [
        'Via',
        `SIP/2.0/${chance.pick(['UDP', 'TCP', 'TLS', 'SCTP', 'WS', 'X'])} 192.0.2.${i};branch=z9hG4bK${i}`,
      ],
    );
    draft.fields.splice(chance.below(2), 0, ...more);
  },
  (draft, chance) =>
    replaceField(
      draft,
      ['Via'],
      (old) =>
        `${old}${chance.pick([';received=1.2.3.4.5', ';rport=99999', ';maddr=127.0.0.9', ';ttl=0', ';branch=', ';;;', ',', ` (${'('.repeat(200)}`])}`,
    ),
  (draft, chance) =>
    replaceField(
      draft,
      ['Via'],
      () =>
        `SIP/2.0/UDP ${nastyHost(chance)};branch=${chance.pick(['z9hG4bK', '', nastyText(chance), `z9hG4bK${'b'.repeat(2000)}`])}`,
    ),
];

const ON_TYPE: Mutation[] = [
  (draft, chance) =>
    replaceField(draft, ['Content-Type'], () =>
      chance.pick([
        'application/sdp;',
        'application/sdp; charset="',
        'multipart/mixed',
        'text/plain',
        '/',
        'application',
        'message/sipfrag',
        nastyText(chance),
      ]),
    ),
  (draft, chance) => {
    const type = draft.fields.find(([name]) => name === 'Content-Type');
    const boundary = chance.pick(['b', 'b'.repeat(70), '"b b"', '', '--', 'b\r\n', nastyText(chance)]);
    const parts = 1 + chance.below(chance.oneIn(5) ? 200 : 3);
    const inner = `Content-Type: ${type?.[1] ?? 'text/plain'}\r\n${chance.oneIn(3) ? `Content-Length: ${nastyNumber(chance)}\r\n` : ''}\r\n${draft.body}`;
    draft.body = `${`--${boundary}\r\n${inner}\r\n`.repeat(parts).slice(0, 40_000)}${chance.oneIn(3) ? '' : `--${boundary}--\r\n`}`;
    const value = `multipart/${chance.pick(['mixed', 'alternative', 'signed', 'related'])}${chance.oneIn(5) ? '' : `;boundary=${boundary}`}`;
    if (type) type[1] = value;
    else draft.fields.push(['Content-Type', value]);
  },
];

const ON_FIRST_LINE: Mutation[] = [
  (draft, chance) => {
    draft.method = chance.pick([
      'invite',
      'INVITE ',
      'PRACK',
      'UPDATE',
      'INFO',
      'PUBLISH',
      'NOTIFY',
      'BYE',
      'ACK',
      'CANCEL',
      'SIP/2.0',
      'M'.repeat(3000),
      nastyText(chance),
    ]);
  },
  (draft, chance) => {
    draft.version = chance.pick([
      'SIP/2.1',
      'SIP/7.0',
      'sip/2.0',
      'SIP/2.0 ',
      'SIP',
      'HTTP/1.1',
      '',
      `SIP/${nastyNumber(chance)}`,
    ]);
  },
];

const KINDS: readonly { weight: number; mutations: readonly Mutation[] }[] = [
  { weight: 6, mutations: ON_FIELDS },
  { weight: 4, mutations: ON_URIS },
  { weight: 3, mutations: ON_NUMBERS },
  { weight: 3, mutations: [changeDigest] },
  { weight: 6, mutations: [ON_SDP] },
  { weight: 2, mutations: ON_VIA },
  { weight: 2, mutations: ON_TYPE },
  { weight: 1, mutations: ON_FIRST_LINE },
];
const WEIGHTED = KINDS.flatMap(({ weight, mutations }) => Array<readonly Mutation[]>(weight).fill(mutations));

/** Changes the draft in one to three ways. */
export function mutate(draft: Draft, chance: Chance): void {
  for (let n = chance.oneIn(3) ? 2 + chance.below(2) : 1; n > 0; n -= 1)
    chance.pick(chance.pick(WEIGHTED))(draft, chance);
}

/** Breaks the bytes: cut off, flipped, doubled, other line ends, garbage before or inside. */
export function mutateBytes(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(bytes.length);
  const end = Math.min(bytes.length, at + 1 + chance.below(40));
  const text = (): string => bytes.toString('latin1');
  switch (chance.below(10)) {
    case 0:
      return bytes.subarray(0, at);
    case 1: {
      const flipped = Buffer.from(bytes);
      for (let n = 1 + chance.below(8); n > 0; n -= 1) flipped[chance.below(flipped.length)]! ^= 1 << chance.below(8);
      return flipped;
    }
    case 2:
      return Buffer.concat([bytes.subarray(0, at), chance.bytes(1 + chance.below(40)), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 5:
      return Buffer.from(text().replaceAll('\r\n', chance.pick(['\n', '\r', '\r\n\r\n', '\n\r', '\0'])), 'latin1');
    case 6:
      return Buffer.concat([bytes, bytes]);
    case 7:
      return Buffer.concat([
        Buffer.from(chance.pick(['\r\n', '\0', '\r\n\r\n\r\n', 'SIP/2.0 200 OK\r\n', ' ']), 'latin1'),
        bytes,
      ]);
    case 8:
      return Buffer.from(
        text().replace('\r\n\r\n', `\r\nX: ${'x'.repeat(chance.pick([100, 1000, 10_000, 50_000]))}\r\n\r\n`),
        'latin1',
      );
    default:
      return chance.bytes(1 + chance.below(1400));
  }
}
