import { describe, expect, test } from 'vitest';
import { carrierEndpoints, parseRange } from './carrier-addresses.ts';

const match = (listed: [trunkId: string, address: string][]) =>
  carrierEndpoints(listed.map(([trunkId, address]) => ({ trunkId, address }))).map(({ trunkIds, match }) => ({
    trunks: trunkIds.join('+'),
    match,
  }));

describe('carrierEndpoints', () => {
  test('an address that one trunk lists is that trunk', () => {
    expect(carrierEndpoints([{ trunkId: 'a', address: '192.0.2.1' }])).toEqual([
      { endpoint: 'trunk-a', trunkIds: ['a'], match: ['192.0.2.1/32'] },
    ]);
  });

  test('an address that two trunks list is an endpoint of its own, whatever the order', () => {
    const one = carrierEndpoints([
      { trunkId: 'a', address: '192.0.2.1' },
      { trunkId: 'b', address: '192.0.2.1' },
    ]);
    const other = carrierEndpoints([
      { trunkId: 'b', address: '192.0.2.1' },
      { trunkId: 'a', address: '192.0.2.1' },
    ]);
    expect(one).toEqual(other);
    expect(one[0]?.endpoint).toMatch(/^shared-[0-9a-f]{32}$/);
    expect(one).toHaveLength(1);
  });

  test('only the overlap of two networks is shared, and no two rows overlap', () => {
    expect(
      match([
        ['a', '192.0.2.0/29'],
        ['b', '192.0.2.4'],
      ]),
    ).toEqual([
      { trunks: 'a+b', match: ['192.0.2.4/32'] },
      { trunks: 'a', match: ['192.0.2.0/30', '192.0.2.5/32', '192.0.2.6/31'] },
    ]);
  });

  test('an address listed twice by one trunk is not shared', () => {
    expect(
      match([
        ['a', '192.0.2.0/24'],
        ['a', '192.0.2.7'],
      ]).every(({ trunks }) => trunks === 'a'),
    ).toBe(true);
  });

  test('host bits of a CIDR are ignored', () => {
    expect(match([['a', '192.0.2.77/24']])).toEqual([{ trunks: 'a', match: ['192.0.2.0/24'] }]);
  });

  test('the whole of IPv4', () => {
    expect(match([['a', '0.0.0.0/0']])).toEqual([{ trunks: 'a', match: ['0.0.0.0/0'] }]);
  });

  test('IPv6', () => {
    expect(match([['a', '2001:db8::/127']])).toEqual([{ trunks: 'a', match: ['2001:db8:0:0:0:0:0:0/127'] }]);
  });
});

describe('parseRange', () => {
  test.each(['', 'carrier.example', '192.0.2.1/33', '192.0.2.1/', '192.0.2.1/8/8', '192.0.2', '::1/129'])(
    'refuses %j',
    (address) => {
      expect(() => parseRange(address)).toThrow('neither an IP address nor a CIDR');
    },
  );
});
