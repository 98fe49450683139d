import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Failure } from '../failure.ts';
import { checkPrivileges } from '../install/install.ts';
import { loadInstallation, machineHome, pathsOf } from '../install/installation.ts';
import { forgetInstallation, otherInstallations } from '../install/installations.ts';
import { removeUsers, usersInUse } from '../install/users.ts';
import { serviceNote } from '../service/systemd.ts';
import { down } from './down.ts';
import { uninstallService } from './service.ts';

export interface UninstallOptions {
  data: string;
  /** Do not ask. */
  isSure: boolean;
  keepData: boolean;
  /** Also what all installations share: isolated root, Node, users. */
  all: boolean;
}

/** Stops an installation and removes it: processes, systemd units, and its data unless it is to be kept. */
export async function uninstall(o: UninstallOptions): Promise<void> {
  checkPrivileges();
  const installation = loadInstallation(o.data);
  if (!installation && !o.all) throw new Failure(`There is no installation in ${o.data}; nothing was removed.`);
  const others = otherInstallations(o.data);
  if (o.all && others.length > 0) {
    throw new Failure(
      `--all would take the programs of other installations too: ${others.join(', ')}. Nothing was removed.`,
    );
  }
  if (installation) {
    if (!o.isSure && !o.keepData) await ask(o.data, installation.db.isExternal);
    // Its units are stopped before they go.
    if (serviceNote(pathsOf(o.data))) await uninstallService(o.data);
    await down(o.data);
    if (o.keepData) console.log(`The data stays in ${o.data}.`);
    else removeData(o.data, installation.db.isExternal);
    if (!o.keepData) forgetInstallation(o.data);
  }
  if (o.all) await removeShared();
}

async function ask(data: string, isExternal: boolean): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new Failure('Nothing was removed. Say --yes to delete the data as well, or --keep-data to keep it.');
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const what = isExternal ? 'keys, recordings and voicemail' : 'every organization, call record, recording and key';
  const answer = await lines.question(`This deletes ${data}: ${what}. Write "delete" to go on: `);
  lines.close();
  if (answer.trim() !== 'delete') throw new Failure('Nothing was removed.');
}

/** What is ours in the folder, and the folder when nothing else is in it. */
function removeData(data: string, isExternal: boolean): void {
  const names = Object.values(pathsOf(data))
    .filter((path) => path !== data)
    .map((path) => path.slice(data.length + 1));
  for (const name of [...names, 'up.lock', 'service.json']) rmSync(join(data, name), { recursive: true, force: true });
  const left = readdirSync(data);
  if (left.length === 0) rmdirSync(data);
  console.log(
    left.length === 0 ? `${data} is gone.` : `${data} has files that are not ours, and stays: ${left.join(', ')}`,
  );
  if (isExternal) console.log('The external database is as it was; drop it where it is.');
}

async function removeShared(): Promise<void> {
  const home = machineHome();
  const inUse = usersInUse();
  if (inUse.length > 0) {
    throw new Failure(`Processes of ${inUse.join(', ')} run still, so another installation does. Its programs stay.`);
  }
  for (const name of readdirSync(home)) {
    if (
      /^root-[a-z]+-[0-9a-f]{8}/.test(name) ||
      /^(node|root\.lock|ports\.lock|install\.lock|sounds\.lock|sounds|installations)$/.test(name) ||
      name.startsWith('sounds-')
    ) {
      rmSync(join(home, name), { recursive: true, force: true });
    }
  }
  await removeUsers();
  const left = readdirSync(home);
  if (left.length === 0) rmdirSync(home);
  console.log(`Programs and users are gone${left.length > 0 ? `; ${home} has more: ${left.join(', ')}` : ''}.`);
  console.log("What stays: Debian packages that were installed for it, and this folder's node_modules.");
}
