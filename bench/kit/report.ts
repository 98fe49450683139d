import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Machine, slugOf } from './machine.ts';
import type { Estimate } from './statistics.ts';

/** One line of a result. */
export interface Figure {
  what: string;
  value: string;
  /** As the issue states it. */
  target?: string;
  isMet?: boolean;
}

export interface Measurement {
  title: string;
  figures: Figure[];
  /** How it was done and what limits it. */
  notes: string[];
  /** Everything that was measured, for whoever wants to check. */
  data: unknown;
}

export interface Report {
  at: string;
  isQuick: boolean;
  commit: string;
  machine: Machine;
  results: Record<string, Measurement>;
}

const RESULTS = fileURLToPath(new URL('../results', import.meta.url));

/** `1.52x [1.48, 1.57]`. */
export function times(e: Estimate): string {
  return `${e.median.toFixed(2)}x [${e.low.toFixed(2)}, ${e.high.toFixed(2)}]`;
}

/** A number of milliseconds. */
export function inMs(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

export function print(measurement: Measurement): void {
  const width = Math.max(...measurement.figures.map((f) => f.what.length));
  console.log(`\n${measurement.title}`);
  for (const f of measurement.figures) {
    const target = f.target ? `  (target ${f.target}: ${verdict(f)})` : '';
    console.log(`  ${f.what.padEnd(width)}  ${f.value}${target}`);
  }
  for (const note of measurement.notes) console.log(`  - ${note}`);
}

const verdict = (f: Figure) => (f.isMet === undefined ? '?' : f.isMet ? 'met' : 'MISSED');

/** Writes `results/<date>-<machine>.json` and `.md`; runs of one day on one machine are gathered in one report. */
export function save(report: Report): string {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${report.at.slice(0, 10)}-${slugOf(report.machine)}${report.isQuick ? '-quick' : ''}`;
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(report, rounded, 1)}\n`);
  writeFileSync(join(RESULTS, `${name}.md`), markdown(report));
  return join(RESULTS, name);
}

/** Where an earlier report of the same day and machine would be. */
export function reportPath(report: Pick<Report, 'at' | 'isQuick' | 'machine'>): string {
  return join(RESULTS, `${report.at.slice(0, 10)}-${slugOf(report.machine)}${report.isQuick ? '-quick' : ''}.json`);
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

function markdown({ at, commit, isQuick, machine, results }: Report): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    `# Measured on ${at.slice(0, 10)}`,
    '',
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryInGb} GB, Linux ${machine.kernel}; ${versions.join(', ')}; commit ${commit}.`,
    ...(isQuick ? ['', '**A smoke run (`--quick`): the figures mean nothing.**'] : []),
    '',
    'Ratios hold on other machines, absolute times do not. Generator, engine, brain and Postgres share the machine.',
  ];
  for (const { title, figures, notes } of Object.values(results)) {
    lines.push('', `## ${title}`, '', '| what | measured | target | |', '|---|---|---|---|');
    for (const f of figures) {
      lines.push(`| ${f.what} | ${f.value} | ${f.target ?? ''} | ${f.target ? verdict(f) : ''} |`);
    }
    lines.push('', ...notes.map((note) => `- ${note}`));
  }
  return `${lines.join('\n')}\n`;
}
