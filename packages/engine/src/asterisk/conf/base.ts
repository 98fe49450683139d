/** Paths, limits, logs, media. */
import { dirname } from 'node:path/posix';
import type { ConfSettings } from './index.ts';
import { section } from './section.ts';

export function asteriskConf({ paths, maxCalls }: ConfSettings): string {
  return [
    section('directories', [
      ['astetcdir', paths.etc],
      ['astmoddir', paths.modules],
      ['astvarlibdir', paths.lib],
      ['astdbdir', dirname(paths.stateDb)],
      ['astkeydir', paths.lib],
      ['astdatadir', paths.data],
      ['astagidir', `${paths.share}/agi-bin`],
      ['astspooldir', paths.spool],
      ['astrundir', paths.run],
      ['astlogdir', paths.log],
    ]),
    section('options', [
      ['maxcalls', maxCalls],
      ['live_dangerously', 'no'],
      ['hideconnect', 'yes'],
      ['languageprefix', 'yes'],
      ['defaultlanguage', 'en'],
      // Silence towards a caller who waits for an application keeps NAT bindings and far-end media timers alive.
      ['transmit_silence', 'yes'],
      ['dumpcore', 'no'],
    ]),
  ].join('');
}

export function loggerConf(): string {
  return [
    section('general', [
      ['dateformat', '%F %T.%3q'],
      ['use_callids', 'yes'],
      ['appendhostname', 'no'],
      ['queue_log', 'no'],
      ['rotatestrategy', 'rotate'],
    ]),
    section('logfiles', [
      ['messages.log', 'warning,error'],
      // Failed log-ins and unknown sources with their address, for ban lists. Not `security` (res_security_log): it also
      // writes every challenge and success, 680 bytes per registration, 2 GB a day with 5,000 phones.
      ['security.log', 'notice'],
    ]),
  ].join('');
}

export function rtpConf({ rtp }: ConfSettings): string {
  return section('general', [
    ['rtpstart', rtp.from],
    ['rtpend', rtp.to],
    ['strictrtp', 'yes'],
    ['icesupport', 'no'],
  ]);
}

export function musicOnHoldConf({ paths }: ConfSettings): string {
  return section('default', [
    ['mode', 'files'],
    ['directory', `${paths.share}/moh`],
    ['sort', 'random'],
  ]);
}

export function indicationsConf(): string {
  return [
    section('general', [['country', 'us']]),
    section('us', [
      ['description', 'United States'],
      ['ringcadence', '2000,4000'],
      ['dial', '350+440'],
      ['busy', '480+620/500,0/500'],
      ['ring', '440+480/2000,0/4000'],
      ['congestion', '480+620/250,0/250'],
      ['callwaiting', '440/300,0/10000'],
      ['dialrecall', '!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440'],
      ['record', '1400/500,0/15000'],
      ['info', '!950/330,!1400/330,!1800/330,0'],
      ['stutter', '!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440'],
    ]),
  ].join('');
}

/**
 * No `batch`: with it the driver holds a transaction open and reads an old snapshot until its own next write, so
 * what the brain commits would not be seen.
 */
export function sqliteConf({ paths }: ConfSettings): string {
  return [
    section('config', [
      ['dbfile', paths.configDb],
      ['requirements', 'warn'],
      ['batch', 0],
      ['busy_timeout', 1000],
    ]),
    section('state', [
      ['dbfile', paths.stateDb],
      ['requirements', 'warn'],
      ['batch', 0],
      ['busy_timeout', 1000],
    ]),
  ].join('');
}

export function extconfigConf({ hasFirewall }: ConfSettings): string {
  const inConfig = [
    'ps_endpoints',
    'ps_auths',
    'ps_aors',
    'ps_registrations',
    'ps_endpoint_id_ips',
    ...(hasFirewall ? [] : ['ps_acls']),
    'lpbx_extensions',
    'lpbx_emergency',
    'lpbx_numbers',
    'musiconhold',
  ];
  return [
    '[settings]\n',
    ...inConfig.map((table) => `${table} => sqlite3,config,${table}\n`),
    'lpbx_fallback_calls => sqlite3,state,fallback_calls\n',
  ].join('');
}
