/**
 * Processor time of established calls with G.711 both ways. Calls of both arms are up at the same time, and each of their
 * threads in the engine is counted for the arm that began it: what makes the machine slower for a while then harms both
 * alike. Windows of one arm and the other in turn gave 1.08x [0.88, 1.27], and other figures on other days. Further windows
 * of the same calls give the same ratio within 0.02, but other calls do not (0.98x to 1.18x, by how their packets meet on the
 * two cores): so calls are begun anew for each window.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ARMS, type Arm, Arms } from './kit/arms.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { cpuOfThreads, untilQuiet } from './kit/cpu.ts';
import { populate } from './kit/population.ts';
import { inMs, type Measurement, times } from './kit/report.ts';
import { startLoad } from './kit/sipp.ts';
import { median, ratioOfSums } from './kit/statistics.ts';

/** Of the first and the second generator; far apart, since their media ports follow from them. */
const PORTS = [5960, 5950];
const RATE = 20;
/**
 * Until it is over the engine sets a timer for each packet of a leg that we rang, answered or not (`set_interval_hook` of
 * res/stasis/control.c), and a call costs more: 1.04x instead of 1.02x. The shortest that may be set.
 */
const RING_TIME_IN_S = 5;

export function media(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  /** Of each arm. */
  const calls = isQuick ? 4 : 20;
  const rounds = isQuick ? 1 : 18;
  /** Seconds. */
  const window = isQuick ? 4 : 8;
  return withInstallation(context, async (installation) => {
    const lines = await populate(installation, {
      organizations: 4,
      extensionsEach: 20,
      ringTimeInS: RING_TIME_IN_S,
    });
    const arms = await Arms.create(installation, lines, 'talk-back');
    const cost: Record<Arm, number[]> = { ours: [], dial: [] };
    const shared: number[] = [];
    let failed = 0;
    const engine = () => cpuOfThreads(installation.pid('engine'));
    const round = async (order: readonly Arm[]) => {
      await arms.ready();
      const settled = (calls / RATE + 2) * 1000;
      const ringTime = RING_TIME_IN_S * 1000;
      const threads: Record<Arm, string[]> = { ours: [], dial: [] };
      const loads = [];
      for (const [i, arm] of order.entries()) {
        const before = engine();
        const load = startLoad({
          scenario: 'talk',
          sipPort: installation.sipPort,
          localPort: PORTS[i]!,
          rows: arms.rows(arm),
          rate: RATE,
          calls,
          hold: (window + 5) * 1000 + ringTime + (i === 0 ? settled : 0),
        });
        loads.push(load);
        await sleep(settled);
        threads[arm] = [...engine().keys()].filter((thread) => !before.has(thread));
      }
      await sleep(ringTime);
      const [before, others, started] = [engine(), installation.cpu(), performance.now()];
      await sleep(window * 1000);
      const [after, othersAfter, seconds] = [engine(), installation.cpu(), (performance.now() - started) / 1000];
      const used = (some: Iterable<string>) =>
        [...some].reduce((sum, thread) => sum + (after.get(thread) ?? 0) - (before.get(thread) ?? 0), 0);
      const own = { ours: used(threads.ours), dial: used(threads.dial) };
      const rest =
        used(after.keys()) - (own.ours + own.dial) + (othersAfter.brain + othersAfter.db - others.brain - others.db);
      for (const arm of ARMS) cost[arm].push((own[arm] + rest / 2) / calls / seconds);
      shared.push(rest / (2 * calls) / seconds);
      say(ARMS.map((arm) => `${arm}: ${inMs(cost[arm].at(-1)!)} per call and second`).join('; '));
      for (const load of loads) {
        const result = await load.result;
        failed += result.failed;
        if (result.failed) say(result.errors);
      }
    };
    for (let i = 0; i < rounds; i++) {
      await untilQuiet();
      await round(i % 2 ? ARMS : [...ARMS].reverse());
    }
    await arms.close();
    const ratio = ratioOfSums(cost.ours, cost.dial);
    return {
      title: 'Media: CPU per G.711 call and second',
      figures: [
        { what: 'Ours / Dial()', value: times(ratio), target: '<= 1.03x', isMet: ratio.median <= 1.03 },
        { what: 'Ours', value: inMs(median(cost.ours)) },
        { what: 'Dial()', value: inMs(median(cost.dial)) },
        { what: '… of both, what is no thread of a call', value: inMs(median(shared)) },
        { what: 'Failed calls', value: String(failed) },
      ],
      notes: [
        `${calls} calls of each arm at the same time, 50 packets a second each way on both legs, relayed by the engine; ${rounds} windows of ${window} s, each with calls of its own, once all were answered and the time they may ring was over. A thread of the engine counts for the arm whose calls it came with; all other threads, brain and Postgres for both by half.`,
      ],
      data: { cost, shared },
    };
  });
}
