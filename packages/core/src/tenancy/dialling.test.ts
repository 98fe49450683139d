import { describe, expect, it } from 'vitest';
import { carrierNumber, normalise, toE164 } from './dialling.ts';
import { emergencyNumbers } from './emergency.ts';

const has =
  (...numbers: string[]) =>
  (number: string) =>
    numbers.includes(number);

describe('what is dialled', () => {
  it.each([
    ['101', 'DE', { kind: 'extension', number: '101' }],
    ['112', 'DE', { kind: 'emergency', number: '112' }],
    ['110', 'DE', { kind: 'emergency', number: '110' }],
    ['911', 'US', { kind: 'emergency', number: '911' }],
    ['911', 'DE', { kind: 'extension', number: '911' }],
    ['000', 'AU', { kind: 'emergency', number: '000' }],
    ['*43', 'GB', { kind: 'feature', code: '*43' }],
    ['', 'GB', { kind: 'invalid' }],
    ['anna', 'GB', { kind: 'invalid' }],
    ['+', 'GB', { kind: 'invalid' }],
    ['020 7946', 'GB', { kind: 'extension', number: '0207946' }],
    ['99999999999999999', 'GB', { kind: 'invalid' }],
  ] as const)('%s in %s', (dialled, country, expected) => {
    expect(normalise(dialled, country)).toEqual(expected);
  });

  it.each([
    ['020 7946 0123', 'GB', '+442079460123', 'GB', 'fixed'],
    ['00 49 30 901820', 'GB', '+4930901820', 'DE', 'fixed'],
    ['011 44 20 7946 0123', 'US', '+442079460123', 'GB', 'fixed'],
    ['+1 (202) 555-0123', 'DE', '+12025550123', 'US', 'fixed-or-mobile'],
    ['2025550123', 'US', '+12025550123', 'US', 'fixed-or-mobile'],
    ['09012345678', 'GB', '+449012345678', 'GB', 'premium'],
    ['0900 1 234567', 'DE', '+499001234567', 'DE', 'premium'],
    ['0800 1234567', 'DE', '+498001234567', 'DE', 'toll-free'],
    ['0180 5 123456', 'DE', '+491805123456', 'DE', 'shared-cost'],
    ['8 (495) 123-45-67', 'RU', '+74951234567', 'RU', 'fixed'],
    ['+870773111632', 'GB', '+870773111632', null, 'mobile'],
  ] as const)('%s in %s is %s', (dialled, country, e164, of, type) => {
    expect(normalise(dialled, country)).toMatchObject({ kind: 'outside', e164, country: of, type });
  });

  it('gives an extension precedence over a national number of the same digits, and an emergency over both', () => {
    expect(normalise('22345678', 'NO', has('22345678'))).toEqual({ kind: 'extension', number: '22345678' });
    expect(normalise('22345678', 'NO', has('101'))).toMatchObject({ kind: 'outside', e164: '+4722345678' });
    expect(normalise('112', 'NO', has('112'))).toEqual({ kind: 'emergency', number: '112' });
  });
});

it('reads numbers as people and carriers write them', () => {
  expect(toE164('030/901820-0', 'DE')).toBe('+49309018200');
  expect(toE164('x', 'DE')).toBeNull();
  expect(toE164('12', 'DE')).toBeNull();
  for (const text of ['+442079460100', '442079460100', '00442079460100', '02079460100']) {
    expect(carrierNumber(text, 'GB'), text).toBe('+442079460100');
  }
  expect(carrierNumber('12025550123', 'US')).toBe('+12025550123');
  expect(carrierNumber('anonymous', 'GB')).toBeNull();
});

it('knows emergency numbers of countries, and a default for the rest', () => {
  expect(emergencyNumbers('GB')).toEqual(['112', '999']);
  expect(emergencyNumbers('US')).toContain('911');
  expect(emergencyNumbers('JP')).toEqual(['110', '119']);
  expect(emergencyNumbers('XX')).toEqual(['112', '911']);
  expect(emergencyNumbers('constructor')).toEqual(['112', '911']);
});
