import { describe, expect, it } from 'vitest';
import type { Extension } from './organization.ts';
import { Complaints, checkExtension, checkName, checkTrunk, completeTrunk, missingForwards } from './validation.ts';

const fields = (check: (c: Complaints) => unknown): string[] => {
  const c = new Complaints();
  check(c);
  return c.fields.map((f) => f.field);
};

describe('names', () => {
  it.each(['Anna', "O'Brien & Söhne (Berlin), #2", '山田', 'Ольга', '🙂 Desk'])('%s is fine', (name) => {
    expect(fields((c) => checkName(c, 'name', name))).toEqual([]);
  });
  it.each([
    '',
    '   ',
    'x'.repeat(101),
    'a"b',
    '<sip:x>',
    'a;b',
    'a\\b',
    'a\r\nVia: x',
    'nul\u0000',
    '\ud800',
    '$' + '{SHELL}',
    '\u202egnp',
  ])('%j is not', (name) => {
    expect(fields((c) => checkName(c, 'name', name))).toEqual(['name']);
  });
});

describe('extensions', () => {
  const good: Extension = {
    id: 'e1',
    number: '101',
    name: 'Anna',
    ringTimeInS: 20,
    forwardAlways: null,
    forwardBusy: null,
    doNotDisturb: false,
    forwardNoAnswer: null,
    outboundNumber: null,
    language: null,
  };
  const context = { country: 'GB', numbers: new Set(['+442079460100']), others: new Map([['102', 'e2']]) };
  const wrong = (change: Partial<Extension>) => fields((c) => checkExtension(c, { ...good, ...change }, context));

  it('may have good values', () => {
    const e = { ...good, forwardBusy: '102', forwardNoAnswer: '020 7946 0199', outboundNumber: '020 7946 0100' };
    const c = new Complaints();
    expect(checkExtension(c, e, context)).toMatchObject({ outboundNumber: '+442079460100', forwardBusy: '102' });
    expect(c.refusal()).toBeNull();
    expect(wrong({ forwardAlways: '' })).toEqual([]);
  });

  it.each([
    [{ number: '1' }, 'number'],
    [{ number: '123456789' }, 'number'],
    [{ number: '*43' }, 'number'],
    [{ number: '999' }, 'number'],
    [{ ringTimeInS: 4 }, 'ringTimeInS'],
    [{ ringTimeInS: 121 }, 'ringTimeInS'],
    [{ ringTimeInS: Number.NaN }, 'ringTimeInS'],
    [{ forwardAlways: '101' }, 'forwardAlways'],
    [{ forwardBusy: '999' }, 'forwardBusy'],
    [{ forwardNoAnswer: '*43' }, 'forwardNoAnswer'],
    [{ forwardNoAnswer: 'sip:eve@x' }, 'forwardNoAnswer'],
    [{ outboundNumber: '+442079460101' }, 'outboundNumber'],
  ] as const)('refuses %j', (change, field) => {
    expect(wrong(change)).toEqual([field]);
  });

  it('may forward to an extension that is still to come, and apply finds the ones that never came', () => {
    expect(wrong({ forwardAlways: '103' })).toEqual([]);
    expect(
      missingForwards({ ...good, forwardAlways: '103', forwardBusy: '102' }, 'GB', new Set(['101', '102'])),
    ).toEqual(['forwardAlways']);
  });
});

describe('trunks', () => {
  const wrong = (t: Parameters<typeof completeTrunk>[1]) => fields((c) => checkTrunk(c, completeTrunk('t1', t)));

  it('are filled in', () => {
    expect(completeTrunk('t1', { name: 'C', host: '203.0.113.7' })).toMatchObject({
      isInbound: true,
      isOutbound: true,
      addresses: ['203.0.113.7'],
      codecs: ['alaw', 'ulaw'],
    });
    expect(wrong({ name: 'C', host: '203.0.113.7' })).toEqual([]);
    expect(wrong({ name: 'C', host: 'sip.example.net', addresses: ['203.0.113.0/24', '2001:db8::/32'] })).toEqual([]);
    expect(wrong({ name: 'C', host: 'sip.example.net', register: true, username: 'u', password: 'p' })).toEqual([]);
  });

  it.each([
    [{ host: 'sip.example.net' }, ['addresses']],
    [{ host: 'sip.example.net', register: true }, ['username', 'password']],
    [{ host: '203.0.113.300' }, ['host', 'addresses']],
    [{ host: 'a;b', isInbound: false }, ['host']],
    [{ host: 'x.net:5060', isInbound: false }, ['host']],
    [{ host: '203.0.113.7', port: 0 }, ['port']],
    [{ host: '203.0.113.7', isInbound: false, isOutbound: false }, ['isInbound']],
    [{ host: '203.0.113.7', addresses: ['0.0.0.0/0'] }, ['addresses.0']],
    [
      { host: '203.0.113.7', addresses: ['203.0.113.0/33', 'x', '::/0'] },
      ['addresses.0', 'addresses.1', 'addresses.2'],
    ],
    [{ host: '203.0.113.7', fromUser: 'a>b' }, ['fromUser']],
    [{ host: '203.0.113.7', password: 'a\r\nb' }, ['password']],
    [{ host: '203.0.113.7', fromDomain: 'a b' }, ['fromDomain']],
    [{ host: '203.0.113.7', outboundProxy: 'p.net;lr' }, ['outboundProxy']],
    [{ host: '203.0.113.7', outboundProxy: 'sip:p.net:5080' }, []],
    [{ host: '203.0.113.7', codecs: [] }, ['codecs']],
  ] as const)('%j', (t, expected) => {
    expect(wrong({ name: 'C', ...t } as never)).toEqual(expected);
  });
});
