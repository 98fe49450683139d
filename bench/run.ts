/**
 * `./littlepbx bench [--quick] [--ceiling N] [names]`: runs the named measurements, or all, prints each beside its target, and writes
 * them into `bench/results`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { api } from './api.ts';
import { apply } from './apply.ts';
import { backup } from './backup.ts';
import { ban } from './ban.ts';
import { change } from './change.ts';
import type { Bench } from './kit/context.ts';
import { describeMachine } from './kit/machine.ts';
import { print, type Report, reportPath, save } from './kit/report.ts';
import { media } from './media.ts';
import { neighbour, overload } from './overload.ts';
import { page } from './page.ts';
import { registrations } from './registrations.ts';
import { rate, setUp } from './set-up.ts';
import { spend } from './spend.ts';
import { survival } from './survival.ts';
import { voicemail } from './voicemail.ts';

const BENCHES: Record<string, Bench> = {
  rate,
  'set-up': setUp,
  change,
  registrations,
  survival,
  overload,
  neighbour,
  media,
  voicemail,
  ban,
  spend,
  backup,
  page,
  apply,
  api,
};

const words = process.argv.slice(2);
const isQuick = words.includes('--quick');
const ceiling = words.includes('--ceiling') ? Number(words[words.indexOf('--ceiling') + 1]) : null;
const asked = words.filter((word, i) => !word.startsWith('-') && words[i - 1] !== '--ceiling');
const unknown = asked.find((name) => !(name in BENCHES));
if (unknown !== undefined || words.includes('--help')) {
  console.error(`bench [--quick] [--ceiling N] [${Object.keys(BENCHES).join('|')} ...]`);
  process.exit(unknown === undefined ? 0 : 1);
}

const versions: Record<string, string> = { sipp: sippVersion() };
const say = (text: string) => console.error(`  ${text}`);
let hasFailed = false;
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
  console.error(`\n=== ${name} ===`);
  try {
    const measurement = await BENCHES[name]!({ isQuick, ceiling, say, versions });
    print(measurement);
    const report = soFar();
    report.results[name] = measurement;
    console.error(`\nwritten: ${save(report)}.md`);
  } catch (error) {
    hasFailed = true;
    console.error(`${name} could not be measured:`, error);
  }
}
process.exitCode = hasFailed ? 1 : 0;

/** The day's report of this machine, so that measurements made one by one come together. */
function soFar(): Report {
  const report: Report = {
    at: new Date().toISOString(),
    isQuick,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    }).trim(),
    machine: describeMachine(versions),
    results: {},
  };
  const path = reportPath(report);
  if (existsSync(path)) report.results = (JSON.parse(readFileSync(path, 'utf8')) as Report).results;
  return report;
}

function sippVersion(): string {
  try {
    execFileSync('sipp', ['-v'], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    // It ends with 99 after telling.
    const { stdout } = error as { stdout?: string };
    return /v(\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1] ?? 'unknown';
  }
  return 'unknown';
}
