/** HTTP below the API: requests that never end, lie about their length, or are none. */
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { pidOf, processFootprint } from '../kit/footprint.ts';
import { eventually } from '../phones/index.ts';
import { Chance } from './chance.ts';
import { SEED, system } from './torture.ts';

const port = Number(new URL(system.installation.web).port);

interface Line {
  socket: Socket;
  answer: string;
  isClosed: boolean;
}

const open = (): Promise<Line> =>
  new Promise((resolve) => {
    const line: Line = { socket: connect(port, '127.0.0.1', () => resolve(line)), answer: '', isClosed: false };
    line.socket.on('error', () => {});
    line.socket.on('data', (data) => {
      line.answer += data.toString('latin1');
    });
    line.socket.on('close', () => {
      line.isClosed = true;
    });
  });

test('200 requests that come a byte at a time are cut off in time, and the API answers others meanwhile', async () => {
  const brain = processFootprint(pidOf(system, 'brain'));
  const slow = await Promise.all(Array.from({ length: 200 }, open));
  // Half of them never end their headers, half never their body.
  const head =
    'POST /api/v1/organizations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n';
  slow.forEach(({ socket }, i) => {
    socket.write(i % 2 === 0 ? head : `${head}authorization: Bearer ${system.operatorKey}\r\n\r\n{`);
  });
  const timer = setInterval(() => {
    slow.forEach(({ socket, isClosed }, i) => {
      if (!isClosed) socket.write(i % 2 === 0 ? 'x' : ' ');
    });
  }, 400);
  let slowest = 0;
  try {
    await eventually(
      async () => {
        const began = performance.now();
        await system.api.getSystem();
        slowest = Math.max(slowest, performance.now() - began);
        return slow.every((line) => line.isClosed) ? true : undefined;
      },
      {
        within: 60_000,
        every: 100,
        reason: () => `${slow.filter((line) => !line.isClosed).length} slow requests are still open`,
      },
    );
  } finally {
    clearInterval(timer);
    for (const { socket } of slow) socket.destroy();
  }
  // Were others to wait for the slow ones, they would wait for ten seconds.
  expect(slowest).toBeLessThan(5000);
  expect(slow.filter((line) => / 408 /.test(line.answer.split('\r\n')[0] ?? '')).length).toBe(slow.length);
  await eventually(
    () => (processFootprint(pidOf(system, 'brain')).descriptors <= brain.descriptors + 10 ? true : undefined),
    {
      reason: () => 'the brain keeps descriptors of closed connections',
    },
  );
});

const REQUESTS = [
  'GET /api/v1/system HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
  'GET /api/v1/system HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabc',
  'POST /api/v1/organizations HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\nZZ\r\n',
  'POST /api/v1/organizations HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n',
  `GET /api/v1/${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  `GET /api/v1/system HTTP/1.1\r\nhost: x\r\n${'x: y\r\n'.repeat(20_000)}\r\n`,
  'GET /api/v1/%00%ff%c0 HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET http://[::1/ HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /api/v1/../../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n',
  'CONNECT / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00',
];

test('requests that are none get 4xx or nothing, none a fault, and the brain stays', async () => {
  const brain = pidOf(system, 'brain');
  const chance = new Chance(SEED);
  const random = Array.from({ length: 200 }, () => {
    const text = Buffer.from(chance.pick(REQUESTS), 'latin1');
    const flipped = Buffer.from(text);
    for (let n = 0; n < 4; n += 1) flipped[chance.below(flipped.length)] = chance.below(256);
    return flipped;
  });
  for (const request of [...REQUESTS.map((text) => Buffer.from(text, 'latin1')), ...random]) {
    const line = await open();
    line.socket.end(request);
    await eventually(() => (line.isClosed || line.answer !== '' ? true : undefined), {
      within: 15_000,
      every: 2,
      reason: () => `no end to ${request.toString('latin1').slice(0, 80)}`,
    });
    expect(line.answer, request.toString('latin1').slice(0, 200)).not.toMatch(/^HTTP\/1.1 5/);
    line.socket.destroy();
  }
  expect(pidOf(system, 'brain')).toBe(brain);
});
