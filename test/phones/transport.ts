/**
 * SIP over UDP, TCP and TLS on one local port (RFC 3261, section 18). A phone listens and connects with the same
 * transport; a connection is found again by its far end, so responses and in-dialog requests reuse it.
 */

import { createSocket } from 'node:dgram';
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';

export type Protocol = 'udp' | 'tcp' | 'tls';

export interface Peer {
  host: string;
  port: number;
}

export interface TlsOptions {
  /** Trusted certificates in PEM; without it any certificate is accepted. */
  ca?: string;
  /** Name the server's certificate must carry, when it is not its address. */
  serverName?: string;
  /** Needed to accept connections. PEM. */
  cert?: string;
  key?: string;
}

export interface TransportOptions {
  protocol: Protocol;
  host: string;
  /** 0 = any free port. */
  port: number;
  tls?: TlsOptions;
  /** One whole message, or a malformed one as it came. */
  onMessage(text: string, from: Peer): void;
}

export interface Transport {
  readonly protocol: Protocol;
  readonly local: Peer;
  send(data: string | Buffer, to: Peer): Promise<void>;
  /** Drops all connections at once, as a phone that lost its power. */
  close(): Promise<void>;
}

export const openTransport = (options: TransportOptions): Promise<Transport> =>
  options.protocol === 'udp' ? openUdp(options) : openStream(options);

const openUdp = async ({ host, port, onMessage }: TransportOptions): Promise<Transport> => {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // ICMP "port unreachable" shows as an error here; the transaction's time-out tells the test.
  socket.on('error', () => {});
  socket.on('message', (data, from) => {
    // Keep-alives of RFC 5626 are blank.
    if (data.length > 4) onMessage(data.toString('utf8'), { host: from.address, port: from.port });
  });
  let isClosed = false;
  return {
    protocol: 'udp',
    local: { host, port: socket.address().port },
    send: (data, to) =>
      new Promise((resolve) => {
        if (isClosed) resolve();
        else socket.send(data, to.port, to.host, () => resolve());
      }),
    close: () =>
      new Promise((resolve) => {
        if (isClosed) resolve();
        else socket.close(() => resolve());
        isClosed = true;
      }),
  };
};

const keyOf = (peer: Peer): string => `${peer.host}:${peer.port}`;

const openStream = async (options: TransportOptions): Promise<Transport> => {
  const { protocol, host, port, tls = {}, onMessage } = options;
  const connections = new Map<string, Promise<Socket>>();
  const sockets = new Set<Socket>();
  let isClosed = false;

  const attach = (socket: Socket, peer: Peer): void => {
    sockets.add(socket);
    const frames = new Frames((text) => onMessage(text, peer));
    socket.on('data', (data) => frames.push(data));
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      connections.delete(keyOf(peer));
    });
  };

  const accept = (socket: Socket): void => {
    const peer = { host: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''), port: socket.remotePort ?? 0 };
    connections.set(keyOf(peer), Promise.resolve(socket));
    attach(socket, peer);
  };

  let server: Server | null = null;
  if (protocol === 'tcp') server = createServer(accept);
  else if (tls.cert && tls.key) server = createTlsServer({ cert: tls.cert, key: tls.key }, accept);
  const listener = server;
  if (listener) {
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(port, host, resolve);
    });
  }
  const address = listener?.address();

  const connectTo = (peer: Peer): Promise<Socket> => {
    const known = connections.get(keyOf(peer));
    if (known) return known;
    const made = new Promise<Socket>((resolve, reject) => {
      const at = { host: peer.host, port: peer.port, localAddress: host };
      const socket: Socket =
        protocol === 'tcp'
          ? tcpConnect(at, () => resolve(socket))
          : tlsConnect(
              {
                ...at,
                rejectUnauthorized: tls.ca !== undefined,
                ...(tls.ca === undefined ? {} : { ca: tls.ca }),
                ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
              },
              () => resolve(socket),
            );
      socket.setNoDelay(true);
      socket.once('error', (error) => {
        connections.delete(keyOf(peer));
        reject(error);
      });
      attach(socket, peer);
    });
    connections.set(keyOf(peer), made);
    return made;
  };

  return {
    protocol,
    // A TLS phone without a certificate only connects; port 9 (discard) then stands in its Contact.
    local: { host, port: typeof address === 'object' && address ? address.port : 9 },
    send: async (data, to) => {
      if (isClosed) return;
      const socket = await connectTo(to);
      socket.write(data);
    },
    close: async () => {
      isClosed = true;
      const closed = [...sockets].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      for (const socket of sockets) socket.destroy();
      if (listener) await new Promise<void>((resolve) => listener.close(() => resolve()));
      await Promise.all(closed);
    },
  };
};

/** Cuts a byte stream into messages by `Content-Length` (RFC 3261, section 18.3). */
class Frames {
  #buffer = Buffer.alloc(0);
  readonly #onMessage: (text: string) => void;

  constructor(onMessage: (text: string) => void) {
    this.#onMessage = onMessage;
  }

  push(data: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      let skip = 0;
      while (this.#buffer[skip] === 13 || this.#buffer[skip] === 10) skip++;
      if (skip > 0) this.#buffer = this.#buffer.subarray(skip);
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.#buffer.toString('utf8', 0, end);
      const length = Number(/^(?:content-length|l)\s*:\s*(\d+)/im.exec(head)?.[1] ?? 0);
      const total = end + 4 + length;
      if (this.#buffer.length < total) return;
      const text = this.#buffer.toString('utf8', 0, total);
      this.#buffer = this.#buffer.subarray(total);
      this.#onMessage(text);
    }
  }
}
