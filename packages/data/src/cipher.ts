/**
 * Passwords that must be sent to others (a carrier, a mail server) at rest: AES-256-GCM under the installation's master
 * key, bound to what they belong to.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** First byte, so that a later scheme can be told apart. */
const SCHEME = 1;
const NONCE = 12;
const TAG = 16;

export class Cipher {
  readonly #key: Buffer;

  /** @param masterKey 32 random bytes */
  constructor(masterKey: Buffer) {
    if (masterKey.length !== 32) throw new Error('the master key must be 32 bytes long');
    this.#key = masterKey;
  }

  /**
   * Scheme, nonce, tag, text.
   * @param owner what the password belongs to: a trunk's id, `setting:mail`
   */
  encrypt(owner: string, password: string): Buffer {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(owner));
    const text = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(SCHEME), nonce, cipher.getAuthTag(), text]);
  }

  /** @throws when it was made with another key, for another owner, or was changed */
  decrypt(owner: string, encrypted: Uint8Array): string {
    const bytes = Buffer.from(encrypted);
    if (bytes[0] !== SCHEME || bytes.length < 1 + NONCE + TAG) throw new Error('not an encrypted password');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(1, 1 + NONCE), { authTagLength: TAG });
    decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(1 + NONCE, 1 + NONCE + TAG));
    return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE + TAG)), decipher.final()]).toString('utf8');
  }
}
