import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { SecurityEvent } from '../security.ts';
import { SCANNER_ENDPOINT, scannerRows } from './scanners.ts';
import { AsteriskSecurityEvents, readSecurityEvent } from './security-events.ts';

const event = (Event: string, more: Record<string, string> = {}) =>
  readSecurityEvent({
    Event,
    Service: 'PJSIP',
    AccountID: '100',
    RemoteAddress: 'IPV4/UDP/203.0.113.7/5071',
    ...more,
  });

test('what Asterisk tells of those who fail, and whether the address is surely theirs', () => {
  const who = { account: '100', address: '203.0.113.7', transport: 'udp' };
  expect(event('InvalidAccountID')).toEqual({ ...who, failure: 'unknown-account', isProven: false });
  expect(event('ChallengeResponseFailed')).toEqual({ ...who, failure: 'wrong-password', isProven: true });
  expect(event('SuccessfulAuth')).toEqual({ ...who, failure: null, isProven: true });
  expect(event('FailedACL')).toMatchObject({ failure: 'refused-address' });
  expect(event('FailedACL', { AccountID: SCANNER_ENDPOINT })).toMatchObject({ failure: 'scanner', isProven: false });
  expect(event('InvalidAccountID', { RemoteAddress: 'IPV6/TLS/2001:db8::7/5071' })).toMatchObject({
    address: '2001:db8::7',
    transport: 'tls',
    isProven: true,
  });
});

test('whoever fails with a password is told of, and all who come after', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.write('Asterisk Call Manager/11.0.0\r\n');
    socket.once('data', () => {
      const failed = (account: string, name: string, more = '') =>
        `Event: ${name}\r\nService: PJSIP\r\nAccountID: ${account}\r\nRemoteAddress: IPV4/UDP/192.0.2.7/5071\r\n${more}\r\n`;
      socket.write(
        `Response: Success\r\nMessage: Authentication accepted\r\n\r\n${failed('ann', 'ChallengeResponseFailed', 'Challenge: 1/2\r\nResponse: 0123456789abcdef\r\nExpectedResponse: \r\n')}${failed('bob', 'InvalidAccountID')}`,
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const events = new AsteriskSecurityEvents({ host: '127.0.0.1', port, user: 'u', password: 'p' });
  try {
    const seen: SecurityEvent[] = [];
    await new Promise<void>((resolve) => {
      events.onEvent((one) => {
        seen.push(one);
        if (one.account === 'bob') resolve();
      });
      events.start();
    });
    expect(seen.map(({ account, failure }) => [account, failure])).toEqual([
      ['ann', 'wrong-password'],
      ['bob', 'unknown-account'],
    ]);
    expect(connections).toBe(1);
  } finally {
    events.close();
    server.close();
  }
});

test('the manager’s own log-ins, challenges and broken events are no concern', () => {
  expect(event('SuccessfulAuth', { Service: 'AMI' })).toBeNull();
  expect(event('ChallengeSent')).toBeNull();
  expect(event('InvalidAccountID', { RemoteAddress: '' })).toBeNull();
  expect(event('InvalidAccountID', { RemoteAddress: 'IPV4/SCTP/1.2.3.4/1' })).toBeNull();
});

test('scanners are known in any case of their letters, phones are none', () => {
  const header = scannerRows({ rtpTimeoutInS: 60, files: '/files' })[1]?.columns.match_header as string;
  const pattern = new RegExp(/^User-Agent: \/(.*)\/$/.exec(header)?.[1] ?? '');
  for (const agent of [
    'friendly-scanner',
    'Friendly-Scanner',
    'sipcli/v1.8',
    'VaxSIPUserAgent/3.1',
    'pplsip',
    'SIPVICIOUS',
  ]) {
    expect(agent).toMatch(pattern);
  }
  for (const agent of [
    'Yealink SIP-T46S 66.85.0.5',
    'PolycomVVX-VVX_411-UA/5.9',
    'Grandstream GXP2170 1.0',
    'Zoiper v2.10',
    'LinphoneAndroid/5.0',
    'snom821/8.7',
    'SIP.js/0.21',
    'baresip v1.1',
    'MicroSIP/3.21',
  ]) {
    expect(agent).not.toMatch(pattern);
  }
});
