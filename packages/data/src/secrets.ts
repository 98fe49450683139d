import { createHash, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secrets } from '@littlepbx/core/tenancy/stores';

const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

/** Some 50 ms and 16 MB each, in a thread of its own. */
const COST = { N: 2 ** 14, r: 8, p: 1 };
const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** Randomness and digests of node:crypto. */
export const nodeSecrets: Secrets = {
  random: (length, alphabet) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join(''),
  md5: (text) => hash('md5', text),
  sha256: (text) => hash('sha256', text),
  async hashPin(pin) {
    const salt = randomBytes(16);
    return `scrypt:${salt.toString('base64')}:${(await derive(pin, salt, 32, COST)).toString('base64')}`;
  },
  async isPin(pin, hashed) {
    const [, salt = '', key = ''] = hashed.split(':');
    const wanted = Buffer.from(key, 'base64');
    const given = await derive(pin, Buffer.from(salt, 'base64'), 32, COST);
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  },
  equal(a, b) {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
  },
};
