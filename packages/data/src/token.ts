import { randomBytes, randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A new API token; 40 characters of secret are 238 bits. */
export function makeToken(): string {
  const secret = Array.from({ length: 40 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `lpbx_${randomBytes(8).toString('hex')}_${secret}`;
}

/** The two parts of `lpbx_<id>_<secret>`, or null when it does not look like one. */
export { parseToken } from '@littlepbx/core/tenancy/token';
