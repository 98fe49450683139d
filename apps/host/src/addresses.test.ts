import { expect, it } from 'vitest';
import { isPrivate, networkOf } from './addresses.ts';

it.each([
  ['10.1.2.3/24', '10.1.2.0/24'],
  ['192.168.77.200/20', '192.168.64.0/20'],
  ['203.0.113.5/32', '203.0.113.5/32'],
  ['203.0.113.5/0', '0.0.0.0/0'],
])('the network of %s is %s', (cidr, network) => expect(networkOf(cidr)).toBe(network));

it.each([
  ['10.0.0.1', true],
  ['172.31.0.1', true],
  ['172.32.0.1', false],
  ['192.168.0.1', true],
  ['100.64.0.1', true],
  ['203.0.113.5', false],
])('%s is private: %s', (address, expected) => expect(isPrivate(address)).toBe(expected));
