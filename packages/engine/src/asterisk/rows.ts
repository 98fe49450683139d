/**
 * The realtime rows of one organization: what `res_pjsip` and the fallback dialplan look up. Pure; `config-file.ts`
 * stores them.
 *
 * Every look-up column is the primary key `id` (an unindexed one failed 40 % of registrations). The SQLite driver reads
 * NULL as an empty string, so a column that is not a plain string in Asterisk must be set in every row.
 */
import {
  type Codec,
  type DeviceOnEngine,
  type OrganizationOnEngine,
  SIP_REALM,
  type TrunkOnEngine,
} from '../directory.ts';
import { type CarrierEndpoint, trunkEndpoint } from './carrier-addresses.ts';
import { CONTEXTS, MAILBOX_DOMAIN } from './conf/dialplan.ts';
import { DIGEST_ALGORITHMS, TRANSPORTS } from './conf/pjsip.ts';

export type Table =
  | 'ps_endpoints'
  | 'ps_auths'
  | 'ps_aors'
  | 'ps_registrations'
  | 'ps_endpoint_id_ips'
  | 'ps_acls'
  | 'lpbx_extensions'
  | 'lpbx_emergency'
  | 'lpbx_numbers'
  | 'musiconhold';

export interface Row {
  table: Table;
  id: string;
  columns: Record<string, string | number>;
}

export interface RowSettings {
  rtpTimeoutInS: number;
  /** Folder of stored sounds, as the engine sees it. */
  files: string;
}

/** What devices may speak. The first that both ends have is used; Opus first would transcode towards most carriers. */
const DEVICE_CODECS: Codec[] = ['opus', 'g722', 'ulaw', 'alaw'];

/**
 * A suspended organization keeps its phones and lines, since emergency calls pass always. The brain refuses its other
 * calls; without a brain it has no extension to ring and no DID.
 */
export function organizationRows(o: OrganizationOnEngine, settings: RowSettings): Row[] {
  return [
    ...o.devices.flatMap((device) => deviceRows(o, device, settings)),
    ...o.trunks.flatMap((trunk) => trunkRows(o, trunk, settings)),
    ...fallbackRows(o),
    ...musicRows(o, settings),
  ];
}

/** Columns that differ between kinds of endpoint, empty where one has nothing to say: they are text in Asterisk. */
const EMPTY = {
  accountcode: '',
  tenantid: '',
  moh_suggest: '',
  transport: '',
  aors: '',
  auth: '',
  outbound_auth: '',
  outbound_proxy: '',
  from_user: '',
  from_domain: '',
  callerid: '',
  mailboxes: '',
  language: '',
};

/** Where an endpoint is reached. Asterisk sends OPTIONS to no phone or carrier by itself; the time-out is its own default. */
export const aor = (id: string, columns: Row['columns']): Row => ({
  table: 'ps_aors',
  id,
  columns: {
    minimum_expiration: 60,
    default_expiration: 300,
    maximum_expiration: 600,
    support_path: 'no',
    qualify_frequency: 0,
    qualify_timeout: 3,
    ...columns,
  },
});

interface EndpointColumns extends Partial<typeof EMPTY> {
  context: string;
  allow: string;
}

/** The row that devices, carriers and scanners have in common. */
export function endpoint(
  id: string,
  kind: 'device' | 'carrier',
  isSecure: boolean,
  columns: EndpointColumns,
  s: RowSettings,
): Row {
  const isDevice = kind === 'device';
  return {
    table: 'ps_endpoints',
    id,
    columns: {
      ...EMPTY,
      ...columns,
      identify_by: isDevice ? 'username' : 'ip',
      // `any` devices and carriers: SRTP when the far end offers or accepts it.
      media_encryption: isDevice || isSecure ? 'sdes' : 'no',
      media_encryption_optimistic: isDevice && isSecure ? 'no' : 'yes',
      // A carrier may assert identities, and is told them with their privacy; a phone is neither believed nor told.
      trust_id_inbound: isDevice ? 'no' : 'yes',
      trust_id_outbound: isDevice ? 'no' : 'yes',
      send_pai: isDevice ? 'no' : 'yes',
      rewrite_contact: isDevice ? 'yes' : 'no',
      force_rport: 'yes',
      rtp_symmetric: 'yes',
      direct_media: 'no',
      rtp_timeout: s.rtpTimeoutInS,
      rtp_timeout_hold: 3600,
      // RFC 4733 when offered, else INFO; INFO is understood in any case.
      dtmf_mode: 'auto_info',
      // REFER goes to the brain, on legs of both directions, instead of being carried out by Asterisk.
      set_var: 'PJSIP_TRANSFER_HANDLING()=ari-only',
      // res_pjsip_mwi would tell any device the counts of any other's box, whosever it is (docs/progress.md).
      allow_subscribe: 'no',
      allow_overlap: 'no',
      max_video_streams: 0,
      timers: 'yes',
    },
  };
}

