/**
 * Two arms on one engine process, with the same phones, digests and realtime rows: `ours` dials extensions (brain and
 * ARI), `dial` reaches a static `Dial()`.
 */
import { type CallTimes, startCapture } from './capture.ts';
import { cpuOf, cpuOfMachine, cpuWithEnded, untilQuiet } from './cpu.ts';
import { type Cpu, type Installation, until } from './installation.ts';
import { addStaticTwins, credentials, type Line } from './population.ts';
import { type Answering, type LoadResult, runLoad, startAnswering } from './sipp.ts';
import { percentile } from './statistics.ts';

export type Arm = 'ours' | 'dial';
export const ARMS: readonly Arm[] = ['ours', 'dial'];

export interface Block {
  arm: Arm;
  rate: number;
  calls: number;
  answered: number;
  /** With 503, before anything rang. */
  refused: number;
  failed: number;
  /** Rang, but later than `LATE` after their INVITE. */
  late: number;
  /** Milliseconds of processor time of the whole block. */
  cpu: Cpu;
  /** Processors that the generator kept busy, and the answering phones. */
  generator: number;
  /** Processors that others kept busy meanwhile. */
  foreign: number;
  /** Answered calls per second of offering. */
  goodput: number;
  times: CallTimes[] | null;
  errors: string;
  /** The engine crashed in it; nothing else in the block means anything. */
  isEngineLost: boolean;
}

export interface BlockOptions {
  rate: number;
  /** How long calls are offered. Seconds. */
  seconds: number;
  /** How long an answered call lasts. Milliseconds. */
  hold?: number;
  /** Take the times of every call from the wire; costs processor time on the generator's core. */
  isTimed?: boolean;
  /** Only phones of this organization. */
  org?: string;
}

/** Short, so that few channels exist at a time: their number is not what is measured. Milliseconds. */
const HOLD = 300;
const CALLER_PORT = 5960;
const ANSWER_PORT = 5970;
/** Registrations last 600 s at most. Milliseconds. */
const REGISTER_EVERY = 240_000;
/** A phone that rings later is no success, whoever queues. Without it an arm could take more than it carries for a whole block. Milliseconds. */
const LATE = 500;
/** Calls of the first moments are left out: caches are cold. Milliseconds. */
const WARM_UP = 1500;

export class Arms {
  readonly installation: Installation;
  readonly #lines: Record<Arm, Line[]>;
  #answering: Answering | null = null;
  #registeredAt = Number.NEGATIVE_INFINITY;
  #scenario: 'answer' | 'talk-back';

  private constructor(installation: Installation, lines: Record<Arm, Line[]>, scenario: 'answer' | 'talk-back') {
    this.installation = installation;
    this.#lines = lines;
    this.#scenario = scenario;
  }

  static async create(
    installation: Installation,
    lines: Line[],
    scenario: 'answer' | 'talk-back' = 'answer',
  ): Promise<Arms> {
    return new Arms(installation, { ours: lines, dial: await addStaticTwins(installation, lines) }, scenario);
  }

  lines(arm: Arm): readonly Line[] {
    return this.#lines[arm];
  }

