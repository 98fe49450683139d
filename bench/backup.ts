/** Backup of many messages while people call. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Arms } from './kit/arms.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { populate } from './kit/population.ts';
import { inMs, type Measurement } from './kit/report.ts';
import { type LoadResult, startLoad } from './kit/sipp.ts';
import { percentile } from './kit/statistics.ts';

const run = promisify(execFile);
const LITTLEPBX = fileURLToPath(new URL('../littlepbx', import.meta.url));

/** A message of ten seconds, 16 bits at 8 kHz. Bytes. */
const MESSAGE = 160_044;
/** Calls per second: some fifth of what two cores set up. */
const RATE = 10;
/** `bench/sipp/call.xml`: INVITE with credentials to 180. */
const RINGS = '1';

export function backup(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  const messages = isQuick ? 500 : 10_000;
  return withInstallation(context, async (installation) => {
    const { data, sipPort } = installation;
    const lines = await populate(installation, { organizations: 10, extensionsEach: 20 });
    const arms = await Arms.create(installation, lines);
    await arms.ready();
    writeMessages(join(data, 'files', 'bench'), messages);
    const folder = mkdtempSync(join(tmpdir(), 'littlepbx-bench-backup-'));
    const passphrase = join(folder, 'passphrase');
    writeFileSync(passphrase, 'three blind mice\n');
    // Past those of the arms.
    let localPort = 5970;
    const load = (seconds: number) => {
      localPort += 10;
      return startLoad({
        ...{ scenario: 'call', sipPort, localPort, rows: arms.rows('ours') },
        ...{ rate: RATE, calls: RATE * seconds, hold: 300 },
      });
    };
    try {
      const alone = await load(isQuick ? 5 : 20).result;
      const took: Record<string, { seconds: number; bytes: number; peakInMb: number; calls: LoadResult }> = {};
      for (const [name, args] of [
        ['plain', []],
        ['encrypted', ['--passphrase-file', passphrase]],
      ] as const) {
        // Longer than any backup takes; it is stopped with it.
        const calls = load(1200);
        const file = join(folder, name);
        const began = performance.now();
        const peakInMb = await greatest(['backup', file, '--data', data, ...args]);
        const seconds = (performance.now() - began) / 1000;
        calls.stop();
        took[name] = { seconds, bytes: statSync(file).size, peakInMb, calls: await calls.result };
        say(`${name}: ${seconds.toFixed(1)} s, ${took[name]?.calls.failed} calls failed`);
      }
      const checkBegan = performance.now();
      await run(LITTLEPBX, ['backup', '--check', join(folder, 'plain')]);
      const checked = (performance.now() - checkBegan) / 1000;
      const p95 = (result: LoadResult) =>
        percentile(
          (result.times[RINGS] ?? []).map((t) => t.ms),
          95,
        );
      const all = Object.entries(took);
      const failed = all.reduce((sum, [, { calls }]) => sum + calls.failed, 0);
      const created = all.reduce((sum, [, { calls }]) => sum + calls.created, 0);
      const size = (messages * MESSAGE) / 1e6;
      return {
        title: `Backup of ${messages} messages (${(size / 1000).toFixed(1)} GB) while ${RATE} calls a second are made`,
        figures: [
          ...all.map(([name, { seconds, bytes, peakInMb }]) => ({
            what: `${name[0]!.toUpperCase()}${name.slice(1)}`,
            value: `${seconds.toFixed(1)} s, ${(size / seconds).toFixed(0)} MB/s, file of ${(bytes / 1e6).toFixed(0)} MB, memory at most ${peakInMb.toFixed(0)} MB`,
          })),
          { what: 'Read and checked', value: `${checked.toFixed(1)} s, ${(size / checked).toFixed(0)} MB/s` },
          { what: 'Calls failed meanwhile', value: `${failed} of ${created}`, target: '0', isMet: failed === 0 },
          { what: 'INVITE to 180, p95, without a backup', value: inMs(p95(alone)) },
          ...all.map(([name, { calls }]) => ({ what: `INVITE to 180, p95, ${name} backup`, value: inMs(p95(calls)) })),
        ],
        notes: [
          'Messages are tones with noise. The backup runs at nice 10, as it always does; memory is that of its Node.',
        ],
        data: { alone, took, checked },
      };
    } finally {
      await arms.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Runs a command of ours; the greatest memory that its process had. Megabytes. */
async function greatest(args: string[]): Promise<number> {
  const child = spawn(LITTLEPBX, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let peak = 0;
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has just ended.
    }
  }, 100);
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(look);
  if (code !== 0) throw new Error(`littlepbx ${args[0]} ended with ${code}`);
  return peak;
}

function writeMessages(folder: string, count: number): void {
  // As many as zstd's window cannot hold: what it has seen before compresses to nothing.
  const sounds = Array.from({ length: 50 }, (_, n) => {
    const sound = Buffer.alloc(MESSAGE);
    for (let i = 0; i < MESSAGE - 1; i += 2) {
      sound.writeInt16LE(Math.round(8000 * Math.sin((i * (n + 7)) / 400) + 300 * (Math.random() - 0.5)), i);
    }
    return sound;
  });
  for (let n = 0; n < count; n += 1) {
    const into = join(folder, String(n % 100));
    mkdirSync(into, { recursive: true });
    writeFileSync(join(into, `${n}.wav`), sounds[n % sounds.length]!);
  }
}
