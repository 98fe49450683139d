/**
 * Pairs of phones as a process of their own, to be run in another network: each pair calls, talks for a while and hangs up.
 * Prints what was heard as JSON. Arguments: one JSON object, `FarTalk`.
 */
import { Phone } from '../phones/index.ts';

export interface FarTalk {
  server: string;
  port: number;
  localHost: string;
  /** Milliseconds. */
  lasting: number;
  pairs: { caller: Account; callee: Account; number: string }[];
}

interface Account {
  username: string;
  password: string;
}

export interface Heard {
  /** Of the calls; the others have no audio below. */
  talked: number;
  /** Calls that ended before anybody hung up. */
  dropped: number;
  /** Packets that came, and those that are missing by their numbers. */
  received: number;
  lost: number;
  /** Without a packet. Milliseconds. */
  longestSilence: number;
  /** Share of the time in which the other's tone was heard, the worst of all. */
  heard: number;
  /** What went wrong. */
  troubles: string[];
}

const LOOK_EVERY = 200;
const TONES = { caller: 700, callee: 1100 };

async function talk(far: FarTalk, { caller, callee, number }: FarTalk['pairs'][number], total: Heard): Promise<void> {
  const { server, port, localHost, lasting } = far;
  const phones = await Promise.all(
    [caller, callee].map((account) => Phone.create({ server, port, localHost, ...account })),
  );
  const [from, to] = phones as [Phone, Phone];
  try {
    await Promise.all(phones.map((phone) => phone.register({ within: 40_000 })));
    const call = await from.dial(number);
    const answered = await to.rings({ within: 40_000 });
    await answered.answer({ within: 40_000 });
    await call.answered({ within: 40_000 });
    total.talked += 1;
    call.sayTone(TONES.caller);
    answered.sayTone(TONES.callee);
    await Promise.all([answered.hears(TONES.caller), call.hears(TONES.callee)]);
    const ends = [call, answered];
    const before = ends.map(({ rtp }) => ({ ...rtp.stats }));
    let [silence, heard, looks] = [0, 0, 0];
    const end = performance.now() + lasting;
    while (performance.now() < end && ends.every(({ isLive }) => isLive)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
      for (const [i, { rtp }] of ends.entries()) {
        silence = Math.max(silence, Date.now() - rtp.lastPacketAt);
        heard += rtp.carries(i === 0 ? TONES.callee : TONES.caller) ? 1 : 0;
        looks += 1;
      }
    }
    if (!ends.every(({ isLive }) => isLive)) total.dropped += 1;
    for (const [i, { rtp }] of ends.entries()) {
      total.received += rtp.stats.received - before[i]!.received;
      total.lost += rtp.stats.lost - before[i]!.lost;
    }
    total.longestSilence = Math.max(total.longestSilence, silence);
    total.heard = Math.min(total.heard, heard / looks);
    await call.hangUp();
    await answered.ended({ within: 40_000 });
  } catch (error) {
    total.troubles.push((error as Error).message);
  } finally {
    await Promise.all(phones.map((phone) => phone.close()));
  }
}

const far = JSON.parse(process.argv[2] ?? '') as FarTalk;
const total: Heard = { talked: 0, dropped: 0, received: 0, lost: 0, longestSilence: 0, heard: 1, troubles: [] };
await Promise.all(far.pairs.map((pair) => talk(far, pair, total)));
console.log(JSON.stringify(total));
