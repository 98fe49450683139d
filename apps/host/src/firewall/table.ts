/**
 * The installation's own nftables table: who is kept from its SIP ports, and how fast the others may ask. It concerns no
 * other port and no other installation, and what other tables drop they drop all the same.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Installation, Paths } from '../install/installation.ts';

/** What the brain writes (`apps/server/src/protection.ts`). */
export interface Bans {
  banned: { network: string; until: number | null }[];
  allowed: string[];
}

export const NO_BANS: Bans = { banned: [], allowed: ['127.0.0.1/32', '::1/128'] };

/** Null for anything but what a brain writes: it runs as nobody special, and this becomes a script that root runs. */
export function parseBans(text: string): Bans | null {
  let parsed: Partial<Record<'banned' | 'allowed', unknown>> | null;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  const { banned, allowed } = parsed ?? {};
  if (!Array.isArray(banned) || !Array.isArray(allowed) || !allowed.every(isNetwork)) return null;
  const isBan = (b: { network?: unknown; until?: unknown } | null) =>
    isNetwork(b?.network) && (b?.until === null || Number.isFinite(b?.until));
  return banned.every(isBan) ? { banned, allowed } : null;
}

function isNetwork(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  return (
    family !== 0 &&
    !address.includes('%') &&
    rest.length === 0 &&
    /^\d{1,3}$/.test(bits) &&
    Number(bits) <= (family === 4 ? 32 : 128)
  );
}

/** One per data folder. */
export function tableName({ data }: Pick<Paths, 'data'>): string {
  return `littlepbx_${createHash('sha256').update(data).digest('hex').slice(0, 12)}`;
}

/**
 * Requests a second from one address, and how many more at once: an office of some hundred phones registers anew within
 * seconds, and no phone asks for more. The first four bytes of a request are its method's.
 */
const LIMITS = [
  { name: 'register', bytes: 'REGI', rate: 50, burst: 200 },
  { name: 'invite', bytes: 'INVI', rate: 30, burst: 100 },
  { name: 'options', bytes: 'OPTI', rate: 20, burst: 60 },
] as const;
/** New TCP connections, and UDP packets of whatever kind. */
const CONNECTIONS = { rate: 20, burst: 200 };
const PACKETS = { rate: 400, burst: 1500 };

const FAMILIES = [
  { n: 4, type: 'ipv4_addr', address: 'ip saddr', source: 'ip saddr' },
  { n: 6, type: 'ipv6_addr', address: 'ip6 saddr', source: 'ip6 saddr & ffff:ffff:ffff:ffff::' },
] as const;

/** The whole table, in one transaction: at no moment is it missing or empty. */
export function tableScript(name: string, sip: Installation['sip'], state: Bans, now: number): string {
  const dynamic = (set: string, type: string) =>
    `set ${set} { type ${type}; size 65535; flags dynamic,timeout; timeout 10s; }`;
  const sets = FAMILIES.flatMap(({ n, type }) => [
    `set banned${n} { type ${type}; flags interval,timeout; }`,
    `set allowed${n} { type ${type}; flags interval; auto-merge; }`,
    ...[...LIMITS.map((l) => l.name), 'connections', 'packets'].map((limit) => dynamic(`${limit}${n}`, type)),
  ]);
  const over = (set: string, source: string, { rate, burst }: { rate: number; burst: number }) =>
    `update @${set} { ${source} limit rate over ${rate}/second burst ${burst} packets } counter drop`;
  const rules = FAMILIES.flatMap(({ n, address, source }) => [
    `${address} @allowed${n} accept`,
    `${address} @banned${n} counter drop`,
    ...LIMITS.map((l) => `@ih,0,32 0x${Buffer.from(l.bytes).toString('hex')} ${over(l.name + n, source, l)}`),
    `tcp flags & (syn|ack) == syn ${over(`connections${n}`, source, CONNECTIONS)}`,
    `meta l4proto udp ${over(`packets${n}`, source, PACKETS)}`,
  ]);
  const to =
    sip.bind === '0.0.0.0' || sip.bind === '::' ? '' : `${isIP(sip.bind) === 6 ? 'ip6' : 'ip'} daddr ${sip.bind} `;
  return [
    `table inet ${name}`,
    `delete table inet ${name}`,
    `table inet ${name} {`,
    ...sets,
    `chain sip {`,
    ...rules,
    '}',
    'chain input {',
    'type filter hook input priority filter - 10; policy accept;',
    `${to}udp dport ${sip.port} jump sip`,
    `${to}tcp dport { ${sip.port}, ${sip.tlsPort}, ${sip.carrierTlsPort} } jump sip`,
    '}',
    '}',
    elements(name, state, now),
  ].join('\n');
}

/** The sets of addresses alone; what is over by now is left out. */
export function setsScript(name: string, state: Bans, now: number): string {
  const flushed = FAMILIES.flatMap(({ n }) => [
    `flush set inet ${name} banned${n}`,
    `flush set inet ${name} allowed${n}`,
  ]);
  return [...flushed, elements(name, state, now)].join('\n');
}

function elements(name: string, { banned, allowed }: Bans, now: number): string {
  const familyOf = (network: string) => isIP(network.split('/')[0] ?? '');
  const lines: string[] = [];
  for (const { n } of FAMILIES) {
    const out = banned
      .filter((b) => familyOf(b.network) === n && (b.until === null || b.until > now))
      .map((b) =>
        b.until === null ? b.network : `${b.network} timeout ${Math.max(1, Math.ceil((b.until - now) / 1000))}s`,
      );
    const ok = allowed.filter((network) => familyOf(network) === n);
    if (out.length > 0) lines.push(`add element inet ${name} banned${n} { ${out.join(', ')} }`);
    if (ok.length > 0) lines.push(`add element inet ${name} allowed${n} { ${ok.join(', ')} }`);
  }
  return `${lines.join('\n')}\n`;
}
