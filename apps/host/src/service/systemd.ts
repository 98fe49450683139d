/** An installation that systemd runs: its units on this machine, and the note in DATA that says so. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { readIfThere, readJson, writeWhole } from '../files.ts';
import type { Paths } from '../install/installation.ts';
import { makeMountPoints } from '../processes/launch.ts';
import { APP, type Installed, servicesOf } from '../processes/services.ts';
import { runOrFail, which } from '../run.ts';
import { OTHERS, UNIT_FOLDER, unitsOf } from './units.ts';

/** What `DATA/service.json` says. */
export interface ServiceNote {
  /** `NAME.target` is the whole. */
  name: string;
  /** Source tree that the units run from. */
  app: string;
}

const noteFile = (paths: Paths): string => join(paths.data, 'service.json');

/** Null: systemd does not run it. */
export function serviceNote(paths: Paths): ServiceNote | null {
  return readJson<ServiceNote>(noteFile(paths));
}

/** Notes in DATA that systemd runs it. */
export function writeNote(paths: Paths, note: ServiceNote): void {
  writeWhole(noteFile(paths), `${JSON.stringify(note)}\n`, 0o644);
}

/** Whether systemd is this machine's first process. */
export function isBooted(): boolean {
  return existsSync('/run/systemd/system');
}

/** Two that look after the same processes would fight. */
export function refuseIfService(paths: Paths, data: string): void {
  const note = serviceNote(paths);
  if (note) {
    throw new Failure(
      `systemd runs this installation: systemctl start ${note.name}.target (also stop, status). ` +
        `To run it by hand: ./littlepbx uninstall-service --data ${data}`,
    );
  }
}

/** Writes the units of this version, over those of another one. */
export function writeUnits(installed: Installed, name: string, folder = UNIT_FOLDER): void {
  const units = unitsOf(installed, name);
  for (const file of unitFiles(name, folder)) {
    if (!readIfThere(join(folder, file))?.includes(installed.paths.data)) {
      throw new Failure(`${join(folder, file)} is of another installation. Give this one another --name.`);
    }
  }
  for (const [file, content] of Object.entries(units)) writeWhole(join(folder, file), content, 0o644);
  for (const service of servicesOf(installed)) makeMountPoints(service.launch);
  writeNote(installed.paths, { name, app: APP });
}

/** Removes the units and the note. */
export function removeUnits(paths: Paths, name: string, folder = UNIT_FOLDER): void {
  for (const file of unitFiles(name, folder)) rmSync(join(folder, file), { force: true });
  rmSync(noteFile(paths), { force: true });
}

/** The unit files of this name that are there, with their content: for a way back. */
export function keptUnits(name: string, folder = UNIT_FOLDER): Map<string, string> {
  return new Map(unitFiles(name, folder).map((file) => [join(folder, file), readIfThere(join(folder, file)) ?? '']));
}

function unitFiles(name: string, folder: string): string[] {
  const ours = new Set([
    `${name}.target`,
    ...['db.service', 'engine.service', 'brain.service', ...OTHERS].map((member) => `${name}-${member}`),
  ]);
  return existsSync(folder) ? readdirSync(folder).filter((file) => ours.has(file)) : [];
}

/** Stops all of an installation, and returns when it has: the stop of a target does not wait for what is part of it. */
export async function stopUnits(name: string): Promise<void> {
  await systemctl('stop', ...unitFiles(name, UNIT_FOLDER));
}

export async function systemctl(...args: string[]): Promise<string> {
  if (!(await which('systemctl'))) throw new Failure('There is no systemd on this machine (systemctl is missing).');
  return runOrFail('systemctl', args);
}
