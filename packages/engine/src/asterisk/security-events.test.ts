import { expect, test } from 'vitest';
import { SCANNER_ENDPOINT, scannerRows } from './scanners.ts';
import { readSecurityEvent } from './security-events.ts';

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
