import { describe, expect, test } from 'vitest';
import { problemsOf } from '../../../../test/kit/promlint.ts';
import { observeCalls } from './calls.ts';
import { MetricsPage } from './exposition.ts';

describe('the page', () => {
  test('is what Prometheus reads: helped, typed, no series twice, buckets that rise to +Inf', async () => {
    const page = new MetricsPage();
    const counter = page.counter('test_things_total', 'Things with a "quote", a \\ and a\nline.');
    counter.add({ kind: 'a "b" \\ c\nd' });
    counter.add({ kind: 'x' }, 2);
    counter.add({ kind: 'x' });
    const seconds = page.histogram('test_seconds', 'How long.', [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, { stage: 'one' });
    page.gauge('test_level', 'A level.', () => 1.5);
    page.gauge('test_unknown', 'Not known.', () => null);
    const text = await page.text();
    expect(problemsOf(text)).toEqual([]);
    expect(text).toContain('test_things_total{kind="x"} 3\n');
    expect(text).toContain('test_things_total{kind="a \\"b\\" \\\\ c\\nd"} 1\n');
    expect(text).toContain('test_seconds_bucket{stage="one",le="0.1"} 2\n');
    expect(text).toContain('test_seconds_bucket{stage="one",le="+Inf"} 4\n');
    expect(text).toContain('test_seconds_sum{stage="one"} 7.65\n');
    expect(text).not.toContain('test_unknown');
  });

  test('the check of the format finds what is wrong', () => {
    const faults: [text: string, found: RegExp][] = [
      ['a 1\n', /no TYPE/],
      ['# HELP a x\n# TYPE a counter\na 1\n', /_total/],
      ['# HELP a x\n# TYPE a gauge\na 1\na 2\n', /twice/],
      ['# HELP a x\n# TYPE a gauge\na{b=c} 1\n', /cannot be read/],
      ['# HELP a x\n# TYPE a gauge\na 1', /line feed/],
      ['# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n', /rise/],
    ];
    for (const [text, found] of faults) expect(problemsOf(text).join(), text).toMatch(found);
  });

  test('a metric never grows without bound', async () => {
    const page = new MetricsPage();
    const counter = page.counter('test_total', 'Things.');
    for (let n = 0; n < 5_000; n += 1) counter.add({ n: String(n) });
    expect((await page.text()).split('\n').length).toBeLessThan(2_010);
  });

  test('a call is counted by what became of it, and timed up to its answer', async () => {
    const page = new MetricsPage();
    const calls = observeCalls(page);
    calls.began({ direction: 'inbound' } as never);
    calls.dialled(12);
    calls.ended({
      cdr: {
        direction: 'inbound',
        result: 'answered',
        reason: 'callee-hung-up',
        blame: 'callee',
        startedAt: 1_000,
        answeredAt: 4_000,
        talkDuration: 30_000,
        from: '+442079460999',
      },
      trace: [{ at: 1_030, step: 'rang' }],
    } as never);
    const text = await page.text();
    expect(problemsOf(text)).toEqual([]);
    expect(text).toContain('littlepbx_calls_begun_total{direction="inbound"} 1');
    expect(text).toContain('reason="callee-hung-up",blame="callee"} 1');
    for (const [stage, le] of [
      ['dialled', '0.025'],
      ['ringing', '0.05'],
      ['answered', '5'],
    ]) {
      expect(text).toContain(`littlepbx_call_setup_seconds_bucket{stage="${stage}",le="${le}"} 1`);
    }
    expect(text).not.toContain('442079460999');
  });

  test('counting a call takes microseconds', () => {
    const calls = observeCalls(new MetricsPage());
    const record = {
      cdr: {
        direction: 'internal',
        result: 'answered',
        reason: 'x',
        blame: 'y',
        startedAt: 0,
        answeredAt: 5,
        talkDuration: 9,
      },
      trace: [
        { at: 1, step: 'call-began' },
        { at: 2, step: 'ringing' },
        { at: 3, step: 'rang' },
      ],
    } as never;
    const before = process.cpuUsage();
    for (let n = 0; n < 20_000; n += 1) {
      calls.began({ direction: 'internal' } as never);
      calls.dialled(3);
      calls.ended(record);
    }
    // Seen: 1.5 µs; a machine with load is given ten times that. Set-up costs the brain 1500 µs.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 20_000).toBeLessThan(20);
  });
});
