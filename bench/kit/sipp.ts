import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCENARIOS = fileURLToPath(new URL('../sipp', import.meta.url));
/** The generator and the answering phones share this core, in every arm alike. */
const CORE = String(availableParallelism() - 1);
const HOST = '127.0.0.1';
/** Every answer is awaited for 5 s at most. Milliseconds. */
const GRACE = 25_000;

export interface Load {
  /** One of `bench/sipp`, or the path of a file. */
  scenario: string;
  /** Where the engine listens. */
  sipPort: number;
  localPort: number;
  /** One line per call, again from the top when they are used up; the fields are the scenario's. */
  rows: string[][];
  /** New calls per second. */
  rate: number;
  calls: number;
  /** How long an answered call lasts. Milliseconds. */
  hold?: number;
  /** More options of SIPp. */
  args?: readonly string[];
}

/** One measured time, in steps of 4 ms. `at`: when it ended, since the load's start. Milliseconds. */
export interface Sample {
  at: number;
  ms: number;
}

export interface LoadResult {
  created: number;
  /** The scenario was gone through to its end; a call refused with 503 is among them. */
  completed: number;
  failed: number;
  retransmissions: number;
  /** By name of the scenario's timer, which `bench/sipp/*.xml` explain. */
  times: Record<string, Sample[]>;
  /** From the first call's start to the last one's end. Milliseconds. */
  duration: number;
  /** What went wrong, the first lines of it. */
  errors: string;
}

export interface RunningLoad {
  result: Promise<LoadResult>;
  /** Lets calls in progress end; begins no more. */
  stop(): void;
  /** At once, whatever becomes of its calls. */
  kill(): void;
}

/** Starts a load that ends by itself. */
export function startLoad(load: Load): RunningLoad {
  const cwd = mkdtempSync(join(tmpdir(), 'littlepbx-bench-sipp-'));
  writeFileSync(join(cwd, 'rows.csv'), `SEQUENTIAL\n${load.rows.map((row) => `${row.join(';')};\n`).join('')}`);
  writeVoice(cwd);
  const started = performance.now();
  const child = spawnSipp(cwd, load.scenario, load.localPort, [
    ...[`${HOST}:${load.sipPort}`, '-inf', 'rows.csv', '-r', String(load.rate), '-m', String(load.calls)],
    ...['-l', String(load.calls), '-d', String(load.hold ?? 0)],
    ...['-trace_stat', '-stf', 'stat.csv', '-fd', '1', '-trace_rtt', '-rtt_freq', '1'],
    ...['-trace_err', '-error_file', 'errors.log'],
    ...(load.args ?? []),
  ]);
  // A call that sipp waits for without end (seen once in some thousand under overload) must not hold up the bench.
  const expected = (load.calls / load.rate) * 1000 + (load.hold ?? 0);
  const late = setTimeout(() => void child.kill('SIGKILL'), expected + GRACE);
  const result = ended(child).then((code): LoadResult => {
    clearTimeout(late);
    const duration = performance.now() - started;
    const read = readResult(cwd);
    rmSync(cwd, { recursive: true, force: true });
    // 0: all went well; 1: some calls failed, which is a result too; null: killed by us.
    if (!read || (code !== null && code !== 0 && code !== 1)) throw new Error(`sipp ended with ${code}`);
    return { ...read, failed: read.created - read.completed, duration };
  });
  return { result, stop: () => void child.kill('SIGUSR1'), kill: () => void child.kill('SIGKILL') };
}

export function runLoad(load: Load): Promise<LoadResult> {
  return startLoad(load).result;
}

/** Phones that answer everything, until `stop`. */
export interface Answering {
  pid: number;
  stop(): Promise<void>;
}

/** @param scenario one of `bench/sipp`, or the path of a file */
export function startAnswering(scenario: string, localPort: number): Answering {
  const cwd = mkdtempSync(join(tmpdir(), 'littlepbx-bench-sipp-'));
  writeVoice(cwd);
  const child = spawnSipp(cwd, scenario, localPort, ['-aa']);
  const gone = ended(child).finally(() => rmSync(cwd, { recursive: true, force: true }));
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function spawnSipp(cwd: string, scenario: string, localPort: number, args: string[]): ChildProcess {
  const file = isAbsolute(scenario) ? scenario : join(SCENARIOS, `${scenario}.xml`);
  const media = ['-mi', HOST, '-mp', String(20_000 + (localPort % 1000) * 10)];
  const child = spawn(
    'taskset',
    [
      ...['-c', CORE, 'sipp', '-sf', file, '-i', HOST, '-p', String(localPort), ...media],
      ...['-nostdin', '-buff_size', '4194304', ...args],
    ],
    { cwd, stdio: 'ignore', env: { ...process.env, TERM: 'dumb' } },
  );
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  return child;
}

/** A second of something: G.711 costs the same whatever is said. */
function writeVoice(cwd: string): void {
  writeFileSync(join(cwd, 'voice.ulaw'), Buffer.from(Array.from({ length: 8000 }, (_, i) => (i * 37) & 0xff)));
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

function readResult(cwd: string): Omit<LoadResult, 'duration'> | null {
  const lines = read(join(cwd, 'stat.csv')).trim().split('\n');
  const names = lines[0]?.split(';') ?? [];
  const last = lines.at(-1)?.split(';') ?? [];
  if (lines.length < 2) return null;
  const column = (name: string) => Number(last[names.indexOf(name)] ?? Number.NaN);
  const times: Record<string, Sample[]> = {};
  for (const file of readdirSync(cwd).filter((name) => name.endsWith('_rtt.csv'))) {
    for (const line of read(join(cwd, file)).split('\n').slice(1)) {
      const [at, ms, name] = line.split(';');
      if (!name) continue;
      times[name] ??= [];
      times[name].push({ at: Number(at), ms: Number(ms) });
    }
  }
  return {
    created: column('TotalCallCreated'),
    completed: column('SuccessfulCall(C)'),
    failed: column('FailedCall(C)'),
    retransmissions: column('Retransmissions(C)'),
    times,
    errors: read(join(cwd, 'errors.log')).slice(0, 2000),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
