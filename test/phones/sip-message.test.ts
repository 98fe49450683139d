import { expect, test } from 'vitest';
import { authorize, chooseChallenge, verify } from './digest.ts';
import { formatMessage, parseAddress, parseMessage, parseUri, splitList } from './sip-message.ts';

test('compact and folded headers are read', () => {
  const message = parseMessage(
    'INVITE sip:102@pbx SIP/2.0\r\nv: SIP/2.0/UDP a;branch=z9,\r\n SIP/2.0/UDP b\r\nf: <sip:a@b>;tag=1\r\n\r\nx',
  );
  expect(message?.headers.all('Via')).toEqual(['SIP/2.0/UDP a;branch=z9', 'SIP/2.0/UDP b']);
  expect(message?.headers.get('From')).toBe('<sip:a@b>;tag=1');
  expect(message?.body).toBe('x');
});

test('a message prints as it was read, with its own length', () => {
  const text = 'SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\nContent-Length: 3\r\n\r\nä!';
  expect(formatMessage(parseMessage(text)!)).toBe(text);
});

test('what is no SIP is none', () => {
  expect(parseMessage('GET / HTTP/1.1\r\n\r\n')).toBeNull();
});

test('addresses with quotes, commas and parameters', () => {
  expect(parseAddress('"Doe, \\"Ann\\"" <sip:+4930123@x;user=phone>;tag=q')).toEqual({
    name: 'Doe, "Ann"',
    uri: 'sip:+4930123@x;user=phone',
    params: { tag: 'q' },
  });
  expect(parseAddress('sip:a@b;tag=2')).toEqual({ name: null, uri: 'sip:a@b', params: { tag: '2' } });
  expect(splitList('"a, b" <sip:1@x>, <sip:2@x>')).toEqual(['"a, b" <sip:1@x>', '<sip:2@x>']);
});

test('the parts of a URI', () => {
  expect(parseUri('sip:%2A43:pw@[::1]:5061;transport=tls?Replaces=a%3Bb')).toEqual({
    scheme: 'sip',
    user: '*43',
    host: '[::1]',
    port: 5061,
    params: { transport: 'tls' },
    headers: { replaces: 'a;b' },
  });
});

test('the digest of RFC 8760 in both algorithms is verified, and no other password', () => {
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    const challenge = chooseChallenge(
      [
        'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"',
        'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth,auth-int"',
      ],
      algorithm,
    );
    expect(challenge?.algorithm).toBe(algorithm);
    const value = authorize(challenge!, { username: 'ann', password: 'right' }, 'REGISTER', 'sip:r');
    expect(verify(value, 'REGISTER', 'right', { nonce: 'n', algorithm })).toBe(true);
    expect(verify(value, 'REGISTER', 'wrong', { nonce: 'n', algorithm })).toBe(false);
  }
});

test('the digest example of RFC 2617, section 3.5 without qop', () => {
  const challenge = chooseChallenge(
    ['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'],
    'first',
  );
  const value = authorize(challenge!, { username: 'Mufasa', password: 'Circle Of Life' }, 'GET', '/dir/index.html');
  expect(value).toContain('response="670fd8c2df070c60b045671b8b24ff02"');
});
