/** The two doors of the brain, ARI and AMI. Both are for this machine alone. */
import type { ConfSettings } from './index.ts';
import { section } from './section.ts';

export function httpConf({ ari }: ConfSettings): string {
  return section('general', [
    ['enabled', 'yes'],
    ['bindaddr', ari.host],
    ['bindport', ari.port],
    ['sessionlimit', 50],
    ['session_inactivity', 30000],
    ['session_keep_alive', 15000],
    ['enable_static', 'no'],
    ['enable_status', 'no'],
  ]);
}

export function ariConf({ ari }: ConfSettings): string {
  return [
    section('general', [
      ['enabled', 'yes'],
      ['pretty', 'no'],
      // The default of 100 ms closes the socket on a brain that pauses for one garbage collection.
      ['websocket_write_timeout', 1000],
    ]),
    section(ari.user, [
      ['type', 'user'],
      ['read_only', 'no'],
      ['password', ari.password],
      ['password_format', 'plain'],
    ]),
  ].join('');
}

/**
 * What calls and first requests cause and nobody reads. Without this each of them wakes the thread of every connection, which then finds that it
 * may not pass it on: 0.4 ms of CPU per call.
 */
const UNREAD_EVENTS = [
  ...['Newchannel', 'Newstate', 'Newexten', 'NewConnectedLine', 'NewCallerid', 'Hangup', 'HangupRequest'],
  ...['SoftHangupRequest', 'BridgeCreate', 'BridgeDestroy', 'BridgeEnter', 'BridgeLeave', 'DialBegin', 'DialState'],
  ...['DialEnd', 'Hold', 'Unhold', 'DTMFBegin', 'DTMFEnd', 'MusicOnHoldStart', 'MusicOnHoldStop', 'RTCPSent'],
  ...['RTCPReceived', 'DeviceStateChange', 'ContactStatus', 'PeerStatus', 'ChallengeSent'],
];

export function managerConf({ ami }: ConfSettings): string {
  return [
    section('general', [
      ['enabled', 'yes'],
      ['webenabled', 'no'],
      ['bindaddr', ami.host],
      ['port', ami.port],
      ['displayconnects', 'no'],
      ['authtimeout', 5],
      ['authlimit', 5],
      ['disabledevents', UNREAD_EVENTS.join(',')],
    ]),
    section(ami.user, [
      ['secret', ami.password],
      ['deny', '0.0.0.0/0.0.0.0'],
      ['permit', '127.0.0.1/255.255.255.255'],
      // Of events those of security alone; `system` covers contacts, registrations, maintenance and reloads by name. `command` is for
      // the lengths of the engine's queues, which nothing else tells; `system` alone could do as much harm already.
      ['read', 'security'],
      ['write', 'system,command'],
      ['writetimeout', 1000],
    ]),
  ].join('');
}

/**
 * Messages inside Asterisk that nobody here reads: every variable that is set, some 50 a call with those that bridges set by
 * themselves, and the steps that its own tests look for. Each would become JSON with the whole channel for ARI, which then
 * throws it away, and text for AMI. Asterisk exits at start when a type is declined that AMI names itself (DTMF, music, hold:
 * seen), so only types are here that it takes as they come.
 */
export function stasisConf(): string {
  return [
    section('taskpool', [
      ['minimum_size', 5],
      ['initial_size', 5],
      ['idle_timeout_sec', 20],
      ['max_size', 50],
    ]),
    section('declined_message_types', [
      ['decline', 'ast_channel_varset_type'],
      ['decline', 'ast_test_suite_message_type'],
    ]),
  ].join('');
}
