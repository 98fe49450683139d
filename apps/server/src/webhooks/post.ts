/**
 * A signed POST to an address that somebody typed (https://www.standardwebhooks.com). The address that is checked is the one
 * that is connected to, so a name cannot change its mind in between (DNS rebinding), and a redirect is an answer, not a way.
 */
import { createHmac } from 'node:crypto';
import { type LookupAddress, lookup } from 'node:dns';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { hostOf } from '@littlepbx/core/webhooks/reach';
import type { WebhookFault } from '@littlepbx/core/webhooks/webhook';

export interface WebhookCall {
  url: string;
  /** `whsec_` and base64; one signature for each. */
  secrets: readonly string[];
  /** The same however often it is sent. */
  id: string;
  body: string;
  /** Whether an address may be connected to. */
  mayReach(address: string, isEncrypted: boolean): boolean;
  /** Milliseconds for all of it. */
  timeout?: number;
}

/** What came of it: an answer, whatever it is, or none. */
export type Posted = { status: number; answer: string } | { status: null; fault: WebhookFault; reason: string };

const TIMEOUT = 15_000;
/** More of an answer is not read. Bytes. */
const MAX_ANSWER = 4_096;
const MAX_HEADERS = 8_192;

class Forbidden extends Error {}

/** Resolves names as Node does, and gives the connection only what it may go to. */
function guarded(mayReach: (address: string) => boolean): NonNullable<RequestOptions['lookup']> {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const addresses = found as LookupAddress[];
      const allowed = error ? [] : addresses.filter(({ address }) => mayReach(address));
      if (error || allowed.length === 0) {
        done(error ?? new Forbidden('the address is private'), [] as never);
      } else if ((options as { all?: boolean }).all) (done as (e: null, all: LookupAddress[]) => void)(null, allowed);
      else done(null, allowed[0]!.address, allowed[0]!.family);
    });
  };
}

/** `v1,` and the signature of id, time and body. */
export function signature(secret: string, id: string, timestampInS: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampInS}.${body}`).digest('base64')}`;
}

/** Never rejects. */
export function postWebhook({ url, secrets, id, body, mayReach, timeout = TIMEOUT }: WebhookCall): Promise<Posted> {
  const target = new URL(url);
  const isEncrypted = target.protocol === 'https:';
  const mayGo = (address: string) => mayReach(address, isEncrypted);
  const host = hostOf(target);
  // An address that is written as such is not looked up.
  if (isIP(host) !== 0 && !mayGo(host)) {
    return Promise.resolve({ status: null, fault: 'address-refused', reason: 'the address is private' });
  }
  const timestampInS = Math.floor(Date.now() / 1000);
  return new Promise((resolve) => {
    const request = (isEncrypted ? requestHttps : requestHttp)(target, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(timeout),
      lookup: guarded(mayGo),
      maxHeaderSize: MAX_HEADERS,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'LittlePBX',
        'webhook-id': id,
        'webhook-timestamp': String(timestampInS),
        'webhook-signature': secrets.map((secret) => signature(secret, id, timestampInS, body)).join(' '),
      },
    });
    request.once('response', (response) => void beginningOf(response).then(resolve));
    request.once('error', (error) => resolve({ status: null, fault: faultOf(error), reason: error.message }));
    request.end(body);
  });
}

/** The status counts, even when what follows it never ends. */
function beginningOf(response: IncomingMessage): Promise<Posted> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const end = (): void => {
      response.destroy();
      const answer = Buffer.concat(parts).subarray(0, MAX_ANSWER).toString('utf8');
      resolve({ status: response.statusCode ?? 0, answer });
    };
    response.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size >= MAX_ANSWER) end();
    });
    response.once('end', end).once('error', end).once('close', end);
  });
}

function faultOf(error: Error & { code?: string }): WebhookFault {
  const { code = '' } = error;
  if (error instanceof Forbidden) return 'address-refused';
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || code === 'ETIMEDOUT') return 'no-answer';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name-unknown';
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO/.test(code)) return 'certificate-refused';
  return 'unreachable';
}
