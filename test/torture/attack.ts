/** One message of the torture, made from a seed and its number: by a stranger, by a device of the house, or inside its call. */
import { Chance } from './chance.ts';
import { type Draft, type Field, lines, SDP, serialized } from './draft.ts';
import { mutate, mutateBytes } from './mutations.ts';
import { nastyUri } from './nasty.ts';

export interface OpenDialog {
  callId: string;
  localTag: string;
  remoteTag: string;
  target: string;
  sequence: number;
}

/** What stands in a message besides what the seed says. */
export interface Surroundings {
  server: { host: string; port: number };
  local: { host: string; port: number };
  /** The device that sends, and its credentials for a request. */
  username: string;
  authorization(method: string, uri: string): string | null;
  /** A call of this device that was answered. */
  dialog: OpenDialog | null;
}

export interface Attack {
  bytes: Buffer;
  transport: 'udp' | 'tcp';
  /** Over TCP: how the bytes are cut up. */
  pieces: number;
  isAuthenticated: boolean;
}

const OUTSIDE = ['REGISTER', 'INVITE', 'INVITE', 'INVITE', 'SUBSCRIBE', 'MESSAGE', 'REFER', 'OPTIONS'] as const;
const INSIDE = ['INVITE', 'REFER', 'REFER', 'INFO', 'UPDATE', 'MESSAGE', 'NOTIFY', 'BYE', 'ACK', 'CANCEL'] as const;

/** A free phone, an echo, nobody, an outside number. */
const DIALLED = ['102', '102', '*43', '777', '00442079460999', '999', '101'];

/** @param index counts from 0; the same seed and index give the same message, identities and nonces aside */
export function attack(seed: number, index: number, around: Surroundings): Attack {
  const chance = Chance.of(seed, index);
  const isAuthenticated = chance.oneIn(2);
  const isInside = isAuthenticated && chance.oneIn(4) && around.dialog !== null;
  const transport = chance.oneIn(5) ? 'tcp' : 'udp';
  const method = isInside ? chance.pick(INSIDE) : chance.pick(OUTSIDE);
  const draft = drafted(method, chance, around, { transport, isAuthenticated, isInside });
  if (!chance.oneIn(6)) mutate(draft, chance);
  const whole = serialized(draft);
  const bytes = chance.oneIn(4) ? mutateBytes(whole, chance) : whole;
  // What does not fit into a datagram goes by TCP.
  return { bytes, transport: bytes.length > 60_000 ? 'tcp' : transport, pieces: 1 + chance.below(4), isAuthenticated };
}

/** A valid request. */
function drafted(
  method: string,
  chance: Chance,
  around: Surroundings,
  how: { transport: 'udp' | 'tcp'; isAuthenticated: boolean; isInside: boolean },
): Draft {
  const { server, local, dialog } = around;
  const at = `${server.host}:${server.port}`;
  const user = how.isAuthenticated ? around.username : chance.pick(['101', 'admin', 'k7p2m9x4c1q8', '']);
  const inside = how.isInside ? dialog : null;
  if (inside) inside.sequence += 1;
  const target = `sip:${chance.pick(DIALLED)}@${at}`;
  const uri = inside?.target ?? (method === 'REGISTER' ? `sip:${at}` : target);
  const fields: Field[] = [
    ['Via', `SIP/2.0/${how.transport.toUpperCase()} ${local.host}:${local.port};branch=z9hG4bK${chance.id()};rport`],
    ['Max-Forwards', '70'],
    ['From', `"Mallory" <sip:${user}@${at}>;tag=${inside?.localTag ?? chance.id(8)}`],
    ['To', `<${method === 'REGISTER' ? `sip:${user}@${at}` : target}>${inside ? `;tag=${inside.remoteTag}` : ''}`],
    ['Call-ID', inside?.callId ?? chance.id(20)],
    ['CSeq', `${inside?.sequence ?? 1} ${method}`],
    ['Contact', `<sip:${user}@${local.host}:${local.port};transport=${how.transport}>`],
    ['User-Agent', 'Desk phone 1.0'],
  ];
  let body = '';
  const carry = (type: string, text: string): void => {
    fields.push(['Content-Type', type]);
    body = text;
  };
  if (method === 'INVITE' || method === 'UPDATE') carry('application/sdp', lines(SDP(20_000 + chance.below(900))));
  if (method === 'MESSAGE') carry('text/plain', 'Hello');
  if (method === 'INFO') carry('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n');
  if (method === 'NOTIFY') {
    fields.push(['Event', 'refer'], ['Subscription-State', 'active']);
    carry('message/sipfrag', 'SIP/2.0 200 OK\r\n');
  }
  if (method === 'SUBSCRIBE')
    fields.push(['Event', chance.pick(['message-summary', 'presence', 'dialog', 'refer'])], ['Expires', '60']);
  if (method === 'REGISTER') fields.push(['Expires', chance.pick(['60', '60', '0'])]);
  if (method === 'REFER') {
    fields.push(
      ['Refer-To', chance.oneIn(3) ? nastyUri(chance, '102') : `<sip:102@${at}>`],
      ['Referred-By', `<sip:${user}@${at}>`],
    );
  }
  const authorization = how.isAuthenticated ? around.authorization(method, uri) : null;
  if (authorization) fields.push(['Authorization', authorization]);
  fields.push(['Content-Length', null]);
  return { method, uri, version: 'SIP/2.0', fields, body };
}
