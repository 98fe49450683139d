/** From tar to file and back: zstd, and age when there is a passphrase. All of it streams. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Decrypter, Encrypter } from 'age-encryption';
import { Failure, messageOf } from '../failure.ts';

type Bytes = ReadableStream<Uint8Array>;

const AGE_MAGIC = Buffer.from('age-encryption.org/v1\n');
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** Of zstd: recordings shrink little, and a call beside it matters more. */
const LEVEL = 3;

/** The bytes of the backup file. */
export async function seal(tar: Bytes, passphrase: string | null): Promise<Readable> {
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants;
  const zstd = createZstdCompress({ params: { [ZSTD_c_compressionLevel]: LEVEL, [ZSTD_c_checksumFlag]: 1 } });
  const source = Readable.fromWeb(tar as never);
  source.on('error', (error) => zstd.destroy(error));
  source.pipe(zstd);
  if (passphrase === null) return zstd;
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  return Readable.fromWeb((await encrypter.encrypt(Readable.toWeb(zstd) as never)) as never);
}

/** Whether a backup file is encrypted; refuses what is no backup at all. */
export async function isEncrypted(file: string): Promise<boolean> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(error.code === 'ENOENT' ? `There is no file ${file}.` : `${file}: ${messageOf(error)}`);
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(AGE_MAGIC.length), 0, AGE_MAGIC.length, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.equals(AGE_MAGIC)) return true;
    if (head.subarray(0, 4).equals(ZSTD_MAGIC)) return false;
    throw new Failure(`${file} is no LittlePBX backup.`);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`${file}: ${messageOf(error)}`);
  } finally {
    await handle.close();
  }
}

/** The tar in a backup file. Damage shows as an error of the stream, a wrong passphrase at once. */
export async function unseal(file: string, passphrase: string | null): Promise<Bytes> {
  const isSealed = await isEncrypted(file);
  if (isSealed && passphrase === null) {
    throw new Failure('The backup is encrypted: give --passphrase-file, or run it at a terminal.');
  }
  let source: Readable = createReadStream(file, { highWaterMark: 1024 * 1024 });
  if (isSealed && passphrase !== null) {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
    const clear = await decrypter.decrypt(Readable.toWeb(source) as never).catch((error: unknown) => {
      source.destroy();
      if (/no identity matched/.test(messageOf(error))) throw new Failure('The passphrase is wrong.');
      throw new Failure(`The backup is damaged: ${messageOf(error)}`);
    });
    source = Readable.fromWeb(clear as never);
  }
  const zstd = createZstdDecompress();
  source.on('error', (error) => zstd.destroy(error));
  source.pipe(zstd);
  return Readable.toWeb(zstd) as never;
}
