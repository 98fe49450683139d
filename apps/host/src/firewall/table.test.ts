import { describe, expect, test } from 'vitest';
import { parseBans, setsScript, tableName, tableScript } from './table.ts';

const sip = { bind: '0.0.0.0', port: 5060, tlsPort: 5061, carrierTlsPort: 5062, publicAddress: null };
const state = {
  banned: [
    { network: '203.0.113.7/32', until: 61_500 },
    { network: '203.0.113.8/32', until: null },
    { network: '203.0.113.9/32', until: 900 },
    { network: '2001:db8::/64', until: 2000 },
  ],
  allowed: ['127.0.0.1/32', '::1/128'],
};

describe('the table', () => {
  test('holds who is banned, for as long as it lasts, and nobody whose time is over', () => {
    const script = tableScript('t', sip, state, 1000);
    expect(script).toContain('add element inet t banned4 { 203.0.113.7/32 timeout 61s, 203.0.113.8/32 }');
    expect(script).toContain('add element inet t banned6 { 2001:db8::/64 timeout 1s }');
    expect(script).toContain('add element inet t allowed4 { 127.0.0.1/32 }');
    expect(script).not.toContain('203.0.113.9');
  });

  test('concerns the SIP ports of this installation alone, on its address', () => {
    const rules = (bind: string) =>
      tableScript('t', { ...sip, bind }, state, 0)
        .split('\n')
        .filter((line) => line.includes('jump'));
    expect(rules('0.0.0.0')).toEqual(['udp dport 5060 jump sip', 'tcp dport { 5060, 5061, 5062 } jump sip']);
    expect(rules('192.0.2.1')[0]).toBe('ip daddr 192.0.2.1 udp dport 5060 jump sip');
    expect(tableName({ data: '/a' })).not.toBe(tableName({ data: '/b' }));
  });

  test('is brought to a new state without being away', () => {
    expect(setsScript('t', { banned: [], allowed: [] }, 0).trim().split('\n')).toEqual([
      'flush set inet t banned4',
      'flush set inet t allowed4',
      'flush set inet t banned6',
      'flush set inet t allowed6',
    ]);
  });
});

describe('what the brain’s file says', () => {
  test('is read', () => expect(parseBans(JSON.stringify(state))).toEqual(state));

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"banned":[],"allowed":["10.0.0.0"]}',
    '{"banned":[],"allowed":["10.0.0.0/8 } ; flush ruleset ; #/8"]}',
    '{"banned":[{"network":"10.0.0.0/33","until":1}],"allowed":[]}',
    '{"banned":[{"network":"10.0.0.0/8","until":"1; flush ruleset"}],"allowed":[]}',
    '{"banned":[null],"allowed":[]}',
    '{"banned":[{"network":["10.0.0.0/8"],"until":1}],"allowed":[]}',
  ])('%s is refused', (text) => expect(parseBans(text)).toBeNull());
});
