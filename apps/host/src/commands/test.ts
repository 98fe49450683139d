import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { ensurePrograms } from '../install/apt.ts';
import { checkPrivileges } from '../install/install.ts';
import { ensureRoot } from '../install/root.ts';
import { ensureUsers } from '../install/users.ts';
import { APP } from '../processes/services.ts';
import { Progress } from '../progress.ts';

/** In the order they run: what is fast and finds most comes first. */
export const TIERS = ['check', 'unit', 'db', 'conformance', 'e2e', 'chaos'] as const;
export type Tier = (typeof TIERS)[number];

/** Tiers that need Asterisk or Postgres, and those that need phones. */
const NEEDS_ROOT: readonly Tier[] = ['db', 'conformance', 'e2e', 'chaos'];
const NEEDS_PHONES: readonly Tier[] = ['conformance', 'e2e', 'chaos'];
const PHONES = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  sox: 'sox',
  tshark: 'tshark',
  ip: 'iproute2',
  tc: 'iproute2',
};

/** Installs what the tiers need, runs them one after the other, and sums up. @returns whether all passed */
export async function test(tiers: Tier[], rest: string[]): Promise<boolean> {
  const env = await prepare(
    tiers.some((t) => NEEDS_ROOT.includes(t)),
    tiers.some((t) => NEEDS_PHONES.includes(t)),
  );
  const results: { tier: Tier; code: number; seconds: number }[] = [];
  for (const tier of tiers) {
    console.log(`\n=== ${tier} ===`);
    const started = performance.now();
    const code = await runNode(commandOf(tier, rest), env);
    results.push({ tier, code, seconds: (performance.now() - started) / 1000 });
  }
  console.log('\nSummary');
  for (const { tier, code, seconds } of results) {
    console.log(`  ${tier.padEnd(14)}${code === 0 ? 'passed' : 'FAILED'}  ${seconds.toFixed(1)} s`);
  }
  return results.every((r) => r.code === 0);
}

/** Runs `bench/run.ts` with the named benchmarks, or all. @returns its exit code */
export async function bench(args: string[]): Promise<number> {
  const main = join(APP, 'bench/run.ts');
  if (!existsSync(main)) throw new Failure('There are no benchmarks in this version (bench/run.ts is missing).');
  return runNode([main, ...args], await prepare(true, true));
}

async function prepare(needsRoot: boolean, needsPhones: boolean): Promise<NodeJS.ProcessEnv> {
  // The tests find the shared isolated root by it, and have this Node first on PATH.
  const env: NodeJS.ProcessEnv = { ...process.env };
  if (!needsRoot && !needsPhones) return env;
  checkPrivileges();
  const progress = new Progress(Number(needsRoot) + Number(needsPhones));
  if (needsPhones) {
    progress.step('Installing SIP phones and audio tools for the tests');
    await ensurePrograms(PHONES, progress);
  }
  if (needsRoot) {
    progress.step('Installing Asterisk 22 and PostgreSQL 18');
    env.LITTLEPBX_ROOT = await ensureRoot(await ensureUsers(), progress);
  }
  progress.done();
  return env;
}

function commandOf(tier: Tier, rest: string[]): string[] {
  if (tier === 'check') return [join(APP, 'scripts/check.ts')];
  return [join(APP, 'node_modules/vitest/vitest.mjs'), 'run', '--project', tier, ...rest];
}

function runNode(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: APP,
    env,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
