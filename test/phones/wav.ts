/** WAV files of 16-bit PCM: what baresip plays and records. */

export interface Sound {
  rate: number;
  /** The first channel. */
  samples: Int16Array;
}

/** A mono RIFF file. */
export const formatWav = ({ rate, samples }: Sound): Buffer => {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
};

/** Reads a file that may still be written: a data length of 0 or beyond the end means "to the end of the file". */
export const parseWav = (file: Buffer): Sound => {
  if (file.length < 44 || file.toString('latin1', 0, 4) !== 'RIFF') return { rate: 0, samples: new Int16Array() };
  let rate = 0;
  let channels = 1;
  let offset = 12;
  while (offset + 8 <= file.length) {
    const id = file.toString('latin1', offset, offset + 4);
    const size = file.readUInt32LE(offset + 4);
    const start = offset + 8;
    if (id === 'fmt ' && start + 16 <= file.length) {
      channels = file.readUInt16LE(start + 2);
      rate = file.readUInt32LE(start + 4);
    }
    if (id === 'data') {
      const end = size === 0 || start + size > file.length ? file.length : start + size;
      const frames = Math.floor((end - start) / (2 * channels));
      const samples = new Int16Array(frames);
      for (let i = 0; i < frames; i++) samples[i] = file.readInt16LE(start + 2 * channels * i);
      return { rate, samples };
    }
    offset = start + size + (size % 2);
  }
  return { rate, samples: new Int16Array() };
};
