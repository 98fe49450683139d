/**
 * `npm run check`: everything about the source that needs no engine and no database. One line per check; all run, and
 * the exit code is 1 when one failed.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cruise } from './dependencies.ts';

const root = join(import.meta.dirname, '..');
const bin = (path: string): string => join(root, 'node_modules', path);

/** Resolves with the output when the program failed, else null. */
const run = (args: string[]): Promise<string | null> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.on('close', (code) => resolve(code === 0 ? null : output.trim()));
  });

/** Time, chance and environment come to core through its ports; an import rule cannot see globals. */
const coreGlobals = async (): Promise<string | null> => {
  const forbidden =
    /\b(Date\.now|new Date\(\)|performance\.now|setTimeout|setInterval|setImmediate|Math\.random|process\.)/;
  const found: string[] = [];
  for await (const file of glob('packages/core/src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts') || file.includes('/testing/')) continue;
    for (const [i, line] of (await readFile(join(root, file), 'utf8')).split('\n').entries()) {
      const code = line.replace(/^\s*(\*|\/\/|\/\*).*/, '').replace(/\/\/.*/, '');
      const name = forbidden.exec(code)?.[1];
      // `net` opens sockets, but it also knows what an address is.
      const net = /import \{([^}]*)\} from 'node:net'/.exec(code)?.[1];
      const isSocket = net?.split(',').some((part) => !/^\s*(isIP|isIPv4|isIPv6|BlockList)?\s*$/.test(part));
      if (isSocket) found.push(`${file}:${i + 1} takes more from node:net than isIP and BlockList`);
      if (name) found.push(`${file}:${i + 1} uses ${name}: take it from a port (core/src/ports.ts)`);
    }
  }
  return found.length > 0 ? found.join('\n') : null;
};

/** Files with a generator next to them (`x.gen.ts` made by `x.gen.make.ts`) are what it would write today. */
const generatedFiles = async (): Promise<string | null> => {
  const stale: string[] = [];
  for await (const file of glob('{packages,apps}/**/src/**/*.gen.ts', { cwd: root })) {
    const maker = join(root, file.replace(/\.gen\.ts$/, '.gen.make.ts'));
    if (!existsSync(maker)) continue;
    const { make } = (await import(maker)) as { make: () => string | Promise<string> };
    if ((await make()) !== (await readFile(join(root, file), 'utf8'))) stale.push(`${file} is stale: run ${maker}`);
  }
  return stale.length > 0 ? stale.join('\n') : null;
};

const checks: [name: string, check: () => Promise<string | null>][] = [
  ['types', () => run([bin('typescript/bin/tsc'), '-p', 'tsconfig.json'])],
  ['types of the page', () => run([bin('typescript/bin/tsc'), '-p', 'apps/web/tsconfig.json'])],
  ['format and lint', () => run([bin('@biomejs/biome/bin/biome'), 'ci', '--colors=off', '.'])],
  ['dependencies', () => cruise(root)],
  ['core reads no clock, chance or environment', coreGlobals],
  ['generated files', generatedFiles],
];

const results = await Promise.all(
  checks.map(async ([name, check]) => ({ name, problem: await check().catch((error: Error) => error.message) })),
);
for (const { name, problem } of results) {
  process.stdout.write(`${problem === null ? 'ok  ' : 'FAIL'} ${name}\n`);
  if (problem !== null) process.stdout.write(`${problem.replace(/^/gm, '     ')}\n`);
}
process.exitCode = results.every(({ problem }) => problem === null) ? 0 : 1;
