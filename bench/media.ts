/** Processor time of established calls with G.711 both ways. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Arm, Arms } from './kit/arms.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import { populate } from './kit/population.ts';
import { inMs, type Measurement, times } from './kit/report.ts';
import { startLoad } from './kit/sipp.ts';
import { median, ratioOfPairs } from './kit/statistics.ts';

export function media(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  const calls = isQuick ? 6 : 40;
  /** How long calls are watched once all are up. Seconds. */
  const window = isQuick ? 4 : 15;
  return withInstallation(context, async (installation) => {
    const lines = await populate(installation, { organizations: 4, extensionsEach: 20 });
    const arms = await Arms.create(installation, lines, 'talk-back');
    const cost: Record<Arm, number[]> = { ours: [], dial: [] };
    const failed: Record<Arm, number> = { ours: 0, dial: 0 };
    const measure = async (arm: Arm) => {
      await arms.ready();
      const load = startLoad({
        scenario: 'talk',
        sipPort: installation.sipPort,
        localPort: 5960,
        rows: arms.rows(arm),
        rate: 20,
        calls,
        hold: (window + 6) * 1000,
      });
      await sleep((calls / 20 + 2) * 1000);
      const before = installation.cpu();
      const started = performance.now();
      await sleep(window * 1000);
      const after = installation.cpu();
      const seconds = (performance.now() - started) / 1000;
      const result = await load.result;
      failed[arm] += result.failed;
      const used = after.engine + after.brain + after.db - before.engine - before.brain - before.db;
      cost[arm].push(used / calls / seconds);
      say(`${arm}: ${inMs(used / calls / seconds)} per call and second, ${result.failed} failed`);
      if (result.failed) say(result.errors);
    };
    for (let i = 0; i < (isQuick ? 1 : 4); i++) {
      await untilQuiet();
      for (const arm of i % 2 ? (['ours', 'dial'] as const) : (['dial', 'ours'] as const)) await measure(arm);
    }
    await arms.close();
    const ratio = ratioOfPairs(cost.ours, cost.dial);
    return {
      title: 'Media: CPU per G.711 call and second',
      figures: [
        { what: 'Ours / Dial()', value: times(ratio), target: '<= 1.03x', isMet: ratio.median <= 1.03 },
        { what: 'Ours', value: inMs(median(cost.ours)) },
        { what: 'Dial()', value: inMs(median(cost.dial)) },
        { what: 'Failed calls, ours and Dial()', value: `${failed.ours}, ${failed.dial}` },
      ],
      notes: [
        `${calls} calls at a time, 50 packets a second each way on both legs, relayed by the engine; ${window} s windows after all were answered; engine, brain and Postgres counted.`,
      ],
      data: { cost },
    };
  });
}
