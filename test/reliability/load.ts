/** What a fault costs: 30 calls are up, five a second are made, something happens, and then everything is counted. */
import { setTimeout as pause } from 'node:timers/promises';
import { startAnswering, startLoad } from '../../bench/kit/sipp.ts';
import { Machine } from '../chaos/machine.ts';
import { Crowd, credentials, type Line } from '../kit/crowd.ts';
import type { Installation } from '../kit/installation.ts';
import { System } from '../kit/system.ts';
import { eventually } from '../phones/index.ts';

export const CALLS = 30;
/** New calls per second, and for how long. */
export const RATE = 5;
export const SECONDS = 24;
/** From the first new call to the fault. */
const FAULT_AT = 4000;
/** Longer than any call of the load. */
const LONGEST = 4000 + SECONDS * 1000 + 20_000;
const PORTS = { answering: 5800, long: 5810, fresh: 5820 };

export interface Cost {
  /** Of the calls that were up. */
  lost: number;
  /** Of the new ones: failed, refused or not answered in five seconds. */
  failed: number;
  /** Longest time between two answers. Milliseconds; 200 without any fault. */
  silence: number;
  /** Calls that were answered and are not on record. */
  unrecorded: number;
  /** Records whose times cannot be true. */
  wrong: number;
}

export class Victim {
  readonly system: System;
  readonly machine: Machine;

  constructor(installation: Installation) {
    this.system = new System(installation);
    this.machine = new Machine(this.system);
  }

  async isReady(within = 60_000): Promise<void> {
    await eventually(async () => (await this.system.api.getSystem().catch(() => null))?.isReady || undefined, {
      within,
      every: 200,
      reason: () => 'the system is not ready',
    });
  }

  /** @param strike begins the fault; its end may be in it too, or come with `Machine.thaw` */
  async costOf(strike: () => Promise<void> | void): Promise<Cost> {
    const { system, machine } = this;
    const { sipPort } = system.installation;
    await this.isReady();
    const crowd = await Crowd.open(system, `r${Date.now().toString(36)}`);
    const callers = await crowd.lines(1000, 30);
    const callees = await crowd.lines(2000, 30);
    await crowd.register(callees, PORTS.answering);
    const answering = startAnswering('answer', PORTS.answering);
    try {
      const load = { scenario: 'call', sipPort, rows: pairs(callers, callees) };
      const hold = 4000 + SECONDS * 1000 + 2000;
      const long = startLoad({ ...load, localPort: PORTS.long, rate: 10, calls: CALLS, hold }).result;
      await eventually(async () => (await system.api.getSystem()).calls === CALLS || undefined, {
        reason: () => 'the calls are not up',
      });
      // All answered.
      await pause(1000);
      const fresh = startLoad({
        ...load,
        localPort: PORTS.fresh,
        rate: RATE,
        calls: RATE * SECONDS,
        hold: 1000,
      }).result;
      await pause(FAULT_AT);
      await strike();
      const [first, second] = await Promise.all([long, fresh]);
      machine.thaw();
      const answeredAt = (second.times['3'] ?? []).map(({ at }) => at).sort((a, b) => a - b);
      const answered = CALLS + answeredAt.length;
      let records: Awaited<ReturnType<Crowd['records']>> = [];
      await eventually(
        async () => {
          records = await crowd.records('answered').catch(() => []);
          return records.length >= answered || undefined;
        },
        { within: 40_000, every: 500, reason: () => '' },
      ).catch(() => {});
      return {
        lost: first.failed,
        failed: second.failed + (second.times['4']?.length ?? 0),
        silence: Math.max(0, ...answeredAt.map((at, i) => at - (answeredAt[i - 1] ?? at))),
        unrecorded: Math.max(0, answered - records.length),
        wrong: records.filter(({ ringDuration, talkDuration }) => ringDuration > LONGEST || talkDuration > LONGEST)
          .length,
      };
    } finally {
      await answering.stop();
      await system.hasNoChannel().catch(() => {});
      await crowd.close();
    }
  }
}

const pairs = (callers: readonly Line[], callees: readonly Line[]): string[][] =>
  callers.map((line, i) => [...credentials(line), callees[i % callees.length]!.extension]);
