/** Thousands of calls of every kind: none fails, and nothing grows with their number. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Answering, type LoadResult, type RunningLoad, startAnswering, startLoad } from '../../bench/kit/sipp.ts';
import { Crowd, credentials } from '../kit/crowd.ts';
import { report, table } from '../kit/figures.ts';
import { type Footprint, footprint, pidOf } from '../kit/footprint.ts';
import { Heap } from '../kit/heap.ts';
import { ownInstallation } from '../kit/own-installation.ts';
import { System } from '../kit/system.ts';
import { eventually } from '../phones/index.ts';
import { CALLED, CALLEES, CALLERS, type CalleeKind, type CallerKind, scenarioFile } from './scenarios.ts';

const COUNT = Number(process.env.LITTLEPBX_TEST_COUNT ?? 20_000);
/** New calls per second, all kinds together. A third of what two cores carry, phones included. */
const RATE = 15 * availableParallelism();
/** Of the calls. */
const SHARES: Record<CallerKind, number> = { answered: 0.6, busy: 0.1, cancelled: 0.1, held: 0.1, transferred: 0.1 };
const PHONES_EACH = 20;
const FIRST_PORT = 5900;
const EVERY = 5000;
/** Registrations last 600 s; phones that answer behind a port leave it to register again. Seconds. */
const ROUND = 400;

/** Per 10,000 calls, after the first fifth. MB; of the brain what is in use. */
const MOST_GROWTH = { engineMemory: 15, brainHeap: 3, journal: 2 };
/** Of the brain, all that the system gave it. MB. */
const MOST_MEMORY = 450;
/** Of Postgres per recorded call, indexes and write-ahead log included. KB. */
const MOST_PER_RECORD = 8;

const system = new System(await ownInstallation());
const folder = mkdtempSync(join(tmpdir(), 'littlepbx-soak-'));
/** Those who answer, of this round. */
let answering: Answering[] = [];
/** Those who call, of this round. */
let calling: RunningLoad[] = [];
let heap: Heap | undefined;
const stopAnswering = async (): Promise<void> => {
  for (const one of answering.splice(0)) await one.stop();
};
afterAll(async () => {
  for (const one of calling) one.kill();
  await stopAnswering();
  heap?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Result = Pick<LoadResult, 'created' | 'failed' | 'errors'>;

interface Sample extends Footprint {
  /** Calls begun so far. */
  begun: number;
  /** Of the brain, in use. MB. */
  heap: number;
  /** Bytes. */
  journal: number;
  database: number;
}

test(`${COUNT} calls, ${RATE} a second: none fails, and nothing is left of them`, async () => {
  heap = await Heap.of(pidOf(system, 'brain'));
  const crowd = await Crowd.open(system, `soak-${Date.now().toString(36)}`);
  const callers = await crowd.lines(1000, PHONES_EACH * 3);
  const called = new Map<CalleeKind, Awaited<ReturnType<Crowd['lines']>>>();
  for (const [i, kind] of CALLEES.entries()) called.set(kind, await crowd.lines(2000 + 1000 * i, PHONES_EACH));
  const portOf = (kind: CalleeKind): number => FIRST_PORT + 10 * CALLEES.indexOf(kind);
  const onward = called.get('answers-and-hangs-up')!;
  const samples: Sample[] = [];
  const rounds: LoadResult[][] = [];
  let seconds = 0;
  const count = Math.ceil(COUNT / RATE / ROUND);
  for (let round = 0; round < count; round += 1) {
    answering = [];
    for (const kind of CALLEES) {
      await crowd.register(called.get(kind)!, portOf(kind));
      answering.push(startAnswering(scenarioFile(folder, kind), portOf(kind)));
    }
    const before = samples.at(-1)?.begun ?? 0;
    const began = performance.now();
    let isOver = false;
    calling = CALLERS.map((kind, i) => {
      const to = called.get(CALLED[kind])!;
      return startLoad({
        scenario: scenarioFile(folder, kind),
        sipPort: system.installation.sipPort,
        localPort: FIRST_PORT + 100 + 10 * i,
        rows: callers.map((line, k) => [
          ...credentials(line),
          to[(k + i) % to.length]!.extension,
          onward[k % onward.length]!.extension,
        ]),
        rate: RATE * SHARES[kind],
        args: ['-aa'],
        calls: Math.round((COUNT / count) * SHARES[kind]),
      });
    });
    const over = Promise.all(calling.map((load) => load.result)).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      samples.push(
        await sample(Math.min((COUNT / count) * (round + 1), before + ((performance.now() - began) / 1000) * RATE)),
      );
      await Promise.race([over.catch(() => {}), new Promise((resolve) => setTimeout(resolve, EVERY))]);
    }
    rounds.push(await over);
    seconds += (performance.now() - began) / 1000;
    await stopAnswering();
  }
  const results = CALLERS.map((_, i) => ({
    created: rounds.reduce((sum, round) => sum + round[i]!.created, 0),
    failed: rounds.reduce((sum, round) => sum + round[i]!.failed, 0),
    errors: rounds.map((round) => round[i]!.errors).join(''),
  }));
  await system.isQuiet();
  await eventually(async () => ((await system.api.getSystem()).recordsWaiting === 0 ? true : undefined), {
    within: 30_000,
    reason: () => 'records wait for the database',
  });
  const last = await sample(COUNT);
  samples.push(last);
  const recorded = await crowd.recorded().catch((error: Error) => {
    console.error(`${error.message}\n${system.brainErrors().slice(0, 10).join('\n')}`);
    return 0;
  });
  await crowd.close();

  const text = [kinds(results, seconds, recorded), trends(samples, recorded)].join('\n\n');
  report('soak', text);
  expect(
    results.map((result) => result.failed),
    results
      .map((result) => result.errors)
      .join('\n')
      .slice(0, 3000),
  ).toEqual(CALLERS.map(() => 0));
  expect(recorded).toBe(COUNT);
  const grown = growth(samples, recorded);
  for (const { what, value, most } of grown) expect(value, what).toBeLessThanOrEqual(most);
});

async function sample(begun: number): Promise<Sample> {
  const { data } = system.installation;
  const files = (await readdir(join(data, 'brain'))).filter((name) => name.startsWith('journal.sqlite'));
  const journal = files.reduce((sum, name) => sum + statSync(join(data, 'brain', name)).size, 0);
  const inUse = await heap!.live();
  return { ...(await footprint(system)), begun, heap: inUse, journal, database: await sizeOf(join(data, 'db')) };
}

async function sizeOf(folder: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    try {
      const stat = statSync(join(folder, name));
      if (stat.isFile()) sum += stat.size;
    } catch {
      // Gone meanwhile.
    }
  }
  return sum;
}

