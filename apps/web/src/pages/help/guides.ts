/**
 * Where popular phones want what. Labels stand here as the phones' own English menus have them, taken from the makers'
 * and carriers' guides (Yealink T4/T5, Grandstream GRP/GXP, Snom D, Fanvil X, Cisco 6800 to 8800 MPP; Linphone, Zoiper 5,
 * Groundwire, MicroSIP, Bria).
 */
import type { DeviceAnswer } from '@littlepbx/contract';

export type Phone =
  | 'yealink'
  | 'grandstream'
  | 'snom'
  | 'fanvil'
  | 'cisco'
  | 'linphone'
  | 'zoiper'
  | 'groundwire'
  | 'microsip'
  | 'bria';

/** What stands in a field: one of the own values, or a word of the phone's menu that has to be chosen. */
type Value =
  | { of: 'server' | 'port' | 'username' | 'password' | 'transport' | 'address' | 'login' | 'tlsProxy' }
  | { choose: string };

interface Field {
  label: string;
  value: Value;
  /** Only for a phone that has to speak by TLS. */
  isForTls?: true;
}

export interface Guide {
  name: string;
  kind: 'desk' | 'app';
  fields: Field[];
}

const server: Value = { of: 'server' };
const port: Value = { of: 'port' };
const username: Value = { of: 'username' };
const password: Value = { of: 'password' };
const transport: Value = { of: 'transport' };
/** Server, with the port where that is not the usual one. */
const address: Value = { of: 'address' };

export const GUIDES: Record<Phone, Guide> = {
  yealink: {
    name: 'Yealink',
    kind: 'desk',
    fields: [
      { label: 'Line Active', value: { choose: 'Enabled' } },
      { label: 'Register Name', value: username },
      { label: 'User Name', value: username },
      { label: 'Password', value: password },
      { label: 'SIP Server 1 › Server Host', value: server },
      { label: 'SIP Server 1 › Port', value: port },
      { label: 'SIP Server 1 › Transport', value: transport },
      { label: 'Advanced › RTP Encryption (SRTP)', value: { choose: 'Compulsory' }, isForTls: true },
    ],
  },
  grandstream: {
    name: 'Grandstream',
    kind: 'desk',
    fields: [
      { label: 'Account Active', value: { choose: 'Yes' } },
      { label: 'SIP Server', value: address },
      { label: 'SIP User ID', value: username },
      { label: 'SIP Authentication ID', value: username },
      { label: 'SIP Authentication Password', value: password },
      { label: 'SIP Settings › Basic Settings › SIP Transport', value: transport },
    ],
  },
  snom: {
    name: 'Snom',
    kind: 'desk',
    fields: [
      { label: 'Identity active', value: { choose: 'on' } },
      { label: 'Account', value: username },
      { label: 'Password', value: password },
      { label: 'Registrar', value: address },
      { label: 'Outbound Proxy', value: { of: 'tlsProxy' }, isForTls: true },
    ],
  },
  fanvil: {
    name: 'Fanvil',
    kind: 'desk',
    fields: [
      { label: 'Activate', value: { choose: '✓' } },
      { label: 'Username', value: username },
      { label: 'Authentication Name', value: username },
      { label: 'Authentication Password', value: password },
      { label: 'SIP Proxy Server Address', value: server },
      { label: 'SIP Proxy Server Port', value: port },
      { label: 'Transport Protocol', value: transport },
    ],
  },
  cisco: {
    name: 'Cisco MPP',
    kind: 'desk',
    fields: [
      { label: 'Proxy and Registration › Proxy', value: address },
      { label: 'SIP Settings › SIP Transport', value: transport },
      { label: 'Subscriber Information › User ID', value: username },
      { label: 'Subscriber Information › Password', value: password },
    ],
  },
  linphone: {
    name: 'Linphone',
    kind: 'app',
    fields: [
      { label: 'Username', value: username },
      { label: 'Password', value: password },
      { label: 'Domain', value: address },
      { label: 'Transport', value: transport },
    ],
  },
  zoiper: {
    name: 'Zoiper',
    kind: 'app',
    fields: [
      { label: 'Username', value: { of: 'login' } },
      { label: 'Password', value: password },
      { label: 'Hostname', value: address },
      { label: 'Transport', value: transport, isForTls: true },
      { label: 'SRTP key negotiation', value: { choose: 'SDES' }, isForTls: true },
    ],
  },
  groundwire: {
    name: 'Groundwire',
    kind: 'app',
    fields: [
      { label: 'Username', value: username },
      { label: 'Password', value: password },
      { label: 'Domain', value: address },
      { label: 'Advanced Settings › Transport Protocol', value: transport },
    ],
  },
  microsip: {
    name: 'MicroSIP',
    kind: 'app',
    fields: [
      { label: 'SIP Server', value: address },
      { label: 'Username', value: username },
      { label: 'Domain', value: server },
      { label: 'Login', value: username },
      { label: 'Password', value: password },
      { label: 'Transport', value: transport },
      { label: 'Media Encryption', value: { choose: 'Mandatory SRTP (RTP/SAVP)' }, isForTls: true },
    ],
  },
  bria: {
    name: 'Bria',
    kind: 'app',
    fields: [
      { label: 'User ID (Username)', value: username },
      { label: 'Domain', value: address },
      { label: 'Password', value: password },
      { label: 'Transport', value: transport },
    ],
  },
};

export const PHONES = Object.keys(GUIDES) as Phone[];

type Known = Pick<DeviceAnswer, 'username' | 'connection'>;

export interface FilledField {
  label: string;
  /** Null: the password, which nobody knows any more. */
  text: string | null;
  /** Chosen in the phone's menu, not typed. */
  isChoice: boolean;
}

/** The fields of a phone with the values of one device. */
export function filledFields({ fields }: Guide, { username: user, connection }: Known): FilledField[] {
  const { server: host, port: at, transport: by } = connection;
  const isTls = by === 'tls';
  const whole = at === (isTls ? 5061 : 5060) ? host : `${host}:${at}`;
  const texts = {
    server: host,
    port: String(at),
    username: user,
    transport: by.toUpperCase(),
    address: whole,
    login: `${user}@${whole}`,
    tlsProxy: `sip:${host}:${at};transport=tls`,
  };
  return fields
    .filter(({ isForTls }) => !isForTls || isTls)
    .map(({ label, value }) => {
      if ('choose' in value) return { label, text: value.choose, isChoice: true };
      if (value.of === 'password') return { label, text: null, isChoice: false };
      return { label, text: texts[value.of], isChoice: value.of === 'transport' };
    });
}
