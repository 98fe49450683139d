import { describe, expect, it } from 'vitest';
import { parseNetworks, parsePort, parsePortRange, withFlags } from './installation.ts';

describe('withFlags', () => {
  it('remembers what was said, and changes what is said again', () => {
    const first = withFlags(null, { sipPort: 25060, publicAddress: '203.0.113.5' });
    const second = withFlags(first, { webPort: 28080 });
    expect(second.sip).toEqual({
      bind: '0.0.0.0',
      port: 25060,
      tlsPort: 5061,
      carrierTlsPort: 5062,
      publicAddress: '203.0.113.5',
    });
    expect(second.web.port).toBe(28080);
    expect(withFlags(second, { publicAddress: '' }).sip.publicAddress).toBeNull();
  });

  it('goes back to the own database on an empty URL', () => {
    const external = withFlags(null, { databaseUrl: 'postgres://owner@db.example/littlepbx' });
    expect(external.db.isExternal).toBe(true);
    expect(withFlags(external, {}).db.isExternal).toBe(true);
    expect(withFlags(external, { databaseUrl: '' }).db.isExternal).toBe(false);
  });

  it('refuses ports that collide, and names both flags', () => {
    expect(() => withFlags(null, { webPort: 5060 })).toThrow(/--sip-port and --web-port are both 5060/);
    expect(() => withFlags(null, { sipPort: 10_500 })).toThrow(/--sip-port 10500 lies within --rtp-ports/);
    expect(() => withFlags(null, { rtpPorts: { from: 20_000, to: 20_002 } })).toThrow(/too small/);
  });
});

describe('ports as text', () => {
  it('reads ranges', () => expect(parsePortRange('24000-24999')).toEqual({ from: 24_000, to: 24_999 }));
  it.each(['', '24000', '24999-24000', '80-90', '60000-70000', 'a-b'])('refuses the range %j', (text) => {
    expect(() => parsePortRange(text)).toThrow(/10000-19999/);
  });
  it.each(['0', '65536', '-1', '80a', ''])('refuses the port %j', (text) => expect(() => parsePort(text)).toThrow());
});

describe('networks as text', () => {
  it('reads several, and none', () => {
    expect(parseNetworks('10.0.0.0/8,fd00::/8')).toEqual(['10.0.0.0/8', 'fd00::/8']);
    expect(parseNetworks('')).toEqual([]);
    expect(withFlags(withFlags(null, { webhookNetworks: ['10.0.0.0/8'] }), {}).webhooks.networks).toHaveLength(1);
  });
  it.each(['10.0.0.0', '10.0.0.0/33', 'x/8', '::/129'])('refuses %j', (text) => {
    expect(() => parseNetworks(text)).toThrow(/network/);
  });
});
