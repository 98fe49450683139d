/** Where webhooks may lead: to the public internet, encrypted, and to networks that the operator named. */
import { BlockList, isIP } from 'node:net';
import { Networks } from '../protection/networks.ts';

/** Not the public internet (https://www.iana.org/assignments/iana-ipv4-special-registry, and the one for IPv6). */
const closed = new BlockList();
for (const range of [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24',
  '192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
]) {
  for (const one of range.split(' ')) closed.addSubnet(one.split('/')[0]!, Number(one.split('/')[1]), 'ipv4');
}
/** All that is public begins with 001; within it these are not, or lead to IPv4. */
const open6 = new BlockList();
open6.addSubnet('2000::', 3, 'ipv6');
const closed6 = new BlockList();
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  closed6.addSubnet(net, bits, 'ipv6');
}

/** Whether an address is on the public internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !closed.check(address, 'ipv4');
  return isIP(address) === 6 && open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6');
}

/** Host of a URL as a name, or as an address without brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** What organizations may have called. */
export class WebhookReach {
  readonly #allowed: Networks;

  /** @param networks that are not public, or take unencrypted requests, and may be called all the same: CIDRs */
  constructor(networks: readonly string[]) {
    this.#allowed = new Networks(networks);
  }

  /** Asked of the very address that is connected to. */
  readonly has = (address: string, isEncrypted: boolean): boolean =>
    this.#allowed.has(address) || (isEncrypted && isPublic(address));

  /** Why this cannot be the address of a webhook, as far as that is known before its name is looked up; null: it can. */
  refusalOf(url: URL): string | null {
    const isEncrypted = url.protocol === 'https:';
    if (!isEncrypted && (url.protocol !== 'http:' || this.#allowed.all.length === 0)) {
      return 'must begin with https://';
    }
    if (url.username !== '' || url.password !== '') return 'must hold no name and password';
    const host = hostOf(url);
    if (isIP(host) === 0 || this.has(host, isEncrypted)) return null;
    return isPublic(host) ? 'must begin with https://' : 'must be on the public internet: this one is private';
  }
}
