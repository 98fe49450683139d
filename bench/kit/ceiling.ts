import { type Arm, type Arms, type Block, describe, isSuccess } from './arms.ts';
import type { Context } from './context.ts';
import { untilQuiet } from './cpu.ts';

export interface Ceiling {
  /** Highest rate that met the success rule. Calls per second. */
  rate: number;
  blocks: Block[];
}

/** Two rates closer than this are one. */
const STEP = 1.08;

/** Highest rate at which less than one call in a thousand fails, by bisection (as RFC 7502, section 4.9). */
export async function findCeiling(
  arms: Arms,
  arm: Arm,
  range: { from: number; to: number; seconds: number },
  { say }: Context,
): Promise<Ceiling> {
  const blocks: Block[] = [];
  let [low, high] = [range.from, range.to];
  let best = 0;
  while (high / low > STEP) {
    await untilQuiet();
    const rate = Math.round(Math.sqrt(low * high));
    let block = await arms.block(arm, { rate, seconds: range.seconds });
    blocks.push(block);
    say(describe(block));
    // Somebody else's work must not decide it.
    if (!isSuccess(block) && block.foreign > 0.3) {
      await untilQuiet();
      block = await arms.block(arm, { rate, seconds: range.seconds });
      blocks.push(block);
      say(`again: ${describe(block)}`);
    }
    if (isSuccess(block)) best = low = rate;
    else high = rate;
  }
  return { rate: best, blocks };
}
