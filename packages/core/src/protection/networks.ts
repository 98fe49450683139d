/** Addresses and the networks they stand for. */
import { BlockList, isIP, isIPv6 } from 'node:net';

/** A mapped IPv4 address is IPv4 (`::ffff:192.0.2.7`). Null for what is no address. */
export function canonicalAddress(text: string): string | null {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  const address = mapped ?? text;
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return null;
  // The URL parser writes the one canonical form of an IPv6 address.
  return family === 4 ? address : new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/**
 * What is banned when this address is: itself, or the /64 of an IPv6 address, of which its holder has 2^64.
 * @returns a CIDR
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return `${address}/32`;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const all = [...first, ...Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last];
  return `${new URL(`http://[${all.slice(0, 4).join(':')}::]/`).hostname.slice(1, -1)}/64`;
}

/** Null for what is neither an address nor a CIDR; else the CIDR. */
export function canonicalNetwork(text: string): string | null {
  const [ip = '', length, ...rest] = text.trim().split('/');
  const address = canonicalAddress(ip);
  if (address === null || rest.length > 0) return null;
  const bits = isIPv6(address) ? 128 : 32;
  if (length === undefined) return `${address}/${bits}`;
  return /^\d{1,3}$/.test(length) && Number(length) <= bits ? `${address}/${Number(length)}` : null;
}

/** A set of networks that can be asked for an address. Entries that are no networks are left out. */
export class Networks {
  readonly #list = new BlockList();
  readonly #all: string[] = [];

  constructor(networks: Iterable<string>) {
    for (const entry of networks) {
      const network = canonicalNetwork(entry);
      if (network === null) continue;
      const [address = '', bits] = network.split('/');
      this.#list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
      this.#all.push(network);
    }
  }

  /** CIDRs. */
  get all(): readonly string[] {
    return this.#all;
  }

  has(address: string): boolean {
    return this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}
