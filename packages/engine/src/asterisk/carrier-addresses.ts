/**
 * Which carrier endpoint an INVITE's source address belongs to, when trunks of several organizations may list the same
 * or overlapping addresses. Asterisk takes the first identify row that matches, in no defined order, so rows must not
 * overlap: the lists are cut into ranges that each belong to one exact set of trunks.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';

export interface ListedAddress {
  trunkId: string;
  /** IP address or CIDR. */
  address: string;
}

export interface CarrierEndpoint {
  /** `trunk-<id>`, or `shared-<hash>` for an address that several trunks list. */
  endpoint: string;
  trunkIds: string[];
  /** CIDRs. */
  match: string[];
}

const TRUNK_PREFIX = 'trunk-';

export function trunkEndpoint(trunkId: string): string {
  return `${TRUNK_PREFIX}${trunkId}`;
}

/** The trunk of an endpoint; null for a device, or an address that several trunks list. */
export function trunkOf(endpoint: string): string | null {
  return endpoint.startsWith(TRUNK_PREFIX) ? endpoint.slice(TRUNK_PREFIX.length) : null;
}

interface Range {
  family: 4 | 6;
  from: bigint;
  /** One after the last. */
  to: bigint;
}

export function carrierEndpoints(listed: ListedAddress[]): CarrierEndpoint[] {
  const endpoints = new Map<string, CarrierEndpoint>();
  for (const family of [4, 6] as const) {
    const edges: { at: bigint; trunkId: string; opens: boolean }[] = [];
    for (const { trunkId, address } of listed) {
      const range = parseRange(address);
      if (range.family !== family) continue;
      edges.push({ at: range.from, trunkId, opens: true }, { at: range.to, trunkId, opens: false });
    }
    edges.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));

    // Counted, because a trunk may list an address twice.
    const open = new Map<string, number>();
    for (const [i, edge] of edges.entries()) {
      const count = (open.get(edge.trunkId) ?? 0) + (edge.opens ? 1 : -1);
      if (count > 0) open.set(edge.trunkId, count);
      else open.delete(edge.trunkId);

      const next = edges[i + 1];
      if (!next || next.at === edge.at || open.size === 0) continue;
      const trunkIds = [...open.keys()].sort();
      const endpoint = trunkIds.length === 1 ? trunkEndpoint(trunkIds[0]!) : sharedEndpoint(trunkIds);
      const entry = endpoints.get(endpoint) ?? { endpoint, trunkIds, match: [] };
      entry.match.push(...cidrs({ family, from: edge.at, to: next.at }));
      endpoints.set(endpoint, entry);
    }
  }
  return [...endpoints.values()].sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1));
}

function sharedEndpoint(trunkIds: string[]): string {
  return `shared-${createHash('sha256').update(trunkIds.join(' ')).digest('hex').slice(0, 32)}`;
}

export function parseRange(address: string): Range {
  const [ip = '', length, ...rest] = address.split('/');
  const family = isIP(ip);
  const bits = family === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if ((family !== 4 && family !== 6) || rest.length > 0 || prefix < 0 || prefix > bits) {
    throw new Error(`neither an IP address nor a CIDR: ${JSON.stringify(address)}`);
  }
  const size = 1n << BigInt(bits - prefix);
  const value = family === 4 ? parseIpv4(ip) : parseIpv6(ip);
  const from = value - (value % size);
  return { family, from, to: from + size };
}

function parseIpv4(ip: string): bigint {
  return ip.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseIpv6(ip: string): bigint {
  // The URL parser writes the canonical form, with an embedded IPv4 address as hexadecimal; one `::` at most is left.
  const canonical = new URL(`http://[${ip}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return all.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

/** The fewest CIDRs that cover the range exactly. */
function cidrs({ family, from, to }: Range): string[] {
  const bits = family === 4 ? 32 : 128;
  const result: string[] = [];
  for (let at = from; at < to; ) {
    let prefix = bits;
    while (prefix > 0) {
      const size = 1n << BigInt(bits - prefix + 1);
      if (at % size !== 0n || at + size > to) break;
      prefix--;
    }
    result.push(`${print(family, at)}/${prefix}`);
    at += 1n << BigInt(bits - prefix);
  }
  return result;
}

function print(family: 4 | 6, value: bigint): string {
  const [count, width, radix, separator] = family === 4 ? [4, 8n, 10, '.'] : [8, 16n, 16, ':'];
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    parts.unshift((value % (1n << width)).toString(radix));
    value >>= width;
  }
  return parts.join(separator);
}
