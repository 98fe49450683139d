/** Boxes that record at the same time: processor time of each, against a static `Record()`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ARMS, type Arm } from './kit/arms.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import type { Installation } from './kit/installation.ts';
import { addStaticTwins, credentials, type Line, populate } from './kit/population.ts';
import { inMs, type Measurement, times } from './kit/report.ts';
import { startLoad } from './kit/sipp.ts';
import { median, ratioOfPairs } from './kit/statistics.ts';

/** Calls begun per second. */
const RATE = 20;
/** The stock greeting of both arms. Milliseconds. */
const GREETING = 12_000;
const STATIC_BOX = 'record';

/** `talk.xml` for a far end that answers without ringing. */
function writeScenario(): string {
  const talk = readFileSync(new URL('./sipp/talk.xml', import.meta.url), 'utf8');
  const path = join(mkdtempSync(join(tmpdir(), 'littlepbx-bench-voicemail-')), 'talk.xml');
  const isTimed = / (?:start_)?rtd="[12]"/g;
  writeFileSync(
    path,
    talk
      .replace(/<recv response="180"[^>]*>/, '')
      .replaceAll(/<nop (?:start_)?rtd="2"\/>/g, '')
      .replaceAll(isTimed, ''),
  );
  return path;
}

/** The same prompts, silence and length, as a dialplan has them. */
async function addStaticBox({ console }: Installation): Promise<void> {
  await console.run('module load app_record.so');
  const greeting = ['vm-theperson', 'digits/1', 'digits/0', 'digits/0', 'digits/1', 'vm-isunavail', 'vm-intro'];
  const steps = [
    'Answer',
    `Playback,${greeting.join('&')}`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Asterisk's syntax
    'Record,${ASTSPOOLDIR}/recording/bench-${UNIQUEID}.wav\\,8\\,180\\,k',
  ];
  for (const [i, step] of steps.entries()) {
    const said = await console.run(`dialplan add extension ${STATIC_BOX},${i + 1},${step} into bench-static`);
    if (!said.includes('added')) throw new Error(`no static box: ${said}`);
  }
}

export function voicemail(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  const boxes = isQuick ? 10 : 100;
  /** How long all of them are watched at work. Seconds. */
  const window = isQuick ? 4 : 15;
  return withInstallation(context, async (installation) => {
    const lines = await populate(installation, { organizations: 1, extensionsEach: boxes * 2, name: 'boxes' });
    const params = { org: lines[0]!.org };
    const [callers, owners] = [lines.slice(0, boxes), lines.slice(boxes)];
    for (const { extension } of owners) {
      await installation.client.updateExtension({
        params: { ...params, extension },
        body: { forwardAlways: 'voicemail' },
      });
    }
    await installation.client.applyDraft({ params, body: {} });
    const twins = await addStaticTwins(installation, lines);
    await addStaticBox(installation);
    const rows: Record<Arm, string[][]> = {
      ours: callers.map((line, i) => [...credentials(line), owners[i]!.extension]),
      dial: twins.slice(0, boxes).map((line: Line) => [...credentials(line), STATIC_BOX]),
    };
    const scenario = writeScenario();
    const cost: Record<Arm, number[]> = { ours: [], dial: [] };
    const failed: Record<Arm, number> = { ours: 0, dial: 0 };
    const measure = async (arm: Arm) => {
      const load = startLoad({
        ...{ scenario, sipPort: installation.sipPort, localPort: 5960, rows: rows[arm], rate: RATE },
        calls: boxes,
        hold: GREETING + (boxes / RATE + window + 6) * 1000,
      });
      await sleep((boxes / RATE) * 1000 + GREETING);
      const before = installation.cpu();
      const started = performance.now();
      await sleep(window * 1000);
      const after = installation.cpu();
      const seconds = (performance.now() - started) / 1000;
      const result = await load.result;
      failed[arm] += result.failed;
      const used = after.engine + after.brain + after.db - before.engine - before.brain - before.db;
      cost[arm].push(used / boxes / seconds);
      say(`${arm}: ${inMs(used / boxes / seconds)} per box and second, ${result.failed} failed`);
      if (result.failed) say(result.errors);
    };
    for (let i = 0; i < (isQuick ? 1 : 4); i++) {
      await untilQuiet();
      for (const arm of i % 2 ? ARMS : [...ARMS].reverse()) await measure(arm);
    }
    rmSync(dirname(scenario), { recursive: true });
    const ratio = ratioOfPairs(cost.ours, cost.dial);
    const { items } = await installation.client.listVoicemailMessages({
      params: { ...params, extension: owners[0]!.extension },
    });
    return {
      title: `Voicemail: CPU per box, ${boxes} recording at once`,
      figures: [
        { what: 'Ours / Record()', value: times(ratio), target: '<= 1.1x', isMet: ratio.median <= 1.1 },
        { what: 'Ours, per box and second', value: inMs(median(cost.ours)) },
        { what: 'Record(), per box and second', value: inMs(median(cost.dial)) },
        { what: 'Failed calls, ours and Record()', value: `${failed.ours}, ${failed.dial}` },
        { what: 'Messages in the first box, one a block', value: String(items.length) },
      ],
      notes: [
        `G.711, 50 packets a second, 16 bit WAV on disk, silence detection on; ${window} s windows after all were past the greeting; engine, brain and Postgres counted.`,
      ],
      data: { cost },
    };
  });
}
