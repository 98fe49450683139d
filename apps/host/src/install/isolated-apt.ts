/** Debian asked through an isolated root: by its sources and keys, with lists of our own, so that the root stays as it is. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../failure.ts';
import { ROOT } from '../files.ts';
import { runIsolated } from '../processes/launch.ts';
import { INSIDE, machineHome } from './installation.ts';
import { isExpired, proxyEnv, refreshNames } from './root.ts';

/** apt-get with its files in our folder. */
const APT = [
  'apt-get',
  ...[
    `Dir::State::lists=${INSIDE.fetch}/lists`,
    `Dir::Cache=${INSIDE.fetch}/cache`,
    'APT::Sandbox::User=root',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=30',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]),
];

type Run = (...command: string[]) => Promise<string>;

/**
 * @param root isolated root, or `/`: the machine's own apt
 * @param work folder for its lists and what it brings, seen as `INSIDE.fetch`
 * @param options of apt, as `Name=value`
 * @param stop ends a command early, as a failure
 */
export function isolatedApt(
  root: string,
  work: string,
  { options = [], stop }: { options?: string[]; stop?: AbortSignal | undefined } = {},
): { isolated: Run; apt: Run } {
  if (root !== '/') refreshNames(root);
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, name), { recursive: true });
  const isolated: Run = (...command) =>
    runIsolated(
      {
        root,
        user: ROOT,
        groups: [],
        binds: [{ from: work, to: INSIDE.fetch }],
        env: { ...proxyEnv(), DEBIAN_FRONTEND: 'noninteractive' },
        command,
      },
      stop,
    );
  const command = [...APT, ...options.flatMap((option) => ['-o', option])];
  // What it downloads it writes where it stands.
  const apt: Run = (...args) =>
    isolated('sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', INSIDE.fetch, ...command, ...args);
  return { isolated, apt };
}

/** apt's lists, as they are today. */
export async function bringLists(apt: Run): Promise<void> {
  // A list that could not be brought is a warning to apt, and then no package is found.
  const update = (...options: string[]) => apt(...options, '-o', 'APT::Update::Error-Mode=any', 'update');
  try {
    await update();
  } catch (error) {
    // As with the root: a frozen mirror's Release file is past its date, its signature holds.
    if (!isExpired(messageOf(error))) throw error;
    await update('-o', 'Acquire::Check-Valid-Until=false');
  }
}

/** A package of a root, of which Debian has a newer version by now; `from` is null when it would be a new one. */
export interface NewerPackage {
  name: string;
  from: string | null;
  to: string;
}

/** What Debian has newer than this root. */
export async function newerPackages(root: string): Promise<NewerPackage[]> {
  const work = mkdtempSync(join(machineHome(), 'newer-'));
  try {
    const { apt } = isolatedApt(root, work);
    await bringLists(apt);
    return parseSimulation(await apt('--simulate', 'dist-upgrade'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Reads `apt-get --simulate`: `Inst asterisk [1:22.10.1] (1:22.11.0 Debian:testing [amd64]) []`. */
export function parseSimulation(output: string): NewerPackage[] {
  return [...output.matchAll(/^Inst (\S+) (?:\[(\S+)\] )?\((\S+) /gm)].map(([, name, from, to]) => ({
    name: name!,
    from: from ?? null,
    to: to!,
  }));
}

/** In few words: of Asterisk and Postgres the versions, of the others how many. */
export function describePackages(packages: readonly NewerPackage[]): string {
  const main = packages.filter(({ name }) => name === 'asterisk' || /^postgresql-\d+$/.test(name));
  const others = packages.length - main.length;
  return [
    ...main.map(({ name, from, to }) => `${name} ${from ?? 'new'} -> ${to}`),
    ...(others > 0 ? [`${others} ${main.length > 0 ? 'other ' : ''}packages`] : []),
  ].join(', ');
}
