/** Digest authentication, both sides (RFC 3261 section 22, RFC 8760 for SHA-256). */

import { createHash, randomBytes } from 'node:crypto';

export type DigestAlgorithm = 'MD5' | 'SHA-256';

export interface Challenge {
  realm: string;
  nonce: string;
  algorithm: DigestAlgorithm | null;
  opaque: string | null;
  hasQop: boolean;
}

const hash = (algorithm: DigestAlgorithm, text: string): string =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text)
    .digest('hex');

/** Parameters of a `Digest …` header value. */
export const parseDigest = (value: string): Record<string, string> => {
  const params: Record<string, string> = {};
  for (const match of value
    .replace(/^\s*Digest\s+/i, '')
    .matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    params[match[1]!.toLowerCase()] = match[2] ?? match[3] ?? '';
  }
  return params;
};

/** Null for schemes and algorithms we do not speak. */
export const parseChallenge = (value: string): Challenge | null => {
  if (!/^\s*Digest\s/i.test(value)) return null;
  const params = parseDigest(value);
  const named = (params.algorithm ?? 'MD5').toUpperCase();
  if (named !== 'MD5' && named !== 'SHA-256') return null;
  return {
    realm: params.realm ?? '',
    nonce: params.nonce ?? '',
    algorithm: params.algorithm === undefined ? null : named,
    opaque: params.opaque ?? null,
    hasQop: (params.qop ?? '').split(',').some((qop) => qop.trim() === 'auth'),
  };
};

/** Picks the wanted algorithm, else the first challenge (as SIP.js does). Null when none fits. */
export const chooseChallenge = (values: readonly string[], wanted: DigestAlgorithm | 'first'): Challenge | null => {
  const known = values.map(parseChallenge).filter((challenge) => challenge !== null);
  if (wanted === 'first') return known[0] ?? null;
  return known.find((challenge) => (challenge.algorithm ?? 'MD5') === wanted) ?? null;
};

export interface Credentials {
  username: string;
  password: string;
}

/** Value for `Authorization` or `Proxy-Authorization`. `count` is the nonce count, from 1. */
export const authorize = (
  challenge: Challenge,
  { username, password }: Credentials,
  method: string,
  uri: string,
  count = 1,
): string => {
  const algorithm = challenge.algorithm ?? 'MD5';
  const ha1 = hash(algorithm, `${username}:${challenge.realm}:${password}`);
  const ha2 = hash(algorithm, `${method}:${uri}`);
  const nc = count.toString(16).padStart(8, '0');
  const cnonce = randomBytes(8).toString('hex');
  const response = challenge.hasQop
    ? hash(algorithm, `${ha1}:${challenge.nonce}:${nc}:${cnonce}:auth:${ha2}`)
    : hash(algorithm, `${ha1}:${challenge.nonce}:${ha2}`);
  const parts = [
    `username="${username}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
  ];
  if (challenge.algorithm) parts.push(`algorithm=${challenge.algorithm}`);
  if (challenge.opaque !== null) parts.push(`opaque="${challenge.opaque}"`);
  if (challenge.hasQop) parts.push('qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`);
  return `Digest ${parts.join(', ')}`;
};

/** Value for `WWW-Authenticate`. */
export const challengeText = (realm: string, nonce: string, algorithm: DigestAlgorithm): string =>
  `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"`;

/** Whether an `Authorization` value was made with the password, for the nonce and algorithm we gave. */
export const verify = (
  value: string,
  method: string,
  password: string,
  expected: { nonce: string; algorithm: DigestAlgorithm },
): boolean => {
  const p = parseDigest(value);
  if (p.nonce !== expected.nonce) return false;
  const ha1 = hash(expected.algorithm, `${p.username}:${p.realm}:${password}`);
  const ha2 = hash(expected.algorithm, `${method}:${p.uri}`);
  const wanted = p.qop
    ? hash(expected.algorithm, `${ha1}:${p.nonce}:${p.nc}:${p.cnonce}:${p.qop}:${ha2}`)
    : hash(expected.algorithm, `${ha1}:${p.nonce}:${ha2}`);
  return p.response === wanted;
};