const MB = 1024 * 1024;

/** Slope over the calls after the first fifth, per 10,000; too few samples: what was left at the end. */
function slope(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const warm = samples.filter(({ begun }) => begun >= COUNT / 5);
  const mean = (of: (sample: Sample) => number): number => warm.reduce((sum, one) => sum + of(one), 0) / warm.length;
  const [x, y] = [mean((one) => one.begun), mean(value)];
  const spread = warm.reduce((sum, one) => sum + (one.begun - x) ** 2, 0);
  if (spread === 0) return 0;
  return (10_000 * warm.reduce((sum, one) => sum + (one.begun - x) * (value(one) - y), 0)) / spread;
}

function growth(samples: readonly Sample[], recorded: number): { what: string; value: number; most: number }[] {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  // A thousand calls say nothing of a trend; they may not leave more than ten thousand would.
  const trend = (of: (sample: Sample) => number): number =>
    COUNT >= 10_000
      ? slope(samples, of)
      : Math.max(0, of(last) - of(samples.find(({ begun }) => begun >= COUNT / 5) ?? first));
  return [
    {
      what: 'engine memory, MB',
      value: trend((one) => one.engine.memory),
      most: MOST_GROWTH.engineMemory * (COUNT >= 10_000 ? 1 : 3),
    },
    {
      what: 'brain memory in use, MB',
      value: trend((one) => one.heap),
      most: MOST_GROWTH.brainHeap * (COUNT >= 10_000 ? 1 : 3),
    },
    {
      what: 'brain memory, MB, most of all',
      value: Math.max(...samples.map((one) => one.brain.memory)),
      most: MOST_MEMORY,
    },
    { what: 'engine descriptors, first to last', value: last.engine.descriptors - first.engine.descriptors, most: 10 },
    { what: 'brain descriptors, first to last', value: last.brain.descriptors - first.brain.descriptors, most: 10 },
    { what: 'engine threads, first to last', value: last.engine.threads - first.engine.threads, most: 30 },
    // Each phone that was called has one for its messages, made when it is first needed.
    {
      what: 'taskprocessors, first to last',
      value: last.taskprocessors - first.taskprocessors,
      most: PHONES_EACH * CALLEES.length + 60,
    },
    {
      what: 'journal, MB',
      value: trend((one) => one.journal / MB),
      most: MOST_GROWTH.journal * (COUNT >= 10_000 ? 1 : 3),
    },
    {
      what: 'Postgres per recorded call, KB',
      value: (last.database - first.database) / 1024 / Math.max(1, recorded),
      most: MOST_PER_RECORD * (COUNT >= 10_000 ? 1 : 3),
    },
  ];
}

function kinds(results: readonly Result[], seconds: number, recorded: number): string {
  const rows = CALLERS.map((kind, i) => [kind, String(results[i]!.created), String(results[i]!.failed)]);
  const sum = (of: (result: Result) => number): string => String(results.reduce((total, one) => total + of(one), 0));
  return [
    table([['calls', 'made', 'failed'], ...rows, ['all', sum((one) => one.created), sum((one) => one.failed)]]),
    `\n${(COUNT / seconds).toFixed(1)} calls a second for ${Math.round(seconds)} s on ${availableParallelism()} processors, phones included; ${recorded} on record.`,
  ].join('\n');
}

function trends(samples: readonly Sample[], recorded: number): string {
  const at = [0, 0.2, 0.4, 0.6, 0.8].map((share) => samples.find(({ begun }) => begun >= share * COUNT) ?? samples[0]!);
  const rows = [...at, samples.at(-1)!].map((one) => [
    String(Math.round(one.begun)),
    String(one.engine.memory),
    String(one.engine.descriptors),
    String(one.brain.memory),
    one.heap.toFixed(1),
    String(one.brain.descriptors),
    String(one.channels),
    String(one.bridges),
    (one.journal / MB).toFixed(1),
    (one.database / MB).toFixed(1),
  ]);
  const head = [
    'calls begun',
    'engine MB',
    'fds',
    'brain MB',
    'in use',
    'fds',
    'channels',
    'bridges',
    'journal MB',
    'Postgres MB',
  ];
  const bounds = growth(samples, recorded).map(({ what, value, most }) => [what, value.toFixed(1), String(most)]);
  return [table([head, ...rows]), table([['growth per 10,000 calls', 'found', 'allowed'], ...bounds])].join('\n\n');
}
