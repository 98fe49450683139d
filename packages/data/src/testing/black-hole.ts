import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface BlackHole {
  /** The given URL, through here. */
  url: string;
  /** What comes is taken and never answered, as by a stopped process; `false` lets it flow again. */
  hold(isHeld: boolean): void;
  /** Connections open through here. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A TCP relay before a database, to stop it for one test without stopping it for all. */
export async function blackHole(databaseUrl: string): Promise<BlackHole> {
  const target = new URL(databaseUrl);
  const pairs = new Map<Socket, Socket>();
  let isHeld = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    pairs.set(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => to.write(data));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        pairs.delete(near);
      });
    }
    if (isHeld) pause(near, far);
  });
  const pause = (...sockets: Socket[]): void => {
    for (const socket of sockets) {
      if (isHeld) socket.pause();
      else socket.resume();
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    hold(held) {
      isHeld = held;
      for (const [near, far] of pairs) pause(near, far);
    },
    get connections() {
      return pairs.size;
    },
    async close() {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
