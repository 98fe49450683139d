/**
 * SRTP with keys from SDES (RFC 3711, RFC 4568): the one suite every desk phone speaks, AES_CM_128_HMAC_SHA1_80.
 * One object is one direction of one stream.
 */

import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const SUITE = 'AES_CM_128_HMAC_SHA1_80';
const TAG_LENGTH = 10;

/** 16 bytes of master key and 14 of salt, base64, as `inline:` carries them. */
export const newSrtpKey = (): string => randomBytes(30).toString('base64');

const aesCtr = (key: Buffer, iv: Buffer, data: Buffer): Buffer => createCipheriv('aes-128-ctr', key, iv).update(data);

/** RFC 3711, section 4.3.1: key derivation rate 0, index 0. */
export const deriveKey = (masterKey: Buffer, masterSalt: Buffer, label: number, length: number): Buffer => {
  const x = Buffer.concat([masterSalt, Buffer.alloc(2)]);
  x[7]! ^= label;
  return aesCtr(masterKey, x, Buffer.alloc(length));
};

export class SrtpStream {
  readonly #key: Buffer;
  readonly #salt: Buffer;
  readonly #authKey: Buffer;
  #rollover = 0;
  #highest: number | null = null;

  constructor(inlineKey: string) {
    const master = Buffer.from(inlineKey, 'base64');
    const masterKey = master.subarray(0, 16);
    const masterSalt = master.subarray(16, 30);
    this.#key = deriveKey(masterKey, masterSalt, 0, 16);
    this.#authKey = deriveKey(masterKey, masterSalt, 1, 20);
    this.#salt = deriveKey(masterKey, masterSalt, 2, 14);
  }

  protect(packet: Buffer): Buffer {
    const index = this.#indexOf(packet.readUInt16BE(2));
    const encrypted = this.#crypt(packet, index);
    const tag = this.#tag(encrypted, index);
    this.#advance(index);
    return Buffer.concat([encrypted, tag]);
  }

  /** Null when the packet is not genuine. */
  unprotect(packet: Buffer): Buffer | null {
    if (packet.length < 12 + TAG_LENGTH) return null;
    const body = packet.subarray(0, packet.length - TAG_LENGTH);
    const index = this.#indexOf(body.readUInt16BE(2));
    if (!timingSafeEqual(this.#tag(body, index), packet.subarray(packet.length - TAG_LENGTH))) return null;
    this.#advance(index);
    return this.#crypt(body, index);
  }

  /** Packet index from the sequence number (RFC 3711, section 3.3.1 and appendix A). */
  #indexOf(sequence: number): number {
    if (this.#highest === null) return this.#rollover * 65_536 + sequence;
    let rollover = this.#rollover;
    if (this.#highest < 32_768 && sequence - this.#highest > 32_768) rollover -= 1;
    else if (this.#highest >= 32_768 && this.#highest - 32_768 > sequence) rollover += 1;
    return Math.max(rollover, 0) * 65_536 + sequence;
  }

  #advance(index: number): void {
    if (this.#highest !== null && index <= this.#rollover * 65_536 + this.#highest) return;
    this.#rollover = Math.floor(index / 65_536);
    this.#highest = index % 65_536;
  }

  #crypt(packet: Buffer, index: number): Buffer {
    const iv = Buffer.alloc(16);
    packet.copy(iv, 4, 8, 12);
    iv.writeUIntBE(index, 8, 6);
    for (let i = 0; i < 14; i++) iv[i]! ^= this.#salt[i]!;
    const start = headerLength(packet);
    return Buffer.concat([packet.subarray(0, start), aesCtr(this.#key, iv, packet.subarray(start))]);
  }

  #tag(packet: Buffer, index: number): Buffer {
    const rollover = Buffer.alloc(4);
    rollover.writeUInt32BE(Math.floor(index / 65_536));
    return createHmac('sha1', this.#authKey).update(packet).update(rollover).digest().subarray(0, TAG_LENGTH);
  }
}

/** Bytes of the RTP header with CSRCs and extension (RFC 3550, section 5.1 and 5.3.1). */
export const headerLength = (packet: Buffer): number => {
  const fixed = 12 + 4 * (packet[0]! & 0x0f);
  if ((packet[0]! & 0x10) === 0 || packet.length < fixed + 4) return fixed;
  return fixed + 4 + 4 * packet.readUInt16BE(fixed + 2);
};
