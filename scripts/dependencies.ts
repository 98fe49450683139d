/**
 * Runs dependency-cruiser over the repository, and over a small tree of forbidden imports that must each be found: a
 * cruiser that cannot read TypeScript, or a rule with a wrong path, reports success.
 */

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** One import per rule that must be refused. Imported files are made too. */
const PLANTED: [rule: string, from: string, to: string][] = [
  ['no-cycles', 'packages/core/src/a.ts', 'packages/core/src/b.ts'],
  ['resolvable', 'packages/core/src/c.ts', './nowhere.ts'],
  ['contract-stands-alone', 'packages/contract/src/a.ts', 'packages/core/src/x.ts'],
  ['contract-stands-alone', 'packages/contract/src/b.ts', 'node:fs'],
  ['port-stands-alone', 'packages/engine/src/port.ts', 'packages/engine/src/x.ts'],
  ['engine-knows-no-core', 'packages/engine/src/asterisk/a.ts', 'packages/core/src/x.ts'],
  ['drivers-apart', 'packages/engine/src/sim/a.ts', 'packages/engine/src/asterisk/x.ts'],
  ['core-knows-the-port-only', 'packages/core/src/d.ts', 'packages/data/src/x.ts'],
  ['core-knows-the-port-only', 'packages/core/src/e.ts', 'packages/engine/src/asterisk/x.ts'],
  ['core-does-no-io', 'packages/core/src/f.ts', 'node:fs'],
  ['core-uses-no-server-library', 'packages/core/src/g.ts', 'node_modules/pg/index.js'],
  ['features-apart', 'packages/core/src/features/ring.ts', 'packages/core/src/features/queue.ts'],
  ['features-know-no-dialer', 'packages/core/src/features/ivr.ts', 'packages/core/src/dialer/x.ts'],
  ['acd-and-dialer-apart', 'packages/core/src/acd/a.ts', 'packages/core/src/dialer/x.ts'],
  ['data-knows-core-only', 'packages/data/src/a.ts', 'packages/contract/src/x.ts'],
  ['routes-know-no-store', 'apps/server/src/http/a.ts', 'packages/data/src/x.ts'],
  ['main-plugs-in', 'apps/server/src/live.ts', 'packages/engine/src/sim/x.ts'],
  ['clients-know-the-contract-only', 'apps/cli/src/a.ts', 'packages/core/src/x.ts'],
  ['page-carries-no-schemas', 'apps/web/src/app/a.ts', 'packages/contract/src/x.ts'],
  ['pages-apart', 'apps/web/src/pages/calls/a.ts', 'apps/web/src/pages/phones/x.ts'],
  ['tests-use-public-entries', 'test/e2e/a.ts', 'packages/core/src/x.ts'],
  ['phones-stand-alone', 'test/phones/a.ts', 'packages/engine/src/x.ts'],
];

interface Cruise {
  summary: {
    totalCruised: number;
    violations: { from: string; to: string; rule: { name: string } }[];
    ruleSetUsed?: { forbidden?: { name: string; comment?: string }[] };
  };
}

const cruiseIn = (root: string, cwd: string, folders: string[]): Promise<Cruise> =>
  new Promise((resolve, reject) => {
    const args = [
      '--import',
      join(root, 'scripts/typescript-6.ts'),
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      ...['--config', join(root, '.dependency-cruiser.cjs'), '--ts-config', join(root, 'tsconfig.json')],
      ...['--output-type', 'json', ...folders],
    ];
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      errors += data;
    });
    child.on('close', () => {
      try {
        resolve(JSON.parse(output) as Cruise);
      } catch {
        reject(new Error(`dependency-cruiser failed: ${errors || output}`));
      }
    });
  });

/** Names the planted imports that no rule found. */
const plantedAndMissed = async (root: string): Promise<string[]> => {
  const tree = await mkdtemp(join(tmpdir(), 'littlepbx-planted-'));
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    await writeFile(join(tree, file), text, { flag: text === '' ? 'a' : 'w' });
  };
  try {
    for (const [, from, to] of PLANTED) {
      const isPath = to.includes('/') && !to.startsWith('.');
      if (isPath) await write(to, '');
      const specifier = isPath ? `${'../'.repeat(from.split('/').length - 1)}${to}` : to;
      await write(from, `import '${specifier}';\n`);
    }
    // The other half of the circle.
    await write('packages/core/src/b.ts', "import './a.ts';\n");
    const { summary } = await cruiseIn(root, tree, ['packages', 'apps', 'test']);
    return PLANTED.filter(
      ([rule, from]) => !summary.violations.some((found) => found.rule.name === rule && found.from === from),
    ).map(([rule, from, to]) => `planted import of ${to} in ${from} was not found by ${rule}`);
  } finally {
    await rm(tree, { recursive: true });
  }
};

/** Null when every import is allowed and every planted one was found; else what is wrong. */
export const cruise = async (root: string): Promise<string | null> => {
  const folders = ['packages', 'apps', 'test', 'bench', 'scripts'];
  const [missed, { summary }] = await Promise.all([plantedAndMissed(root), cruiseIn(root, root, folders)]);
  const reasons = new Map(summary.ruleSetUsed?.forbidden?.map(({ name, comment }) => [name, comment]));
  const problems = [
    ...missed,
    ...summary.violations.map(
      ({ from, to, rule }) => `${from} -> ${to}: ${rule.name}. ${reasons.get(rule.name) ?? ''}`,
    ),
  ];
  if (summary.totalCruised < 20)
    problems.push(`only ${summary.totalCruised} modules were seen: TypeScript is not read`);
  return problems.length > 0 ? problems.join('\n') : null;
};
