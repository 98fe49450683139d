import { statSync } from 'node:fs';
import { join } from 'node:path';
import { knownPassphrase, newPassphrase } from '../backup/passphrase.ts';
import { readBackup } from '../backup/read-backup.ts';
import { isEncrypted } from '../backup/seal.ts';
import { writeBackup } from '../backup/write-backup.ts';
import { megabytes } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { checkPrivileges, loadInstalled } from '../install/install.ts';
import { withLock } from '../lock.ts';
import { readPidFile } from '../processes/process-id.ts';
import { Progress } from '../progress.ts';

export interface BackupOptions {
  data: string;
  file: string;
  /** Encrypt, with a passphrase asked for at the terminal. */
  encrypt: boolean;
  passphraseFile: string | undefined;
}

/** Backs a running installation up into one file. */
export async function backup({ data, file, encrypt, passphraseFile }: BackupOptions): Promise<void> {
  checkPrivileges();
  const installed = await loadInstalled(data);
  const { paths, installation } = installed;
  if (!installation.db.isExternal && readPidFile(join(paths.run, 'db.pid')) === null) {
    throw new Failure(
      `The database does not run, and it must for a backup. Start it: ./littlepbx up --detach --data ${data}`,
    );
  }
  const passphrase = encrypt || passphraseFile !== undefined ? await newPassphrase(passphraseFile) : null;
  const progress = new Progress(1);
  progress.step(`Backing up to ${file}`);
  const started = performance.now();
  const written = await withLock(
    join(paths.run, 'backup.lock'),
    () => progress.note('another backup is being made; waiting for it'),
    () => writeBackup(installed, file, passphrase, (percent) => progress.percent(percent)),
  );
  progress.done();
  const seconds = (performance.now() - started) / 1000;
  const { size } = statSync(file);
  console.log(
    `${file}: ${written.files} files and the database, ${megabytes(written.bytes)} in ${megabytes(size)}, ` +
      `${seconds.toFixed(1)} s${passphrase === null ? '. It is not encrypted and holds every secret: keep it closed.' : ', encrypted.'}`,
  );
}

/** Reads a whole backup and says what it is; a damaged one is a failure. */
export async function checkBackup(file: string, passphraseFile: string | undefined): Promise<void> {
  const passphrase = (await isEncrypted(file)) ? await knownPassphrase(passphraseFile) : null;
  const { manifest, end } = await readBackup(file, passphrase);
  console.log(
    `${file} is whole: LittlePBX ${manifest.version} of ${manifest.host}, ${manifest.createdAt}, ` +
      `${end.entries} entries, ${megabytes(end.bytes)}.`,
  );
}
