/**
 * SIP: transports and what holds for all endpoints. Endpoints themselves are realtime rows (`../rows.ts`).
 */
import { type Digest, SIP_REALM } from '../../directory.ts';
import type { ConfSettings } from './index.ts';
import { type Setting, section } from './section.ts';

/**
 * Named in endpoint rows. Whether a certificate is verified is a matter of the transport, so TLS has two: `tls` for phones, and
 * for carriers whose certificate nobody wants verified; `verifiedTls` for the other carriers.
 */
export const TRANSPORTS = { udp: 'udp', tcp: 'tcp', tls: 'tls', verifiedTls: 'tls-verified' } as const;

/** Challenges in the order offered: SIP.js takes the first and knows only MD5. */
export const DIGEST_ALGORITHMS: Record<Digest, string> = {
  md5: 'MD5',
  'sha-256': 'SHA-256',
  both: 'MD5,SHA-256',
};

export function pjsipConf({ sip, paths }: ConfSettings): string {
  const nat: Setting[] = sip.publicAddress
    ? [
        ['external_media_address', sip.publicAddress],
        ['external_signaling_address', sip.publicAddress],
        ...sip.localNets.map((net): Setting => ['local_net', net]),
      ]
    : [];
  const keepAlive: Setting[] = [
    ['tcp_keepalive_enable', 'yes'],
    ['tcp_keepalive_idle_time', 30],
    ['tcp_keepalive_interval_time', 10],
    ['tcp_keepalive_probe_count', 3],
  ];
  const tls = (port: number, ...more: Setting[]): Setting[] => [
    ['type', 'transport'],
    ['protocol', 'tls'],
    ['bind', `${sip.bind}:${port}`],
    ['cert_file', paths.certFile],
    ['priv_key_file', paths.keyFile],
    ...more,
    // One version alone, that is what pjproject makes of it. Without `method` it is TLS 1.0 (tried).
    ['method', 'tlsv1_2'],
    ...keepAlive,
    ...nat,
  ];
  return [
    section('system', [
      ['type', 'system'],
      // Timer B, after which a carrier that does not answer at all is given up, is 64 times T1 (RFC 3261, 17.1.1.2): 32 s of
      // silence for the caller with the default of 500 ms, 13 s with this. Longer round trips only mean a retransmission more.
      ['timer_t1', 200],
      ['timer_b', 12_800],
    ]),
    section('global', [
      ['type', 'global'],
      ['user_agent', 'LittlePBX'],
      // With the default order a trunk's address captures every phone behind the same address (seen).
      // `header` finds scanners, see `../scanners.ts`; last but one, so that only strangers pay for it.
      ['endpoint_identifier_order', 'username,header,ip'],
      ['default_realm', SIP_REALM],
      // What an unknown user is challenged with: the same as a device with the default setting.
      ['default_auth_algorithms_uas', DIGEST_ALGORITHMS.md5],
      ['default_auth_algorithms_uac', DIGEST_ALGORITHMS.both],
      // Else each request costs up to three look-ups more, `user@domain` and aliases; usernames are unique anyway.
      ['disable_multi_domain', 'yes'],
      ['ignore_uri_user_options', 'yes'],
      ['contact_expiration_check_interval', 30],
      ['keep_alive_interval', 60],
      ['mwi_disable_initial_unsolicited', 'yes'],
      ['default_from_user', 'littlepbx'],
      ['allow_sending_180_after_183', 'yes'],
    ]),
    section(TRANSPORTS.udp, [['type', 'transport'], ['protocol', 'udp'], ['bind', `${sip.bind}:${sip.port}`], ...nat]),
    section(TRANSPORTS.tcp, [
      ['type', 'transport'],
      ['protocol', 'tcp'],
      ['bind', `${sip.bind}:${sip.port}`],
      ...keepAlive,
      ...nat,
    ]),
    section(TRANSPORTS.tls, tls(sip.tlsPort, ['ca_list_file', paths.caFile])),
    section(
      TRANSPORTS.verifiedTls,
      tls(
        sip.carrierTlsPort,
        // Both are read at each connection, so an authority that comes or goes needs no word to the engine.
        ['ca_list_file', paths.authoritiesFile],
        ['ca_list_path', paths.authoritiesFolder],
        ['verify_server', 'yes'],
        ['allow_wildcard_certs', 'yes'],
      ),
    ),
  ].join('');
}

/** Name of the cache of carrier addresses, for AMI's `SorceryMemoryCachePopulate`. */
export const IDENTIFY_CACHE = 'identify';

/** Tables whose objects the engine caches one by one, and the names of the caches. */
export const CACHED_TABLES = { ps_endpoints: 'endpoint', ps_auths: 'auth', ps_aors: 'aor' } as const;

/** Bounds what the brain could not expire: it died between its transaction and its word to the engine. */
const CACHE_LIFETIME_IN_S = 600;

/**
 * Where each kind of object lives.
 *
 * Objects are cached, because making one of a row costs more than reading it: without, each call costs the engine a fifth
 * more (15.5 against 19.8 ms of CPU with the brain, 8.8 against 11.4 by `Dial()`). Whoever changes a row must expire it.
 *
 * Contacts stay in Asterisk's own store, which measured faster than our SQLite file: it commits in the background, so
 * 5,000 phones register at 300/s with 99.9 % under 5 ms. In our file each REGISTER would be a transaction of its own; with
 * the driver's `batch` the transaction stays open meanwhile and hides what the brain deletes.
 *
 * Carrier addresses are compared one by one, for each request that no username matches: 200 rows cost 3 ms of CPU per
 * carrier call and 6 ms per stray request. So all of them are cached; whoever changes them must repopulate the cache.
 *
 * Access lists cannot be cached (`memory_cache` holds none of them, tried), so each request reads them: only where nothing
 * else keeps banned addresses out.
 */
export function sorceryConf({ hasFirewall }: Pick<ConfSettings, 'hasFirewall'>): string {
  return [
    section('res_pjsip', [
      ...Object.entries(CACHED_TABLES).flatMap(([table, type]): Setting[] => [
        [`${type}/cache`, `memory_cache,name=${type},object_lifetime_maximum=${CACHE_LIFETIME_IN_S}`],
        [type, `realtime,${table}`],
      ]),
      ['contact', 'astdb,registrar'],
    ]),
    section('res_pjsip_endpoint_identifier_ip', [
      ['identify/cache', `memory_cache,name=${IDENTIFY_CACHE},full_backend_cache=yes,expire_on_reload=yes`],
      ['identify', 'realtime,ps_endpoint_id_ips'],
    ]),
    section('res_pjsip_outbound_registration', [['registration', 'realtime,ps_registrations']]),
    hasFirewall ? '' : section('acl', [['acl', 'realtime,ps_acls']]),
  ].join('');
}
