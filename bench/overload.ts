/** Offering more than the machine can carry, and more than an organization may. */
import { Arms, type Block, durations, isSuccess } from './kit/arms.ts';
import { findCeiling } from './kit/ceiling.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import { populate } from './kit/population.ts';
import { inMs, type Measurement, times } from './kit/report.ts';
import { startLoad } from './kit/sipp.ts';
import { median, percentile, ratioOfPairs } from './kit/statistics.ts';
import { short } from './set-up.ts';

const p95 = (blocks: readonly Block[]) =>
  blocks.map((b) => percentile(durations(b.times ?? [], 'secondInvite', 'answer'), 95));
const p50 = (blocks: readonly Block[]) =>
  blocks.map((b) => percentile(durations(b.times ?? [], 'secondInvite', 'answer'), 50));

/** At twice the ceiling: is as much carried as at the ceiling, and as fast as ever? */
export function overload(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  return withInstallation(context, async (installation) => {
    const arms = await Arms.create(
      installation,
      await populate(installation, { organizations: 10, extensionsEach: 20 }),
    );
    const range = isQuick ? { from: 20, to: 60, seconds: 3 } : { from: 60, to: 300, seconds: 8 };
    const rate = context.ceiling ?? (await findCeiling(arms, 'ours', range, context)).rate;
    const seconds = isQuick ? 4 : 12;
    const [unloaded, full, twice]: [Block[], Block[], Block[]] = [[], [], []];
    for (let i = 0; i < (isQuick ? 1 : 4); i++) {
      await untilQuiet();
      unloaded.push(await arms.block('ours', { rate: rate * 0.3, seconds, isTimed: true }));
      full.push(await arms.block('ours', { rate, seconds, isTimed: true }));
      twice.push(await arms.block('ours', { rate: rate * 2, seconds, isTimed: true }));
      const [f, t] = [full.at(-1)!, twice.at(-1)!];
      say(
        `ceiling ${rate}/s: ${f.goodput.toFixed(1)}/s answered; at twice: ${t.goodput.toFixed(1)}/s, ` +
          `${t.refused} refused, ${t.failed} failed; INVITE to 200 p95 ${inMs(p95(unloaded).at(-1)!)}, then ${inMs(p95(twice).at(-1)!)}`,
      );
    }
    await arms.close();
    const goodput = ratioOfPairs(
      twice.map((b) => b.goodput),
      full.map((b) => b.goodput),
    );
    const delay = ratioOfPairs(p95(twice), p95(unloaded));
    const middle = ratioOfPairs(p50(twice), p50(unloaded));
    const sum = (pick: (b: Block) => number) => twice.reduce((n, b) => n + pick(b), 0);
    return {
      title: 'Overload: twice the ceiling offered',
      figures: [
        { what: 'Ceiling', value: `${rate} calls/s` },
        {
          what: 'Goodput at twice the ceiling / at the ceiling',
          value: times(goodput),
          target: '>= 0.95x',
          isMet: goodput.median >= 0.95,
        },
        {
          what: 'Answered calls per second, ceiling and twice',
          value: `${median(full.map((b) => b.goodput)).toFixed(1)}, ${median(twice.map((b) => b.goodput)).toFixed(1)}`,
        },
        {
          what: 'INVITE to 200 of accepted calls, p95, twice the ceiling / unloaded',
          value: times(delay),
          target: '<= 2x',
          isMet: delay.median <= 2,
        },
        { what: '… the same, p50', value: times(middle) },
        {
          what: 'p95 unloaded, at the ceiling, at twice',
          value: [unloaded, full, twice].map((b) => inMs(median(p95(b)))).join(', '),
        },
        {
          what: 'At twice the ceiling: offered, answered, refused with 503, failed',
          value: `${sum((b) => b.calls)}, ${sum((b) => b.answered)}, ${sum((b) => b.refused)}, ${sum((b) => b.failed)}`,
        },
      ],
      notes: [
        `Ceiling by bisection (< 0.1 % failed or refused); unloaded is 30 % of it.${unloaded.every(isSuccess) ? '' : ' NOT VALID: unloaded calls failed.'}`,
        'The generator shares the two cores, so at twice the ceiling its refused calls cost the engine a core too.',
      ],
      data: { rate, unloaded: unloaded.map(short), full: full.map(short), twice: twice.map(short) },
    };
  });
}

const ALLOWED = 5;

/** One organization offers ten times its limit: does another one notice? */
export function neighbour(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  return withInstallation(context, async (installation) => {
    const lines = [
      ...(await populate(installation, { organizations: 1, extensionsEach: 40, name: 'quiet' })),
      ...(await populate(installation, {
        organizations: 1,
        extensionsEach: 40,
        name: 'noisy',
        callsPerSecond: ALLOWED,
      })),
    ];
    const arms = await Arms.create(installation, lines);
    const block = { rate: 10, seconds: isQuick ? 4 : 15, isTimed: true, org: 'quiet-1' };
    const [alone, beside]: [Block[], Block[]] = [[], []];
    let noise = { offered: 0, answered: 0 };
    for (let i = 0; i < (isQuick ? 1 : 4); i++) {
      await untilQuiet();
      alone.push(await arms.block('ours', block));
      const load = startLoad({
        scenario: 'call',
        sipPort: installation.sipPort,
        localPort: 5980,
        rows: arms.rows('ours', 'noisy-1'),
        rate: ALLOWED * 10,
        calls: ALLOWED * 10 * (block.seconds + 2),
        hold: 1000,
      });
      beside.push(await arms.block('ours', block));
      const { created, times: seen } = await load.result;
      noise = { offered: noise.offered + created, answered: noise.answered + (seen['3']?.length ?? 0) };
      say(`INVITE to 200 p95 alone ${inMs(p95(alone).at(-1)!)}, beside ${inMs(p95(beside).at(-1)!)}`);
    }
    await arms.close();
    const delay = ratioOfPairs(p95(beside), p95(alone));
    const middle = ratioOfPairs(p50(beside), p50(alone));
    return {
      title: 'Noisy neighbour: one organization offers ten times its limit',
      figures: [
        {
          what: "The other's INVITE to 200, p95, beside / alone",
          value: times(delay),
          target: '<= 1.1x',
          isMet: delay.median <= 1.1,
        },
        { what: '… the same, p50', value: times(middle) },
        { what: 'p95 alone, beside', value: `${inMs(median(p95(alone)))}, ${inMs(median(p95(beside)))}` },
        {
          what: "The other's failed calls",
          value: String([...alone, ...beside].reduce((n, b) => n + b.failed + b.refused, 0)),
        },
        { what: 'Noisy: offered, answered', value: `${noise.offered}, ${noise.answered}` },
      ],
      notes: [
        `The noisy one may place ${ALLOWED} calls/s and offers ${ALLOWED * 10}; the other places ${block.rate}/s. The noise's generator runs on the generator's core only while there is noise.`,
      ],
      data: {
        alone: alone.map(short),
        beside: beside.map(short),
        p95: { alone: p95(alone), beside: p95(beside) },
        noise,
      },
    };
  });
}