  /** Registers all phones (again, when it is time) and lets them answer. */
  async ready(): Promise<void> {
    if (this.#answering && performance.now() - this.#registeredAt < REGISTER_EVERY) return;
    await this.#answering?.stop();
    const all = [...this.#lines.ours, ...this.#lines.dial];
    const result = await runLoad({
      scenario: 'register',
      sipPort: this.installation.sipPort,
      // Where they register from is where they are called: the contact is rewritten to the source.
      localPort: ANSWER_PORT,
      rows: all.map((line) => [...credentials(line), line.username]),
      rate: 200,
      calls: all.length,
    });
    if (result.failed) throw new Error(`${result.failed} phones could not register:\n${result.errors}`);
    this.#registeredAt = performance.now();
    this.#answering = startAnswering(this.#scenario, ANSWER_PORT);
  }

  /** Rows of the generator: the first half of each organization's phones calls the second half. */
  rows(arm: Arm, org?: string): string[][] {
    const byOrg = Map.groupBy(
      this.#lines.ours.map((line, i) => ({ line, i })),
      ({ line }) => line.org,
    );
    const groups = org === undefined ? [...byOrg.values()] : [byOrg.get(org) ?? []];
    const pairs = groups.flatMap((members) =>
      members.slice(0, members.length / 2).map(({ i }, k) => [i, members[k + members.length / 2]!.i] as const),
    );
    return pairs.map(([from, to]) => {
      const callee = this.#lines[arm][to]!;
      return [...credentials(this.#lines[arm][from]!), arm === 'ours' ? callee.extension : callee.username];
    });
  }

  async block(arm: Arm, o: BlockOptions): Promise<Block> {
    await this.ready();
    const calls = Math.max(1, Math.round(o.rate * o.seconds));
    const { installation } = this;
    // The generator is a child that has ended by then.
    const benchCpu = () => cpuWithEnded(process.pid) + cpuOf(this.#answering?.pid ?? 0);
    const [before, benchBefore, machineBefore] = [installation.cpu(), benchCpu(), cpuOfMachine()];
    const engine = installation.pid('engine');
    const capture = o.isTimed ? await startCapture(CALLER_PORT) : null;
    const started = performance.now();
    const result = await runLoad({
      scenario: 'call',
      sipPort: installation.sipPort,
      localPort: CALLER_PORT,
      rows: this.rows(arm, o.org),
      rate: o.rate,
      calls,
      hold: o.hold ?? HOLD,
    });
    const after = installation.cpu();
    const cpu: Cpu = {
      brain: after.brain - before.brain,
      engine: after.engine - before.engine,
      db: after.db - before.db,
    };
    const elapsed = performance.now() - started;
    const generator = benchCpu() - benchBefore;
    const foreign = (cpuOfMachine() - machineBefore - generator - cpu.brain - cpu.engine - cpu.db) / elapsed;
    const times = (await capture?.stop()) ?? null;
    const isEngineLost = installation.pid('engine') !== engine;
    if (isEngineLost) await this.#recover();
    const shares = { cpu, generator: generator / elapsed, foreign };
    return { arm, rate: o.rate, calls, ...shares, times, isEngineLost, ...outcome(result, o.seconds) };
  }

  /** The new engine has neither the static dialplan nor, maybe, all contacts. */
  async #recover(): Promise<void> {
    await until('the engine is back', 60_000, () => this.installation.isReady(), 500);
    await addStaticTwins(this.installation, this.#lines.ours);
    this.#registeredAt = Number.NEGATIVE_INFINITY;
  }

  async close(): Promise<void> {
    await this.#answering?.stop();
    this.#answering = null;
  }
}

function outcome(result: LoadResult, seconds: number) {
  const answered = result.times['3']?.length ?? 0;
  return {
    answered,
    refused: result.times['4']?.length ?? 0,
    failed: result.failed,
    late: (result.times['1'] ?? []).filter(({ ms }) => ms > LATE).length,
    goodput: answered / seconds,
    errors: result.failed ? result.errors : '',
  };
}

/** How long calls took from one message to another, the first `WARM_UP` left out. Milliseconds. */
export function durations(
  times: readonly CallTimes[],
  from: 'invite' | 'secondInvite',
  to: 'ringing' | 'answer',
): number[] {
  const first = times[0]?.invite ?? 0;
  return times.flatMap((call) => {
    const [begin, end] = [call[from], call[to]];
    return call.invite - first > WARM_UP && begin !== null && end !== null ? [end - begin] : [];
  });
}

/** FreeSBC's rule: less than one call in a thousand failed; a refusal is a failure here, and so is a phone that rings late. */
export function isSuccess(block: Block): boolean {
  return !block.isEngineLost && (block.failed + block.refused + block.late) / block.calls < 0.001;
}

/** All processor time of the block for each answered call. Milliseconds. */
export function cpuPerCall({ cpu, answered }: Block): number {
  return (cpu.brain + cpu.engine + cpu.db) / answered;
}

/** Others kept more than this many processors busy: the pair is measured again, some times. */
const DISTURBED = 0.5;

/** `count` pairs, A B A B …, at the same rate. Order changes from pair to pair: the first of two is colder. */
export async function pairs(
  arms: Arms,
  count: number,
  o: BlockOptions,
  say: (text: string) => void,
): Promise<Record<Arm, Block[]>> {
  const blocks: Record<Arm, Block[]> = { ours: [], dial: [] };
  let again = Math.ceil(count / 2);
  while (blocks.ours.length < count) {
    await untilQuiet();
    const pair: Block[] = [];
    for (const arm of blocks.ours.length % 2 ? ARMS : [...ARMS].reverse()) {
      const block = await arms.block(arm, o);
      pair.push(block);
      say(describe(block));
    }
    if (pair.some((b) => b.isEngineLost || b.foreign > DISTURBED) && again-- > 0)
      say('disturbed by others: the pair is measured again');
    else for (const block of pair) blocks[block.arm].push(block);
  }
  return blocks;
}

export function describe(b: Block): string {
  if (b.isEngineLost) return `${b.arm} ${b.rate.toFixed(0)}/s: THE ENGINE CRASHED`;
  const n = (value: number, digits = 2) => value.toFixed(digits);
  const cpu =
    `${n(cpuPerCall(b))} ms CPU per call (engine ${n(b.cpu.engine / b.answered)}, ` +
    `brain ${n(b.cpu.brain / b.answered)}, db ${n(b.cpu.db / b.answered)})`;
  const ringing = durations(b.times ?? [], 'secondInvite', 'ringing');
  const times = b.times ? `; 180 p50/p95 ${n(percentile(ringing, 50), 1)}/${n(percentile(ringing, 95), 1)} ms` : '';
  const failed = b.failed || b.refused || b.late ? `, ${b.refused} refused, ${b.failed} failed, ${b.late} late` : '';
  return (
    `${b.arm.padEnd(4)} ${n(b.rate, 0)}/s: ${b.answered} of ${b.calls} answered${failed}; ` +
    `${cpu}${times}; generator ${n(b.generator)}, others ${n(b.foreign)}`
  );
}
