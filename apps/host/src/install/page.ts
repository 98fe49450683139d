/** The page for people: Vite makes it of apps/web, once per content of its sources, into apps/web/dist for the brain to serve. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readIfThere } from '../files.ts';
import { withLock } from '../lock.ts';
import { APP } from '../processes/services.ts';
import type { Progress } from '../progress.ts';
import { runOrFail } from '../run.ts';
import { machineHome } from './installation.ts';

/** What the page is made of. */
const SOURCES = [
  'apps/web/index.html',
  'apps/web/package.json',
  'apps/web/public',
  'apps/web/src',
  'apps/web/vite.config.ts',
  'packages/contract/src',
  'package-lock.json',
];

/** Builds the page when it is not there or its sources have changed. One step of progress. */
export async function ensurePage(progress: Progress): Promise<void> {
  const folder = join(APP, 'apps/web/dist');
  const stamp = join(folder, 'sources.sha256');
  const sources = hashOf(APP, SOURCES);
  const isCurrent = () => readIfThere(stamp) === sources;
  progress.step(isCurrent() ? 'The page is built already' : 'Building the page');
  if (isCurrent()) return;
  await withLock(
    join(machineHome(), 'page.lock'),
    () => progress.note('another `up` builds it; waiting for it'),
    async () => {
      if (isCurrent()) return;
      const fresh = `${folder}.new`;
      rmSync(fresh, { recursive: true, force: true });
      const vite = join(APP, 'node_modules/vite/bin/vite.js');
      await runOrFail(process.execPath, [vite, 'build', '--outDir', fresh, '--logLevel', 'warn'], {
        cwd: join(APP, 'apps/web'),
        // Whoever builds it, a test too: React of a developer is half as big again.
        env: { ...process.env, NODE_ENV: 'production' },
      });
      writeFileSync(join(fresh, 'sources.sha256'), sources);
      // A brain of another installation that serves the old one has it in memory.
      rmSync(`${folder}.old`, { recursive: true, force: true });
      if (existsSync(folder)) renameSync(folder, `${folder}.old`);
      renameSync(fresh, folder);
      rmSync(`${folder}.old`, { recursive: true, force: true });
    },
  );
}

/** Of names and contents; tests are left out. */
export function hashOf(root: string, paths: readonly string[]): string {
  const files = paths
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      if (!statSync(path).isDirectory()) return [path];
      const below = readdirSync(path, { recursive: true, withFileTypes: true });
      return below.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    })
    .filter((path) => !/\.test\.tsx?$/.test(path))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
