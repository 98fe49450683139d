import { expect, test } from 'vitest';
import { deriveKey, newSrtpKey, SrtpStream } from './srtp.ts';

test('session keys are those of RFC 3711, appendix B.3', () => {
  const key = Buffer.from('E1F97A0D3E018BE0D64FA32C06DE4139', 'hex');
  const salt = Buffer.from('0EC675AD498AFEEBB6960B3AABE6', 'hex');
  expect(deriveKey(key, salt, 0, 16).toString('hex')).toBe('c61e7a93744f39ee10734afe3ff7a087');
  expect(deriveKey(key, salt, 2, 14).toString('hex')).toBe('30cbbc08863d8c85d49db34a9ae1');
  expect(deriveKey(key, salt, 1, 20).toString('hex')).toBe('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
});

const packet = (sequence: number): Buffer => {
  const header = Buffer.from('800000000000000012345678', 'hex');
  header.writeUInt16BE(sequence, 2);
  return Buffer.concat([header, Buffer.from('hello')]);
};

test('a stream is understood with its key, across the roll-over of the sequence number', () => {
  const key = newSrtpKey();
  const sender = new SrtpStream(key);
  const receiver = new SrtpStream(key);
  for (const sequence of [65_534, 65_535, 0, 1]) {
    const sealed = sender.protect(packet(sequence));
    expect(sealed.includes('hello')).toBe(false);
    expect(receiver.unprotect(sealed)).toEqual(packet(sequence));
  }
});

test('a changed packet is refused', () => {
  const key = newSrtpKey();
  const sealed = new SrtpStream(key).protect(packet(1));
  sealed[13]! ^= 1;
  expect(new SrtpStream(key).unprotect(sealed)).toBeNull();
});
