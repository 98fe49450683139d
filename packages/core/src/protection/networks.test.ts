import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, canonicalNetwork, Networks, networkOf } from './networks.ts';

describe('addresses', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:DB8:0:0:0::7', '2001:db8::7'],
    ['fe80::1%eth0', null],
    ['192.0.2', null],
    ['example.com', null],
    ['', null],
  ])('%s is %s', (text, canonical) => expect(canonicalAddress(text)).toBe(canonical));

  test.each([
    ['192.0.2.7', '192.0.2.7/32'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8::/64'],
    ['::1', '::/64'],
  ])('%s is banned as %s', (address, network) => expect(networkOf(address)).toBe(network));

  test.each([
    ['192.0.2.7', '192.0.2.7/32'],
    [' 10.0.0.0/8 ', '10.0.0.0/8'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['10.0.0.0/33', null],
    ['10.0.0.0/-1', null],
    ['10.0.0.0/8/8', null],
    ['10.0.0.0/', null],
    ['carrier.example', null],
  ])('%s is the network %s', (text, network) => expect(canonicalNetwork(text)).toBe(network));

  test('whatever address there is, its network holds it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = canonicalAddress(text);
        if (address === null) return;
        expect(new Networks([networkOf(address)]).has(address)).toBe(true);
      }),
    );
  });
});
