/** Another version of LittlePBX: this one, in another folder, changed here and there. */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** This version in another folder, as the operator would have it for an upgrade; `change` makes it another one. */
export function versionIn(folder: string, name: string, change: (app: string) => void = () => {}): string {
  const app = join(folder, name);
  // Links to the same files: no time and no disk. What is changed gets a file of its own.
  try {
    execFileSync('cp', ['-al', HERE, app], { stdio: 'ignore' });
  } catch {
    // Another file system.
    rmSync(app, { recursive: true, force: true });
    execFileSync('cp', ['-a', HERE, app]);
  }
  change(app);
  return app;
}

/** Changes one file of it; throws when there is nothing to change. */
export function edit(app: string, file: string, change: (text: string) => string): void {
  const path = join(app, file);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${file} is not what this test knows`);
  writeFileSync(`${path}.new`, after);
  renameSync(`${path}.new`, path);
}
