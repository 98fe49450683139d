import { createHash, randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secrets } from '@littlepbx/core/tenancy/stores';

const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

/** Some 50 ms and 16 MB each, in a thread of its own. */
const COST = { N: 2 ** 14, r: 8, p: 1 };
/** Some 150 ms and 32 MB each, as OWASP's password storage cheat sheet wants it at least. */
const PASSWORD_COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

async function slowHash(text: string, cost: ScryptOptions): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt:${salt.toString('base64')}:${(await derive(text, salt, 32, cost)).toString('base64')}`;
}

async function isSlowHash(text: string, hashed: string, cost: ScryptOptions): Promise<boolean> {
  const [, salt = '', key = ''] = hashed.split(':');
  const wanted = Buffer.from(key, 'base64');
  const given = await derive(text, Buffer.from(salt, 'base64'), 32, cost);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

/** Randomness and digests of node:crypto. */
export const nodeSecrets: Secrets = {
  random: (length, alphabet) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join(''),
  md5: (text) => hash('md5', text),
  sha256: (text) => hash('sha256', text),
  hashPin: (pin) => slowHash(pin, COST),
  isPin: (pin, hashed) => isSlowHash(pin, hashed, COST),
  // The same letters typed on another machine may come as other code points.
  hashPassword: (password) => slowHash(password.normalize('NFKC'), PASSWORD_COST),
  isPassword: (password, hashed) => isSlowHash(password.normalize('NFKC'), hashed, PASSWORD_COST),
  equal(a, b) {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
  },
};
