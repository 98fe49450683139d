import { expect, test } from 'vitest';
import { parseContact, parseTrunkRegistration } from './directory.ts';

test('a contact of Asterisk’s store is a registration', () => {
  const value = {
    uri: 'sip:phone@192.0.2.7:5071^3Btransport=TLS',
    expiration_time: '1795299549',
    user_agent: 'Phone^3B 1',
  };
  expect(parseContact({ Key: '/registrar/contact/phone;@0a1b', Val: JSON.stringify(value) })).toEqual({
    id: 'phone;@0a1b',
    uri: 'sip:phone@192.0.2.7:5071;transport=TLS',
    registration: {
      username: 'phone',
      address: '192.0.2.7:5071',
      transport: 'tls',
      userAgent: 'Phone; 1',
      expiresAt: 1795299549000,
    },
  });
});

test('the state of a line, and nothing else of the list', () => {
  expect(
    parseTrunkRegistration({ Event: 'OutboundRegistrationDetail', ObjectName: 'trunk-x', Status: 'Rejected' }),
  ).toEqual({ trunkId: 'x', state: 'rejected' });
  expect(parseTrunkRegistration({ Event: 'AuthDetail', ObjectName: 'trunk-x' })).toBeNull();
});
