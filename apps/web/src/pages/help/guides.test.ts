import { describe, expect, it } from 'vitest';
import { filledFields, GUIDES, PHONES } from './guides.ts';

const device = (transport: 'udp' | 'tls', port: number) => ({
  username: 'k7p2m9x4c1q8',
  connection: { server: 'pbx.example.com', port, transport },
});
const textOf = (phone: keyof typeof GUIDES, label: string, d = device('udp', 5060)) =>
  filledFields(GUIDES[phone], d).find((field) => field.label.includes(label))?.text;

describe('how to connect a phone', () => {
  it.each(PHONES)('%s is told user name, server and password', (phone) => {
    const texts = filledFields(GUIDES[phone], device('udp', 5060)).map(({ text }) => text);
    expect(texts).toContain(null);
    expect(texts.join(' ')).toContain('k7p2m9x4c1q8');
    expect(texts.join(' ')).toContain('pbx.example.com');
  });

  it('names the port where it is not the usual one', () => {
    expect(textOf('linphone', 'Domain')).toBe('pbx.example.com');
    expect(textOf('linphone', 'Domain', device('udp', 5070))).toBe('pbx.example.com:5070');
    expect(textOf('linphone', 'Domain', device('tls', 5061))).toBe('pbx.example.com');
    expect(textOf('linphone', 'Domain', device('tls', 5060))).toBe('pbx.example.com:5060');
  });

  it('speaks of encryption to those alone that need it', () => {
    expect(textOf('microsip', 'Media Encryption')).toBeUndefined();
    expect(textOf('microsip', 'Media Encryption', device('tls', 5061))).toContain('SRTP');
    expect(textOf('snom', 'Outbound Proxy', device('tls', 5061))).toBe('sip:pbx.example.com:5061;transport=tls');
  });
});
