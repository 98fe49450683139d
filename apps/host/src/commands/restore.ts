import { knownPassphrase } from '../backup/passphrase.ts';
import { restoreBackup } from '../backup/restore.ts';
import { isEncrypted } from '../backup/seal.ts';
import { checkPrivileges } from '../install/install.ts';
import type { UpFlags } from '../install/installation.ts';
import { Progress } from '../progress.ts';

export interface RestoreOptions {
  data: string;
  file: string;
  passphraseFile: string | undefined;
  flags: UpFlags;
}

/** Makes an installation of a backup, in an empty folder; it is not started. */
export async function restore({ data, file, passphraseFile, flags }: RestoreOptions): Promise<void> {
  checkPrivileges();
  const passphrase = (await isEncrypted(file)) ? await knownPassphrase(passphraseFile) : null;
  const progress = new Progress(5);
  const { manifest, callsInProgress } = await restoreBackup(file, data, passphrase, flags, progress);
  progress.done();
  console.log(`Restored: ${manifest.host}, as of ${manifest.createdAt}, LittlePBX ${manifest.version}.`);
  if (callsInProgress > 0) {
    console.log(`${callsInProgress} calls were in progress then; how they ended is not known, so they have no record.`);
  }
  console.log(`Start it: ./littlepbx up --detach --data ${data}`);
}