function deviceRows(o: OrganizationOnEngine, d: DeviceOnEngine, settings: RowSettings): Row[] {
  const username = checked(d.username, /^[a-z0-9]{4,64}$/, 'device username');
  const isSecure = d.transport === 'tls';
  return [
    endpoint(
      username,
      'device',
      isSecure,
      {
        context: d.isSuspended ? CONTEXTS.suspended[d.transport] : isSecure ? CONTEXTS.secureDevice : CONTEXTS.device,
        allow: codecList(DEVICE_CODECS),
        accountcode: o.id,
        tenantid: o.id,
        moh_suggest: musicOf(o),
        // Empty: the transport it registered by. Set, it also keeps a device that must use TLS from being rung otherwise.
        transport: isSecure ? TRANSPORTS.tls : '',
        // None: 403 to whoever registers (res_pjsip_registrar), after the digest.
        aors: d.isSuspended ? '' : username,
        auth: username,
        // Overrides whatever the phone puts into From.
        callerid: `"${displayName(d.displayName)}" <${checked(d.extension, NUMBER, 'extension')}>`,
        mailboxes: `${checked(d.mailbox, /^[0-9a-f-]{36}$/, 'mailbox')}@${MAILBOX_DOMAIN}`,
        language: checked(d.language, /^[a-z]{2}$/, 'language'),
      },
      settings,
    ),
    {
      table: 'ps_auths',
      id: username,
      columns: {
        auth_type: 'digest',
        username,
        password: '',
        password_digest: `MD5:${checked(d.digestMd5, /^[0-9a-f]{32}$/, 'MD5 digest')},SHA-256:${checked(d.digestSha256, /^[0-9a-f]{64}$/, 'SHA-256 digest')}`,
        realm: SIP_REALM,
        supported_algorithms_uas: DIGEST_ALGORITHMS[d.digest],
        supported_algorithms_uac: DIGEST_ALGORITHMS.both,
      },
    },
    ...(d.isSuspended ? [] : [aor(username, { contact: '', max_contacts: 1, remove_existing: 'yes' })]),
  ];
}

