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
    ]),
    section(ami.user, [
      ['secret', ami.password],
      ['deny', '0.0.0.0/0.0.0.0'],
      ['permit', '127.0.0.1/255.255.255.255'],
      // Of events those of security alone, without the one that every first request causes; `system` covers contacts, registrations, maintenance and reloads by name. `command` is for
      // the lengths of the engine's queues, which nothing else tells; `system` alone could do as much harm already.
      ['read', 'security'],
      ['eventfilter', '!Event: ChallengeSent'],
      ['write', 'system,command'],
      ['writetimeout', 1000],
    ]),
  ].join('');
}

/** Empty: Asterisk exits at start when a message type that AMI uses is declined here (seen). */
export function stasisConf(): string {
  return '[threadpool]\ninitial_size = 5\nidle_timeout_sec = 20\nmax_size = 50\n';
}
