/**
 * A signed POST to an address that somebody typed (https://www.standardwebhooks.com). It goes to no address of this machine or
 * of a private network unless that is allowed: the address that is checked is the one that is connected to, so a name cannot
 * change its mind in between (DNS rebinding), and a redirect is an error, not a way.
 */
import { createHmac } from 'node:crypto';
import { type LookupAddress, lookup } from 'node:dns';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { Sent } from '@littlepbx/core/alerts/alert-book';

export interface WebhookCall {
  url: string;
  /** `whsec_` and base64. */
  secret: string;
  /** The same however often it is sent. */
  id: string;
  body: string;
  isPrivateAllowed: boolean;
}

/** Milliseconds for all of it. */
const TIMEOUT = 10_000;

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

class Forbidden extends Error {}

/** Resolves names as Node does, and gives the connection only what it may go to. */
const guarded: NonNullable<RequestOptions['lookup']> = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    const addresses = found as LookupAddress[];
    const allowed = error ? [] : addresses.filter(({ address }) => isPublic(address));
    if (error || allowed.length === 0) {
      done(error ?? new Forbidden('the address is private'), [] as never);
    } else if ((options as { all?: boolean }).all) (done as (e: null, all: LookupAddress[]) => void)(null, allowed);
    else done(null, allowed[0]!.address, allowed[0]!.family);
  });
};

/** `v1,` and the signature of id, time and body. */
export function signature(secret: string, id: string, timestampInS: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampInS}.${body}`).digest('base64')}`;
}

/** 2xx is done. 410 means that nobody wants it there any more; anything else is tried again. */
export function postWebhook(
  { url, secret, id, body, isPrivateAllowed }: WebhookCall,
  timeout = TIMEOUT,
): Promise<Sent> {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (!isPrivateAllowed && isIP(host) !== 0 && !isPublic(host)) {
    return Promise.resolve({ kind: 'never', reason: 'the address is private' });
  }
  const timestampInS = Math.floor(Date.now() / 1000);
  return new Promise((resolve) => {
    const request = (target.protocol === 'https:' ? requestHttps : requestHttp)(target, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(timeout),
      ...(isPrivateAllowed ? {} : { lookup: guarded }),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'LittlePBX',
        'webhook-id': id,
        'webhook-timestamp': String(timestampInS),
        'webhook-signature': signature(secret, id, timestampInS, body),
      },
    });
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      // What it says is of no interest, however much it is.
      response.destroy();
      if (status >= 200 && status < 300) resolve({ kind: 'done' });
      else resolve({ kind: status === 410 ? 'never' : 'later', reason: `answered ${status}` });
    });
    request.once('error', (error) => {
      resolve({ kind: error instanceof Forbidden ? 'never' : 'later', reason: error.message });
    });
    request.end(body);
  });
}
