import { expect, test } from 'vitest';
import { contactOf } from './asking.ts';

const asked = (uri: string, address = '192.0.2.7:5060', transport: 'udp' | 'tls' = 'udp') =>
  contactOf({ registration: { username: 'phone', address, transport }, uri });

test('a phone is asked by the URI that it registered with', () => {
  for (const [uri, address] of [
    ['sip:k7p2@192.0.2.7:5060', '192.0.2.7:5060'],
    ['sip:k7p2@192.0.2.7', '192.0.2.7'],
    ['sip:k7p2@192.0.2.7:5060;ob;x-ast-orig-host=10.0.0.5:5062;transport=TCP', '192.0.2.7:5060'],
    ['sip:k7p2@[2001:db8::7]:5060;transport=TLS', '[2001:db8::7]:5060'],
  ] as const) {
    expect(asked(uri, address)).toBe(uri);
  }
});

test('a phone that wants others to be asked in its place is asked itself', () => {
  for (const uri of [
    'sip:x,sip:victim@198.51.100.9:5060,sip:y@192.0.2.7:5060',
    'sip:x%2Csip:victim@198.51.100.9@192.0.2.7:5060',
    'sip:"x"@192.0.2.7:5060',
    'sip:k7p2@198.51.100.9:5060',
    'sip:k7p2@192.0.2.7:5060;Maddr=198.51.100.9',
    'sip:k7p2@192.0.2.7:5060;route="<sip:198.51.100.9>"',
    'sip:k7p2@192.0.2.7:5060\r\nAction: Command',
    'tel:+442079460101',
  ]) {
    expect(asked(uri)).toBe('sip:192.0.2.7:5060');
    expect(asked(uri, '192.0.2.7:5060', 'tls')).toBe('sip:192.0.2.7:5060;transport=tls');
  }
});

test('who has no address is not asked: a name would have to be looked up', () => {
  for (const address of ['', 'victim.example.com:5060', '192.0.2.7:5060:1', '192.0.2.777']) {
    expect(asked(`sip:k7p2@${address}`, address)).toBeNull();
  }
});
