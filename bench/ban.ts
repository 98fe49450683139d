/** How soon a ban holds: from the fifth bad try until the first request that nobody answers any more. */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, withInstallation } from './kit/context.ts';
import type { Installation } from './kit/installation.ts';
import { inMs, type Measurement } from './kit/report.ts';
import { percentile } from './kit/statistics.ts';

/** Bad tries that are one too many. */
const TRIES = 5;
/** Probes after the last of them, and how far apart. Milliseconds. */
const WATCHED = 1500;
const EVERY = 2;

interface Ban {
  /** From the fifth try on. Milliseconds; null: it never held. */
  inEffect: number | null;
  /** As the brain says it decided, by the same clock. */
  decided: number;
}

export function ban(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  return withInstallation(context, async (installation) => {
    const bans: Ban[] = [];
    for (let i = 0; i < (isQuick ? 5 : 50); i += 1) {
      const one = await banned(installation, `127.88.${Math.floor(i / 200)}.${1 + (i % 200)}`);
      say(`in effect after ${one.inEffect === null ? 'never' : inMs(one.inEffect)}, decided after ${one.decided} ms`);
      bans.push(one);
    }
    const { firewall } = installation;
    const held = bans.flatMap(({ inEffect }) => inEffect ?? []);
    const decided = bans.map((one) => one.decided);
    const isMet = held.length === bans.length && percentile(decided, 95) <= 100;
    return {
      title: `Ban after the fifth bad try, ${bans.length} addresses one after the other`,
      figures: [
        {
          what: 'Fifth try until the ban is decided, median, p95 and worst',
          value: [50, 95, 100].map((p) => inMs(percentile(decided, p))).join(', '),
          target: '<= 100 ms',
          isMet,
        },
        {
          what: 'Fifth try until nothing is answered any more, median, p95 and worst',
          value: [50, 95, 100].map((p) => inMs(percentile(held, p))).join(', '),
        },
        { what: 'Bans that did not hold', value: String(bans.length - held.length), target: '0' },
      ].map((figure) => (figure.target === '0' ? { ...figure, isMet: held.length === bans.length } : figure)),
      notes: [
        `Kept by ${firewall ? 'nftables' : "the engine's access list"}. Probes are ${EVERY} ms apart, so times are that coarse; the brain's own time is in whole milliseconds.`,
      ],
      data: bans,
    };
  });
}

async function banned({ client, sipPort, firewall }: Installation, address: string): Promise<Ban> {
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  try {
    const answers = new Map<string, number>();
    socket.on('message', (data) => {
      const text = data.toString('latin1');
      const callId = /^Call-ID: (\S+)/im.exec(text)?.[1] ?? '';
      answers.set(callId, Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]));
    });
    for (let i = 1; i < TRIES; i += 1) {
      const callId = send(socket, sipPort, 'REGISTER');
      for (let waited = 0; !answers.has(callId); waited += 1) {
        if (waited > 2000) throw new Error('the engine does not answer');
        await sleep(1);
      }
    }
    const [fifth, at] = [performance.now(), Date.now()];
    send(socket, sipPort, 'REGISTER');
    const probes: { callId: string; after: number }[] = [];
    while (performance.now() - fifth < WATCHED) {
      await sleep(EVERY);
      const after = performance.now() - fifth;
      probes.push({ callId: send(socket, sipPort, 'OPTIONS'), after });
    }
    await sleep(500);
    // The engine's own list still says no; nftables say nothing.
    const isIn = (status: number | undefined) => status !== undefined && (firewall || status !== 403);
    const last = probes.findLastIndex(({ callId }) => isIn(answers.get(callId)));
    const { items } = await client.listBans({ query: { limit: 200 } });
    const found = items.find(({ subject }) => subject === `${address}/32`);
    if (!found) throw new Error(`${address} was not banned`);
    await client.liftBan({ params: { ban: found.id } });
    return { inEffect: probes[last + 1]?.after ?? null, decided: Math.max(0, found.since - at) };
  } finally {
    socket.close();
  }
}

/** @returns its Call-ID */
function send(socket: Socket, sipPort: number, method: string): string {
  const { address, port } = socket.address();
  const callId = randomBytes(8).toString('hex');
  const lines = [
    `${method} sip:127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bK${callId};rport`,
    'Max-Forwards: 70',
    `From: <sip:nobody@127.0.0.1>;tag=${callId}`,
    'To: <sip:nobody@127.0.0.1>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:nobody@${address}:${port}>`,
    'Content-Length: 0',
  ];
  socket.send(`${lines.join('\r\n')}\r\n\r\n`, sipPort, '127.0.0.1');
  return callId;
}
