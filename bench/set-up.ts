/** Set-up rate, processor time per call and post-dial delay: brain and ARI against a static `Dial()`. */
import { type Arm, Arms, type Block, cpuPerCall, durations, isSuccess, pairs } from './kit/arms.ts';
import { findCeiling } from './kit/ceiling.ts';
import type { Context } from './kit/context.ts';
import { withInstallation } from './kit/context.ts';
import { populate } from './kit/population.ts';
import { inMs, type Measurement, times } from './kit/report.ts';
import { estimate, median, percentile, ratioOfPairs } from './kit/statistics.ts';
import { tapAri } from './kit/tap.ts';

const POPULATION = { organizations: 10, extensionsEach: 20 };

/** Where the ceiling is looked for, calls per second on two cores. */
const RANGES = { ours: { from: 100, to: 260 }, dial: { from: 180, to: 460 } };

const RULE =
  'A failed call: no 180 within 0.5 s of the INVITE with credentials, no 200 within 5 s, any status but 200, or 503. Both arms use the same realtime rows, digests (MD5) and contacts, on one engine process; no RTP; calls are answered at once and last 0.3 s.';

/** The highest rate of either arm. */
export function rate(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  return withInstallation(context, async (installation) => {
    const arms = await Arms.create(installation, await populate(installation, POPULATION));
    const ceilings: Record<Arm, number[]> = { ours: [], dial: [] };
    const searched: Block[] = [];
    for (let i = 0; i < (isQuick ? 1 : 3); i++) {
      for (const arm of ['dial', 'ours'] as const) {
        const range = isQuick ? { from: 40, to: 60, seconds: 3 } : { ...RANGES[arm], seconds: 6 };
        const { rate, blocks } = await findCeiling(arms, arm, range, context);
        ceilings[arm].push(rate);
        searched.push(...blocks);
        say(`ceiling of ${arm}: ${rate}/s`);
      }
    }
    await arms.close();
    const ratio = ratioOfPairs(ceilings.ours, ceilings.dial);
    const crashes = searched.filter((b) => b.isEngineLost).length;
    return {
      title: 'Set-up rate',
      figures: [
        { what: 'Ours / Dial()', value: times(ratio), target: '>= 0.65x', isMet: ratio.median >= 0.65 },
        { what: 'Ceiling, ours', value: `${ceilings.ours.join(', ')} calls/s` },
        { what: 'Ceiling, Dial()', value: `${ceilings.dial.join(', ')} calls/s` },
        { what: 'Engine crashes meanwhile', value: String(crashes), target: '0', isMet: crashes === 0 },
      ],
      notes: [`Highest rate with < 0.1 % failed, by bisection to 8 %. ${RULE}`],
      data: { ceilings, searched: searched.map(short) },
    };
  });
}

/** Processor time and delay of a call, well below the ceiling. */
export function setUp(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  return withInstallation(context, async (installation) => {
    const arms = await Arms.create(installation, await populate(installation, POPULATION));
    const range = isQuick ? { from: 40, to: 60, seconds: 3 } : { ...RANGES.ours, seconds: 6 };
    const ceiling = context.ceiling ?? (await findCeiling(arms, 'ours', range, context)).rate;
    const count = isQuick ? 2 : 6;
    const perCall = await pairs(arms, count, { rate: ceiling * 0.4, seconds: isQuick ? 3 : 10 }, say);
    const delay = await pairs(arms, count, { rate: ceiling * 0.3, seconds: isQuick ? 4 : 10, isTimed: true }, say);
    const tapped = await tapAri(installation, () => arms.block('ours', { rate: 20, seconds: 10 }));
    await arms.close();

    const cpu = ratioOfPairs(perCall.ours.map(cpuPerCall), perCall.dial.map(cpuPerCall));
    const p95 = (blocks: Block[], from: 'invite' | 'secondInvite') =>
      blocks.map((b) => percentile(durations(b.times ?? [], from, 'ringing'), 95));
    const ringing = { ours: p95(delay.ours, 'secondInvite'), dial: p95(delay.dial, 'secondInvite') };
    const whole = { ours: p95(delay.ours, 'invite'), dial: p95(delay.dial, 'invite') };
    const pdd = ratioOfPairs(ringing.ours, ringing.dial);
    const share = (part: 'brain' | 'engine' | 'db') => inMs(median(perCall.ours.map((b) => b.cpu[part] / b.answered)));
    const isValid = [...perCall.ours, ...perCall.dial, ...delay.ours, ...delay.dial].every(isSuccess);
    return {
      title: 'Set-up: CPU per call, post-dial delay',
      figures: [
        { what: 'CPU per call, ours / Dial()', value: times(cpu), target: '<= 1.6x', isMet: cpu.median <= 1.6 },
        { what: 'CPU per call, ours', value: inMs(median(perCall.ours.map(cpuPerCall))) },
        { what: '… of it engine, brain, Postgres', value: `${share('engine')}, ${share('brain')}, ${share('db')}` },
        { what: 'CPU per call, Dial()', value: inMs(median(perCall.dial.map(cpuPerCall))) },
        { what: 'INVITE to 180, p95, ours / Dial()', value: times(pdd), target: '<= 1.5x', isMet: pdd.median <= 1.5 },
        {
          what: 'INVITE to 180, p95, ours',
          value: inMs(median(ringing.ours)),
          target: '<= 20 ms',
          isMet: estimate(ringing.ours).median <= 20,
        },
        { what: 'INVITE to 180, p95, Dial()', value: inMs(median(ringing.dial)) },
        {
          what: 'With the challenge, p95, ours and Dial()',
          value: `${inMs(median(whole.ours))}, ${inMs(median(whole.dial))}`,
        },
        { what: 'ARI requests per call', value: tapped.requestsPerCall.toFixed(2) },
        { what: 'ARI events per call', value: tapped.eventsPerCall.toFixed(2) },
        { what: 'Bytes per call, requests + answers + events', value: tapped.bytesPerCall.toFixed(0) },
      ],
      notes: [
        `200 phones in 10 organizations, and their twins in a static context. ${RULE}`,
        'CPU is that of engine, brain and Postgres, records included; the static arm writes none.',
        `CPU at 40 %, delay at 30 % of our ceiling (${ceiling}/s), the same rate in both arms; INVITE is the one with credentials.${isValid ? '' : ' NOT VALID: a block had failed calls.'}`,
        `Requests per call: ${list(tapped.requests)}. Events per call: ${list(tapped.events)}.`,
      ],
      data: {
        ceiling,
        cpu: { ours: perCall.ours.map(short), dial: perCall.dial.map(short) },
        delay: { ringing, whole },
        ari: tapped,
      },
    };
  });
}

const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${n.toFixed(2)}`)
    .join(', ');

/** A block without its packets. */
export const short = ({ times: _, errors, ...block }: Block) => ({ ...block, ...(errors ? { errors } : {}) });