function trunkRows(o: OrganizationOnEngine, t: TrunkOnEngine, settings: RowSettings): Row[] {
  const id = trunkEndpoint(checked(t.id, /^[0-9a-f-]{36}$/, 'trunk id'));
  const server = sipUri(null, t.host, t.port, t.transport);
  const user = t.username ?? '';
  const hasAuth = t.password !== null && (t.authUsername ?? t.username) !== null;
  const outboundProxy = t.outboundProxy ? `${proxyUri(t.outboundProxy, t.transport)};lr` : '';
  const rows: Row[] = [
    endpoint(
      id,
      'carrier',
      t.transport === 'tls',
      {
        context: CONTEXTS.carrier,
        allow: codecList(t.codecs),
        accountcode: o.id,
        tenantid: o.id,
        moh_suggest: musicOf(o),
        transport: transportOf(t),
        aors: id,
        outbound_auth: hasAuth ? id : '',
        outbound_proxy: outboundProxy,
        from_user: t.fromUser ? uriUser(t.fromUser) : '',
        from_domain: t.fromDomain ? hostPart(t.fromDomain) : '',
      },
      settings,
    ),
    aor(id, { contact: server, max_contacts: 0, remove_existing: 'no' }),
  ];
  if (hasAuth) {
    rows.push({
      table: 'ps_auths',
      id,
      columns: {
        auth_type: 'digest',
        username: oneLine(t.authUsername ?? user),
        password: oneLine(t.password ?? ''),
        password_digest: '',
        // Whatever realm the carrier names.
        realm: '',
        supported_algorithms_uas: DIGEST_ALGORITHMS.both,
        supported_algorithms_uac: DIGEST_ALGORITHMS.both,
      },
    });
  }
  if (t.register) {
    rows.push({
      table: 'ps_registrations',
      id,
      columns: {
        server_uri: server,
        client_uri: sipUri(user, t.fromDomain ?? t.host, t.fromDomain ? null : t.port, 'udp'),
        contact_user: uriUser(user),
        outbound_auth: hasAuth ? id : '',
        outbound_proxy: outboundProxy,
        transport: transportOf(t),
        expiration: 300,
        retry_interval: 20,
        forbidden_retry_interval: 60,
        fatal_retry_interval: 60,
        max_retries: 1_000_000,
        auth_rejection_permanent: 'no',
        max_random_initial_delay: 0,
        // A random token in our Contact: a call that comes back with it is this line's, whatever address it is from.
        line: t.isInbound ? 'yes' : 'no',
        endpoint: t.isInbound ? id : '',
      },
    });
  }
  return rows;
}

function transportOf({ transport, verifyCertificate }: TrunkOnEngine): string {
  return transport === 'tls' && verifyCertificate ? TRANSPORTS.verifiedTls : TRANSPORTS[transport];
}

/** The music that this endpoint lets the other hear when it holds. */
const musicOf = (o: OrganizationOnEngine | null): string => (o?.hasMusic ? o.id : 'default');

/** The folder is read anew each time somebody is held, so a file that comes or goes needs no word to the engine. */
function musicRows(o: OrganizationOnEngine, { files }: RowSettings): Row[] {
  if (!o.hasMusic) return [];
  const id = checked(o.id, UUID, 'organization');
  return [
    {
      table: 'musiconhold',
      id,
      columns: { name: id, mode: 'files', directory: `${files}/${id}/music`, sort: 'random' },
    },
  ];
}

function fallbackRows(o: OrganizationOnEngine): Row[] {
  const devices = new Set(o.devices.map((device) => device.username));
  const trunks = new Set(o.trunks.map((trunk) => trunk.id));
  const rows: Row[] = [];
  for (const extension of o.isSuspended ? [] : o.fallback.extensions) {
    const dial = dialString(extension.devices.filter((username) => devices.has(username)));
    if (!dial) continue;
    const number = checked(extension.number, NUMBER, 'extension');
    rows.push({
      table: 'lpbx_extensions',
      id: `${o.id}*${number}`,
      columns: { dial, ring_time: Math.ceil(extension.ringTime) },
    });
  }
  for (const { number, trunkId, callerId } of o.fallback.emergency) {
    if (!trunks.has(trunkId)) continue;
    const digits = checked(number, /^[0-9]{2,8}$/, 'emergency number');
    rows.push({
      table: 'lpbx_emergency',
      id: `${o.id}*${digits}`,
      columns: {
        number: digits,
        dial: `PJSIP/${digits}@${trunkEndpoint(trunkId)}`,
        caller_id: callerId === null ? '' : checked(callerId, /^\+?[0-9]{1,20}$/, 'caller ID'),
      },
    });
  }
  return rows;
}

