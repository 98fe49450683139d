/**
 * The guard: a module of ours for Asterisk (`packages/engine/src/asterisk/guard`), built for the Asterisk of an isolated root by a
 * compiler that is fetched for that and not installed. Without it calls work all the same; `doctor` says what is missing then.
 */
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GUARD_MODULE, GUARD_SOURCES } from '@littlepbx/engine/asterisk/conf';
import { messageOf } from '../failure.ts';
import { readIfThere, writeWhole } from '../files.ts';
import type { Progress } from '../progress.ts';
import { builtInPaths } from './engine.ts';
import { INSIDE, machineHome } from './installation.ts';
import { bringLists, isolatedApt } from './isolated-apt.ts';
import { dpkgStatus, wholeVersion } from './root.ts';

/** Packages of the compiler, and of what takes sources apart. */
const COMPILER = ['gcc', 'libc6-dev', 'xz-utils'];
/** A build that failed is tried again after this long. Milliseconds. */
const AGAIN_AFTER = 24 * 3600 * 1000;

/** What is noted beside the module. */
interface Build {
  /** Of what it was, or should have been, made. */
  of: string;
  /** Null: it is there. */
  fault: string | null;
  at: number;
}

/** Whether it is missing, or of other sources. */
export function needsGuard(root: string): boolean {
  const of = sourcesOf(root);
  if (of === null) return false;
  const last = buildIn(root);
  return last?.of !== of || (last.fault !== null && Date.now() - last.at >= AGAIN_AFTER);
}

/**
 * Half a minute, 80 MB to fetch, nothing of them kept. To be called by whoever has `root.lock`. Does not fail: that it could
 * not be built is noted.
 */
export async function buildGuard(root: string, progress: Progress): Promise<void> {
  const version = asteriskPackage(root);
  if (version === null) return;
  for (const name of readdirSync(machineHome())) {
    // Whatever an interrupted one left behind.
    if (name.startsWith('guard-')) rmSync(join(machineHome(), name), { recursive: true, force: true });
  }
  progress.note("building the engine's guard");
  const fault = await build(root, version).then(
    () => null,
    (error: unknown) => messageOf(error),
  );
  if (fault !== null) progress.note(`it could not be built, so the engine goes without: ${lastLine(fault)}`);
  noteBuild(root, fault);
}

/** @param fault why there is none; null: it is there */
export function noteBuild(root: string, fault: string | null): void {
  writeWhole(noteOf(root), JSON.stringify({ of: sourcesOf(root) ?? '', fault, at: Date.now() } satisfies Build), 0o644);
}

/** Why an isolated root has no guard; null when it has one. */
export function guardFault(root: string): string | null {
  const last = buildIn(root);
  return last === null ? 'it was not built yet' : last.fault;
}

const modulesOf = (root: string) => join(root, builtInPaths(root).modules);
const noteOf = (root: string) => join(modulesOf(root), `${GUARD_MODULE}.json`);

function buildIn(root: string): Build | null {
  const note = readIfThere(noteOf(root));
  return note === null ? null : (JSON.parse(note) as Build);
}

/** What it would be made of; null: no Asterisk of Debian's is there. */
function sourcesOf(root: string): string | null {
  const version = asteriskPackage(root);
  if (version === null) return null;
  const sources = GUARD_SOURCES.map((file) => readFileSync(file, 'utf8'));
  return createHash('sha256')
    .update([version, ...sources].join('\0'))
    .digest('hex');
}

/** As apt wants it. */
const asteriskPackage = (root: string) => wholeVersion(dpkgStatus(root), 'asterisk');

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? text;
}

async function build(root: string, version: string): Promise<void> {
  const work = mkdtempSync(join(machineHome(), 'guard-'));
  try {
    writeWhole(
      join(work, 'sources.list'),
      withSources(readFileSync(join(root, 'etc/apt/sources.list'), 'utf8')),
      0o644,
    );
    const sources = [`Dir::Etc::sourcelist=${INSIDE.fetch}/sources.list`, 'Dir::Etc::sourceparts=/dev/null'];
    // Nothing is installed, so whoever else asks may go on.
    const { apt, isolated } = isolatedApt(root, work, { options: [...sources, 'Debug::NoLocking=true'] });
    await bringLists(apt);
    await apt('install', '--yes', '--download-only', '--no-install-recommends', ...COMPILER);
    await apt('download', `asterisk-dev=${version}`);
    await apt('source', '--download-only', `asterisk=${version}`);
    for (const file of GUARD_SOURCES) copyFileSync(file, join(work, file.slice(file.lastIndexOf('/') + 1)));
    await isolated('sh', `${INSIDE.fetch}/build.sh`, INSIDE.fetch);
    const fresh = join(modulesOf(root), `.${GUARD_MODULE}.new`);
    copyFileSync(join(work, GUARD_MODULE), fresh);
    chmodSync(fresh, 0o644);
    renameSync(fresh, join(modulesOf(root), GUARD_MODULE));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A list of packages, and of their sources. */
export function withSources(list: string): string {
  const lines = list.split('\n').filter((line) => line.startsWith('deb '));
  return [...lines, ...lines.map((line) => line.replace(/^deb /, 'deb-src '))].map((line) => `${line}\n`).join('');
}
