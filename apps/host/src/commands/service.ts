import { readHealth } from '../api.ts';
import { stopCalls } from '../drain.ts';
import { Failure } from '../failure.ts';
import { ensureDatabase, waitForPostgres } from '../install/database.ts';
import { checkPrivileges, installPrograms, loadInstalled, writeFiles } from '../install/install.ts';
import { defaultData, needInstallation, pathsOf } from '../install/installation.ts';
import { chooseRoots } from '../install/roots.ts';
import { ensureOperatorKey } from '../install/secrets.ts';
import { runningSupervisor, supervisorLog } from '../processes/supervisor.ts';
import { Progress } from '../progress.ts';
import { isBooted, removeUnits, serviceNote, stopUnits, systemctl, writeUnits } from '../service/systemd.ts';
import { defaultName } from '../service/units.ts';
import { fetchWanted } from '../sounds/wanted.ts';
import { until } from '../wait.ts';

/** Has systemd run the installation, now and after every boot. */
export async function installService(data: string, name: string | undefined): Promise<void> {
  checkPrivileges();
  const installation = needInstallation(data);
  const paths = pathsOf(data);
  const note = serviceNote(paths);
  if (!note && runningSupervisor(paths)) {
    throw new Failure(
      `It runs by \`up\` now, and two supervisors would fight. Stop it first: ./littlepbx down --data ${data}`,
    );
  }
  const progress = new Progress(5);
  if (!note) chooseRoots(installation, paths);
  const programs = await installPrograms(installation, progress);
  const installed = await writeFiles(data, installation, programs, undefined, progress);
  const unit = name ?? note?.name ?? defaultName(data, data === defaultData());
  if (note && note.name !== unit) await uninstallService(data);
  progress.step(`Writing ${unit}.target and its services`);
  writeUnits(installed, unit);
  if (isBooted()) await systemctl('daemon-reload');
  await systemctl('enable', `${unit}.target`);
  progress.step('Starting it');
  if (isBooted()) {
    await systemctl('start', `${unit}.target`);
    await until('LittlePBX did not get ready', 120_000, async () => {
      return (await readHealth(data, installation))?.isReady || null;
    });
  }
  progress.done();
  console.log(
    isBooted()
      ? `${unit}.target runs, and starts with the machine: systemctl status '${unit}*'`
      : `${unit}.target is written and enabled. systemd does not run here now; it starts at the next boot.`,
  );
}

/** Stops it and takes the units away; data and programs stay. */
export async function uninstallService(data: string): Promise<void> {
  checkPrivileges();
  const installation = needInstallation(data);
  const paths = pathsOf(data);
  const note = serviceNote(paths);
  if (!note) throw new Failure('systemd does not run this installation; there is nothing to remove.');
  if (isBooted()) {
    await stopCalls({ data, installation });
    await stopUnits(note.name);
  }
  await systemctl('disable', `${note.name}.target`);
  removeUnits(paths, note.name);
  if (isBooted()) await systemctl('daemon-reload');
  console.log(`${note.name}.target is gone. Start it by hand: ./littlepbx up --detach --data ${data}`);
}

/** What the units have done before they start a process. */
export async function prepare(data: string, what: 'files' | 'database' | 'sounds'): Promise<void> {
  checkPrivileges();
  const installed = await loadInstalled(data);
  const { installation, secrets, paths } = installed;
  if (what === 'sounds') {
    const isAll = await fetchWanted(paths, installed.root, supervisorLog(paths));
    // systemd tries again.
    if (!isAll) process.exitCode = 1;
    return;
  }
  if (what === 'files') {
    const programs = await installPrograms(installation, new Progress(3));
    await writeFiles(data, installation, programs, undefined, new Progress(3));
    return;
  }
  await waitForPostgres(installation, secrets, '', () => false);
  await ensureDatabase(installation, secrets, ensureOperatorKey(paths));
}
