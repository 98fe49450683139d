/** G.711 µ-law and A-law (ITU-T G.711), by table. */

export type Codec = 'PCMU' | 'PCMA';

/** Static payload types of RFC 3551, table 4. */
export const PAYLOAD_TYPE: Record<Codec, number> = { PCMU: 0, PCMA: 8 };

const linearOfUlaw = (byte: number): number => {
  const u = ~byte & 0xff;
  const magnitude = ((((u & 0x0f) << 3) + 0x84) << ((u & 0x70) >> 4)) - 0x84;
  return u & 0x80 ? -magnitude : magnitude;
};

const linearOfAlaw = (byte: number): number => {
  const a = byte ^ 0x55;
  const segment = (a & 0x70) >> 4;
  const base = ((a & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? base : (base + 0x100) << (segment - 1);
  return a & 0x80 ? magnitude : -magnitude;
};

const table = (decode: (byte: number) => number): Int16Array =>
  Int16Array.from({ length: 256 }, (_, byte) => decode(byte));

/** The nearest code word of each of the 65,536 samples, found by walking the sorted code words once. */
const inverse = (decoded: Int16Array): Uint8Array => {
  const sorted = [...decoded.keys()].sort((a, b) => decoded[a]! - decoded[b]!);
  const codes = new Uint8Array(65_536);
  let i = 0;
  for (let sample = -32_768; sample < 32_768; sample++) {
    while (
      i + 1 < sorted.length &&
      Math.abs(decoded[sorted[i + 1]!]! - sample) <= Math.abs(decoded[sorted[i]!]! - sample)
    ) {
      i++;
    }
    codes[sample + 32_768] = sorted[i]!;
  }
  return codes;
};

const DECODED: Record<Codec, Int16Array> = { PCMU: table(linearOfUlaw), PCMA: table(linearOfAlaw) };
const ENCODED: Record<Codec, Uint8Array> = { PCMU: inverse(DECODED.PCMU), PCMA: inverse(DECODED.PCMA) };

export const encode = (codec: Codec, samples: Int16Array): Buffer => {
  const codes = ENCODED[codec];
  return Buffer.from(Uint8Array.from(samples, (sample) => codes[sample + 32_768]!));
};

export const decode = (codec: Codec, payload: Uint8Array): Int16Array => {
  const decoded = DECODED[codec];
  return Int16Array.from(payload, (byte) => decoded[byte]!);
};
