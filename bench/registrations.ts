/** How fast devices can register, and how long an engine takes to be there for them again. */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCapture } from './kit/capture.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import { type Installation, until } from './kit/installation.ts';
import { credentials, populate } from './kit/population.ts';
import { inMs, type Measurement } from './kit/report.ts';
import { runLoad } from './kit/sipp.ts';
import { percentile } from './kit/statistics.ts';

const PORT = 5960;

export function registrations(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  const organizations = isQuick ? 4 : 100;
  return withInstallation(context, async (installation) => {
    const lines = await populate(installation, { organizations, extensionsEach: 50 });
    const rows = lines.map((line) => [...credentials(line), line.username]);
    const rounds: { rate: number; failed: number; p50: number; p99: number; engineCpu: number }[] = [];
    for (const rate of isQuick ? [100] : [200, 400, 600, 800, 1000, 1200]) {
      await untilQuiet();
      const capture = await startCapture(PORT);
      const before = installation.cpu();
      const result = await runLoad({
        scenario: 'register',
        sipPort: installation.sipPort,
        localPort: PORT,
        rows,
        rate,
        calls: rows.length,
      });
      const engineCpu = (installation.cpu().engine - before.engine) / rows.length;
      const times = (await capture.stop()).flatMap((t) => (t.answer === null ? [] : [t.answer - t.invite]));
      const round = { rate, failed: result.failed, p50: percentile(times, 50), p99: percentile(times, 99), engineCpu };
      rounds.push(round);
      say(`${rate}/s: ${result.failed} failed, p50 ${inMs(round.p50)}, p99 ${inMs(round.p99)}`);
      if (result.failed / rows.length >= 0.001) break;
    }
    const best = rounds.filter((r) => r.failed / rows.length < 0.001).at(-1);
    const { sip, ready } = await restartEngine(installation);
    say(`engine answers SIP after ${inMs(sip)}, brain in control after ${inMs(ready)}`);
    const kept = await known(installation);
    return {
      title: `Registrations: ${rows.length} devices`,
      figures: [
        { what: 'Highest rate with < 0.1 % failed', value: `${best?.rate ?? 0} registrations/s` },
        ...rounds.map((r) => ({
          what: `At ${r.rate}/s: first REGISTER to 200, p50 and p99; failed; engine CPU each`,
          value: `${inMs(r.p50)}, ${inMs(r.p99)}; ${r.failed}; ${inMs(r.engineCpu)}`,
        })),
        { what: 'Engine killed to SIP answered', value: inMs(sip) },
        { what: 'Engine killed to brain in control and ready', value: inMs(ready) },
        { what: 'Registrations known after the restart', value: String(kept) },
      ],
      notes: ['Two requests each (challenge, MD5 digest), UDP, every device registered anew in each round.'],
      data: { rounds, sip, ready, kept },
    };
  });
}

async function known({ client }: Installation): Promise<number> {
  // The count is refreshed in the background, by being asked for.
  await client.getSystem();
  await sleep(6000);
  return (await client.getSystem()).registrations;
}

/** Kills the engine; milliseconds until SIP is answered and until all is ready. */
async function restartEngine(installation: Installation): Promise<{ sip: number; ready: number }> {
  process.kill(installation.pid('engine'), 'SIGKILL');
  const killed = performance.now();
  await until('the engine answers SIP', 180_000, () => answersSip(installation.sipPort), 10);
  const sip = performance.now() - killed;
  await until('the brain is ready', 180_000, () => installation.isReady(), 100);
  return { sip, ready: performance.now() - killed };
}

/** Whether an OPTIONS gets any answer within 100 ms. */
function answersSip(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    const done = (isAnswered: boolean) => {
      clearTimeout(late);
      socket.close();
      resolve(isAnswered);
    };
    const late = setTimeout(() => done(false), 100);
    socket.on('message', () => done(true));
    socket.on('error', () => done(false));
    socket.bind(0, '127.0.0.1', () => {
      const id = Math.random().toString(36).slice(2);
      const own = `127.0.0.1:${socket.address().port}`;
      const lines = [
        `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${id};rport`,
        `From: <sip:bench@${own}>;tag=${id}`,
        `To: <sip:127.0.0.1:${port}>`,
        `Call-ID: ${id}`,
        'CSeq: 1 OPTIONS',
        'Max-Forwards: 70',
        'Content-Length: 0',
      ];
      socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1');
    });
  });
}
