/** Established calls while the brain is killed, again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Arms } from './kit/arms.ts';
import { type Context, withInstallation } from './kit/context.ts';
import { until } from './kit/installation.ts';
import { populate } from './kit/population.ts';
import { inMs, type Measurement } from './kit/report.ts';
import { startLoad } from './kit/sipp.ts';

export function survival(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  const calls = isQuick ? 20 : 100;
  const kills = isQuick ? 2 : 5;
  return withInstallation(context, async (installation) => {
    const { client, console: engine } = installation;
    const lines = await populate(installation, { organizations: 10, extensionsEach: 20 });
    const arms = await Arms.create(installation, lines);
    await arms.ready();
    const hold = 15_000 + kills * 9000;
    const long = startLoad({
      scenario: 'call',
      sipPort: installation.sipPort,
      localPort: 5960,
      rows: arms.rows('ours').filter((_, i) => i % 10 < 9),
      rate: 20,
      calls,
      hold,
    });
    await sleep((calls / 20 + 2) * 1000);
    // New calls that come and go all the while, the outages included.
    const rate = 5;
    const fresh = startLoad({
      scenario: 'call',
      sipPort: installation.sipPort,
      localPort: 5980,
      rows: arms.rows('ours').filter((_, i) => i % 10 === 9),
      rate,
      calls: rate * kills * 8,
      hold: 1000,
    });
    await sleep(2000);
    const up = (await engine.leftovers()).channels;
    if (up < calls * 2) throw new Error(`only ${up} channels for ${calls} calls`);
    const listed: number[] = [];
    const controlled: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const params = { org: `bench-${kill + 1}` };
      process.kill(installation.pid('brain'), 'SIGKILL');
      const killed = performance.now();
      const old = async () =>
        (await client.listLiveCalls({ params })).items.find(
          (call) => call.state === 'talking' && Date.now() - call.startedAt > 4000,
        );
      let call: Awaited<ReturnType<typeof old>>;
      await until('an earlier call in the list', 30_000, async () => {
        call = await old().catch(() => undefined);
        return call !== undefined;
      });
      listed.push(performance.now() - killed);
      await until('it can be hung up', 30_000, () =>
        client.hangUpCall({ params: { ...params, call: call!.id } }).then(
          () => true,
          () => false,
        ),
      );
      await until('it is gone', 30_000, async () =>
        (await client.listLiveCalls({ params })).items.every((other) => other.id !== call!.id),
      );
      controlled.push(performance.now() - killed);
      say(`killed: calls listed after ${inMs(listed.at(-1)!)}, one hung up after ${inMs(controlled.at(-1)!)}`);
      await sleep(5000);
    }
    const [first, second] = await Promise.all([long.result, fresh.result]);
    await sleep(10_000);
    const left = await engine.leftovers();
    const { calls: known } = await client.getSystem();
    await arms.close();
    // The one that we hung up ourselves, at each kill, is a failed call to sipp.
    const lost = first.failed - kills;
    const slowest = Math.max(...controlled);
    const answered = second.times['3']?.length ?? 0;
    return {
      title: `Survival: ${calls} calls up, brain killed ${kills} times`,
      figures: [
        { what: 'Calls lost', value: String(lost), target: '0', isMet: lost === 0 },
        {
          what: 'Control back (an earlier call hung up by the API), slowest',
          value: inMs(slowest),
          target: '<= 2 s',
          isMet: slowest <= 2000,
        },
        { what: 'Each kill: calls listed', value: listed.map(inMs).join(', ') },
        { what: 'Each kill: one of them hung up', value: controlled.map(inMs).join(', ') },
        {
          what: 'Channels and bridges left 10 s after the last call',
          value: `${left.channels}, ${left.bridges}`,
          target: '0, 0',
          isMet: left.channels + left.bridges === 0,
        },
        { what: 'Calls that the brain still believes in', value: String(known) },
        {
          what: 'New calls placed meanwhile, the outages included',
          value: `${answered} of ${second.created} answered`,
        },
      ],
      notes: [
        `SIGKILL; the supervisor starts the next brain. ${rate} new calls a second go on all the while, so some are in set-up at each kill and some callers hang up while no brain is there.`,
        ...(lost > 0 || second.failed > 0 ? [`sipp said: ${(first.errors + second.errors).slice(0, 600)}`] : []),
      ],
      data: {
        listed,
        controlled,
        left,
        failed: first.failed,
        errors: first.errors,
        fresh: { ...second, times: undefined },
      },
    };
  });
}
