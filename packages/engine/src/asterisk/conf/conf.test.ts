// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is Asterisk's syntax here
import { describe, expect, test } from 'vitest';
import { type ConfSettings, renderConf } from './index.ts';
import { section } from './section.ts';

const settings: ConfSettings = {
  sip: { bind: '0.0.0.0', port: 5060, tlsPort: 5061, carrierTlsPort: 5062, publicAddress: null, localNets: [] },
  rtp: { from: 10000, to: 10100 },
  ari: { host: '127.0.0.1', port: 8088, user: 'brain', password: 'ari;secret' },
  ami: { host: '127.0.0.1', port: 5038, user: 'brain', password: 'ami-secret' },
  paths: {
    etc: '/e/etc',
    configDb: '/e/db/config.sqlite3',
    stateDb: '/e/db/state.sqlite3',
    spool: '/e/spool',
    log: '/e/log',
    run: '/e/run',
    lib: '/e/lib',
    modules: '/m',
    share: '/s',
    data: '/d',
    certFile: '/e/tls/cert.pem',
    keyFile: '/e/tls/key.pem',
    caFile: '/e/tls/ca.pem',
    authoritiesFile: '/e/shared/authorities.pem',
    authoritiesFolder: '/etc/ssl/certs',
  },
  rtpTimeoutInS: 60,
  maxCalls: 100,
  hasFirewall: true,
  hasGuard: true,
};
const conf = renderConf(settings);

test('passwords stand in the one file that needs them, and are escaped', () => {
  const holders = (text: string) => Object.keys(conf).filter((name) => conf[name]?.includes(text));
  expect(holders('ari\\;secret')).toEqual(['ari.conf']);
  expect(holders('ami-secret')).toEqual(['manager.conf']);
});

test('a value cannot bring a line of its own', () => {
  expect(() => section('x', [['key', 'a\nb = c']])).toThrow('not printable');
});

test('a public address is announced, except to local networks', () => {
  const sip = { ...settings.sip, publicAddress: '203.0.113.5', localNets: ['10.0.0.0/8'] };
  const { 'pjsip.conf': pjsip = '' } = renderConf({ ...settings, sip });
  expect(pjsip.match(/external_media_address = 203\.0\.113\.5\n/g)).toHaveLength(4);
  expect(pjsip.match(/local_net = 10\.0\.0\.0\/8\n/g)).toHaveLength(4);
  expect(conf['pjsip.conf']).not.toContain('external_');
});

test('item 12: ARI and AMI listen where they are told, and the manager lets this machine alone in', () => {
  expect(conf['http.conf']).toContain('bindaddr = 127.0.0.1\n');
  expect(conf['manager.conf']).toContain('bindaddr = 127.0.0.1\n');
  expect(conf['manager.conf']).toContain('deny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.1/255.255.255.255\n');
  expect(conf['manager.conf']).toContain('webenabled = no\n');
});

test('item 13: nothing dangerous is allowed in the dialplan', () => {
  expect(conf['asterisk.conf']).toContain('live_dangerously = no\n');
});

test('item 19: media is taken from its learned source alone', () => {
  expect(conf['rtp.conf']).toContain('strictrtp = yes\n');
});

test('banned addresses are looked up by the engine only where no firewall keeps them out', () => {
  expect(conf['sorcery.conf']).not.toContain('ps_acls');
  const without = renderConf({ ...settings, hasFirewall: false });
  expect(without['sorcery.conf']).toContain('[acl]\nacl = realtime,ps_acls\n');
  expect(without['extconfig.conf']).toContain('ps_acls => sqlite3,config,ps_acls\n');
});

describe('modules', () => {
  test('no anonymous callers, no call records, no shell', () => {
    expect(conf['modules.conf']).toContain('autoload = no');
    expect(conf['modules.conf']).not.toMatch(/anonymous|cdr|cel|app_system|func_shell|func_curl|pbx_spool/);
  });
});

describe('dialplan', () => {
  const dialplan = conf['extensions.conf'] ?? '';

  test('user input passes a filter before it is used', () => {
    for (const line of dialplan.split('\n')) {
      for (const input of ['${EXTEN}', '${CALLERID(num)}', '${PJSIP_PARSE_URI_FROM(']) {
        // Caller IDs go unfiltered only from the channel to itself.
        if (line.includes(input) && !line.includes('Set(CALLERID(num)=')) expect(line).toContain('${FILTER(');
      }
    }
  });

  test('parentheses and braces are balanced', () => {
    for (const line of dialplan.split('\n')) {
      for (const [open = '', close = ''] of ['()', '{}', '[]'].map((pair) => pair.split(''))) {
        expect([line, line.split(open).length]).toEqual([line, line.split(close).length]);
      }
    }
  });

  test('every context that takes any number ends its hang-up itself', () => {
    const contexts = dialplan.split(/^\[/m).filter((text) => /exten => _/.test(text));
    expect(contexts).toHaveLength(6);
    for (const context of contexts) expect(context).toContain('exten => h,1,Hangup()');
  });
});
