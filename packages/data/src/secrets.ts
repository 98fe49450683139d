import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '@littlepbx/core/tenancy/stores';

const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

/** Randomness and digests of node:crypto. */
export const nodeSecrets: Secrets = {
  random: (length, alphabet) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join(''),
  md5: (text) => hash('md5', text),
  sha256: (text) => hash('sha256', text),
  equal(a, b) {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
  },
};
