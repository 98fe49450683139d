import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { ensurePrograms } from '../install/apt.ts';
import { ensureRoot } from '../install/ensure-root.ts';
import { checkPrivileges } from '../install/install.ts';
import { newestRoot } from '../install/roots.ts';
import { ensureUsers, type Users } from '../install/users.ts';
import { APP } from '../processes/services.ts';
import { Progress } from '../progress.ts';
import { withTestPostgres } from './test-database.ts';
import { failedTests } from './test-failures.ts';

/** In the order they run: what is fast and finds most comes first. */
export const TIERS = [
  'check',
  'unit',
  'db',
  'conformance',
  'e2e',
  'chaos',
  'torture',
  'soak',
  'reliability',
  'screens',
] as const;
export type Tier = (typeof TIERS)[number];

/** What runs when no tier is named; `torture` is then a tenth of what it is by its name. */
export const USUAL_TIERS: readonly Tier[] = TIERS.filter((tier) => !['soak', 'reliability', 'screens'].includes(tier));

/** Options of single tiers, as the tests read them. */
export interface TestOptions {
  /** torture: which messages. */
  seed?: string;
  /** torture: messages; soak: calls. */
  count?: string;
  /** torture: number of the first message. */
  from?: string;
  /** reliability, soak: write the figures into docs/reliability.md. */
  write?: boolean;
}

/** Tiers that need Asterisk or Postgres, and those that need phones. */
const NEEDS_PHONES: readonly Tier[] = ['conformance', 'e2e', 'chaos', 'torture', 'soak', 'reliability', 'screens'];
const NEEDS_ROOT: readonly Tier[] = ['db', ...NEEDS_PHONES];
const PHONES = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  sox: 'sox',
  opusenc: 'opus-tools',
  tshark: 'tshark',
  ip: 'iproute2',
  nft: 'nftables',
  tc: 'iproute2',
  openssl: 'openssl',
};

const BROWSER = { chromium: 'chromium' };
/** To set the clock of an installation alone. */
const CLOCK = { faketime: 'faketime' };

/** Installs what the tiers need, runs them one after the other, and sums up. @returns whether all passed */
export async function test(tiers: readonly Tier[], rest: string[], options: TestOptions = {}): Promise<boolean> {
  const needs = (of: readonly Tier[]) => tiers.some((tier) => of.includes(tier));
  const programs = {
    ...(needs(NEEDS_PHONES) ? PHONES : {}),
    ...(needs(['reliability']) ? CLOCK : {}),
    ...(needs(['e2e', 'screens']) ? BROWSER : {}),
  };
  const ready = await prepare(needs(NEEDS_ROOT), programs);
  ready.env = { ...ready.env, ...variables(options) };
  const reports = mkdtempSync(join(tmpdir(), 'littlepbx-test-'));
  const results: { tier: Tier; code: number; seconds: number; failed: string[] }[] = [];
  for (const tier of tiers) {
    console.log(`\n=== ${tier} ===`);
    const started = performance.now();
    const report = join(reports, `${tier}.json`);
    const code = await runTier(tier, rest, ready, report);
    const failed = code !== 0 && existsSync(report) ? failedTests(readFileSync(report, 'utf8'), APP) : [];
    if (code !== 0 && failed.length === 0) failed.push(`ended with ${code}: see its output above`);
    results.push({ tier, code, seconds: (performance.now() - started) / 1000, failed });
  }
  rmSync(reports, { recursive: true, force: true });
  console.log('\nSummary');
  for (const { tier, code, seconds, failed } of results) {
    console.log(`  ${tier.padEnd(14)}${code === 0 ? 'passed' : 'FAILED'}  ${seconds.toFixed(1)} s`);
    for (const line of failed) console.log(`    ${line}`);
  }
  return results.every((r) => r.code === 0);
}

function variables({ seed, count, from, write }: TestOptions): NodeJS.ProcessEnv {
  return {
    ...(seed === undefined ? {} : { LITTLEPBX_TEST_SEED: seed }),
    ...(count === undefined ? {} : { LITTLEPBX_TEST_COUNT: count }),
    ...(from === undefined ? {} : { LITTLEPBX_TEST_FROM: from }),
    ...(write ? { LITTLEPBX_TEST_WRITE: '1' } : {}),
  };
}

async function runTier(tier: Tier, rest: string[], { env, root, users }: Ready, report: string): Promise<number> {
  if (tier === 'check') return runNode([join(APP, 'scripts/check.ts')], env);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const command = [join(APP, 'node_modules/vitest/vitest.mjs'), 'run', '--project', tier, ...reporters, ...rest];
  if (tier !== 'db' || !root || !users) return runNode(command, env);
  return withTestPostgres(root, users, (url) => runNode(command, { ...env, LITTLEPBX_TEST_DATABASE_URL: url }));
}

/** Runs `bench/run.ts` with the named benchmarks, or all. @returns its exit code */
export async function bench(args: string[]): Promise<number> {
  const main = join(APP, 'bench/run.ts');
  if (!existsSync(main)) throw new Failure('There are no benchmarks in this version (bench/run.ts is missing).');
  return runNode([main, ...args], (await prepare(true, { ...PHONES, ...BROWSER })).env);
}

interface Ready {
  env: NodeJS.ProcessEnv;
  root: string | null;
  users: Users | null;
}

/** @param programs to install, by the package they are in */
async function prepare(needsRoot: boolean, programs: Record<string, string>): Promise<Ready> {
  const needsPhones = Object.keys(programs).length > 0;
  if (!needsRoot && !needsPhones) return { env: process.env, root: null, users: null };
  checkPrivileges();
  const progress = new Progress(Number(needsPhones) + 1);
  if (needsPhones) {
    progress.step('Installing what the tests are made with: SIP phones, audio tools, a browser');
    await ensurePrograms(programs, progress);
  }
  progress.step('Installing Asterisk 22 and PostgreSQL 18');
  const users = await ensureUsers();
  const root = newestRoot();
  await ensureRoot(root, users, progress);
  progress.done();
  // Tests that run an Asterisk of their own find the isolated root by it.
  return { env: { ...process.env, LITTLEPBX_ROOT: root }, root, users };
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