/** DIDs of an organization, keyed by the carrier endpoints that may bring them. */
export function numberRows(
  o: {
    id: string;
    isSuspended: boolean;
    trunks: Pick<TrunkOnEngine, 'id' | 'isInbound'>[];
    devices: Pick<DeviceOnEngine, 'username'>[];
    fallback: Pick<OrganizationOnEngine['fallback'], 'extensions' | 'numbers'>;
  },
  carriers: CarrierEndpoint[],
): Row[] {
  if (o.isSuspended) return [];
  const extensions = new Map(o.fallback.extensions.map((extension) => [extension.number, extension]));
  const inbound = new Set(o.trunks.filter((trunk) => trunk.isInbound).map((trunk) => trunk.id));
  const devices = new Set(o.devices.map((device) => device.username));
  return o.fallback.numbers.flatMap((number): Row[] => {
    const extension = extensions.get(number.extension);
    const dial = dialString(extension?.devices.filter((username) => devices.has(username)) ?? []);
    if (!extension || !dial) return [];
    const digits = checked(number.e164, /^\+[0-9]{3,15}$/, 'DID').slice(1);
    const trunkIds = number.trunkIds.filter((id) => inbound.has(id));
    const endpoints = new Set(trunkIds.map(trunkEndpoint));
    for (const carrier of carriers) {
      if (carrier.trunkIds.some((id) => trunkIds.includes(id))) endpoints.add(carrier.endpoint);
    }
    return [...endpoints].map((name) => ({
      table: 'lpbx_numbers',
      id: `${name}*${digits}`,
      columns: { organization: o.id, dial, ring_time: Math.ceil(extension.ringTime) },
    }));
  });
}

/** Which addresses are which carrier's, and the endpoints of shared ones. Spans organizations. */
export function carrierRows(carriers: CarrierEndpoint[], settings: RowSettings): Row[] {
  return carriers.flatMap((carrier): Row[] => {
    const identify: Row = {
      table: 'ps_endpoint_id_ips',
      id: carrier.endpoint,
      columns: { endpoint: carrier.endpoint, match: carrier.match.join(','), srv_lookups: 'no' },
    };
    if (carrier.trunkIds.length === 1) return [identify];
    // No tenant: only the DID tells whose call it is.
    const shared = endpoint(
      carrier.endpoint,
      'carrier',
      false,
      {
        context: CONTEXTS.carrier,
        allow: codecList(['g722', 'alaw', 'ulaw', 'opus']),
        moh_suggest: musicOf(null),
      },
      settings,
    );
    return [identify, shared];
  });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NUMBER = /^[0-9*#+]{1,32}$/;

function dialString(usernames: string[]): string {
  return usernames.map((username) => `PJSIP/${checked(username, /^[a-z0-9]{4,64}$/, 'device username')}`).join('&');
}

function codecList(codecs: Codec[]): string {
  return ['!all', ...codecs].join(',');
}

function sipUri(user: string | null, host: string, port: number | null, transport: TrunkOnEngine['transport']): string {
  const at = user === null ? '' : `${uriUser(user)}@`;
  return `sip:${at}${hostPart(host)}${port === null ? '' : `:${port}`}${transport === 'udp' ? '' : `;transport=${transport}`}`;
}

/** `host`, `host:port` or `[ipv6]:port`. */
function proxyUri(proxy: string, transport: TrunkOnEngine['transport']): string {
  const match = /^(?:sip:)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?$/.exec(proxy);
  if (!match?.[1]) throw new Error(`not an outbound proxy: ${JSON.stringify(proxy)}`);
  return sipUri(null, match[1], match[2] ? Number(match[2]) : null, transport);
}

function hostPart(host: string): string {
  if (/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(host)) return `[${host}]`;
  return checked(host, /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)$/, 'host');
}

/** Escapes what RFC 3261 does not allow in a user part. */
function uriUser(user: string): string {
  return encodeURIComponent(user).replaceAll('%2B', '+').replaceAll('%26', '&').replaceAll('%3D', '=');
}

/** Text a user chose, for a quoted string that Asterisk parses without escapes. */
function displayName(name: string): string {
  return name
    .replace(/[\p{Cc}"<>\\]/gu, ' ')
    .trim()
    .slice(0, 80);
}

function oneLine(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new Error('control character in a trunk credential');
  return text;
}

function checked(value: string, pattern: RegExp, what: string): string {
  if (!pattern.test(value)) throw new Error(`${what} not fit for the engine: ${JSON.stringify(value)}`);
  return value;
}
