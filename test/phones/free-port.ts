/** Ports for programs that must be told theirs. */

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const isFree = async (port: number): Promise<boolean> => {
  const udp = createSocket('udp4');
  const isUdpFree = await new Promise<boolean>((resolve) => {
    udp.once('error', () => resolve(false));
    udp.bind(port, '127.0.0.1', () => resolve(true));
  });
  await new Promise<void>((resolve) => udp.close(() => resolve()));
  const tcp = createServer();
  const isTcpFree = await new Promise<boolean>((resolve) => {
    tcp.once('error', () => resolve(false));
    tcp.listen(port, '127.0.0.1', () => resolve(true));
  });
  await new Promise<void>((resolve) => tcp.close(() => resolve()));
  return isUdpFree && isTcpFree;
};

/** A port free for UDP and TCP, as are the `following` ones; even, so that it serves RTP too. */
export const freePort = async (first: number, last: number, following = 0): Promise<number> => {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = 2 * randomInt(Math.ceil(first / 2), Math.floor(last / 2));
    const ports = Array.from({ length: following + 1 }, (_, i) => port + i);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return port;
  }
  throw new Error(`No free port between ${first} and ${last}`);
};
