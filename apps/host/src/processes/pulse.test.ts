import { describe, expect, it } from 'vitest';
import { Pulse } from './pulse.ts';

/** When a process that started at 0 is taken for hung, looked at as the keeper does: every 100 ms, until two minutes are over. */
function hangsAt(o: { answersAt?: number[]; worksUntil?: number; pulse?: Pulse }): number | null {
  const pulse = o.pulse ?? new Pulse(0);
  const answers = new Set(o.answersAt);
  for (let now = 0; now <= 120_000; now += 100) {
    if (answers.has(now)) pulse.answered(now);
    if (pulse.hungFor(now, () => Math.min(now, o.worksUntil ?? 0) / 20) !== null) return now;
  }
  return null;
}

const every500 = (from: number, until: number) =>
  Array.from({ length: (until - from) / 500 + 1 }, (_, i) => from + i * 500);

describe('the pulse of a process', () => {
  it('that answers is well, and one that falls silent hangs after 3 s, busy or not', () => {
    expect(hangsAt({ answersAt: every500(1000, 120_000) })).toBeNull();
    expect(hangsAt({ answersAt: every500(1000, 60_000), worksUntil: 120_000 })).toBe(63_000);
  });

  it('that needs half a minute for its first answer, and works on it, is let be', () => {
    expect(hangsAt({ answersAt: every500(30_000, 120_000), worksUntil: 120_000 })).toBeNull();
  });

  it('that has just answered for the first time, and reads on for some seconds, is let be', () => {
    expect(hangsAt({ answersAt: [2000, ...every500(8000, 120_000)], worksUntil: 120_000 })).toBeNull();
  });

  it('that stands still hangs: after 3 s when it had answered, after the grace when it had not', () => {
    expect(hangsAt({ answersAt: [1000], worksUntil: 1500 })).toBe(4500);
    expect(hangsAt({})).toBe(10_000);
    expect(hangsAt({ worksUntil: 20_000 })).toBe(23_000);
  });

  it('that works for a minute without an answer hangs', () => {
    expect(hangsAt({ worksUntil: 120_000 })).toBe(60_000);
  });

  it('is not judged by a silence in which nobody listened', () => {
    const pulse = new Pulse(0);
    pulse.answered(20_000);
    pulse.forgive(40_000);
    expect(pulse.hungFor(42_900, () => 0)).toBeNull();
    expect(pulse.hungFor(43_000, () => 0)).toBe(3000);
  });
});
