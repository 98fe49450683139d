import { networkInterfaces } from 'node:os';

export interface LocalAddress {
  address: string;
  cidr: string;
}

/** IPv4 addresses of this machine, loopback left out. */
export function localAddresses(): LocalAddress[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((a) => a.family === 'IPv4' && !a.internal)
    .map((a) => ({ address: a.address, cidr: a.cidr ?? `${a.address}/32` }));
}

/** Whether an IPv4 address is of a private network (RFC 1918), carrier NAT (RFC 6598) or link-local (RFC 3927). */
export function isPrivate(address: string): boolean {
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254)
  );
}

/** Network of an interface, `10.1.2.3/24` to `10.1.2.0/24`. */
export function networkOf(cidr: string): string {
  const [address = '0.0.0.0', length = '32'] = cidr.split('/');
  const bits = Number(length);
  const mask = bits === 0 ? 0 : (~0 << (32 - bits)) >>> 0;
  const value = address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
  const network = (value & mask) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join('.')}/${bits}`;
}

/** Networks whose phones see this machine without NAT. */
export function localNetworks(): string[] {
  return [...new Set(['127.0.0.0/8', ...localAddresses().map((a) => networkOf(a.cidr))])];
}

/** What phones are told to register at when nobody said otherwise. */
export function mainAddress(): string {
  return localAddresses()[0]?.address ?? '127.0.0.1';
}
