/** Counts what goes over the brain's control socket, by standing in it: the brain is restarted on the tap's port. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Block } from './arms.ts';
import { type Installation, until } from './installation.ts';

export interface Tapped {
  requestsPerCall: number;
  eventsPerCall: number;
  bytesPerCall: number;
  /** Per call, by method and path, and by event type. */
  requests: Record<string, number>;
  events: Record<string, number>;
}

export async function tapAri(installation: Installation, work: () => Promise<Block>): Promise<Tapped> {
  const path = join(installation.data, 'brain/settings.json');
  const original = readFileSync(path, 'utf8');
  const settings = JSON.parse(original) as { ari: { port: number } };
  const count = { bytes: 0, requests: new Map<string, number>(), events: new Map<string, number>() };
  const sockets = new Set<Socket>();
  const server = createServer((brain) => {
    const engine = connect(settings.ari.port, '127.0.0.1');
    const sent = new Frames((text) => add(count.requests, nameOfRequest(text)));
    const received = new Frames((text) => {
      const type = /"type":\s*"(\w+)"/.exec(text)?.[1] ?? '?';
      if (type !== 'RESTResponse') add(count.events, type);
    });
    pass(brain, engine, sent);
    pass(engine, brain, received);
  });
  const pass = (from: Socket, to: Socket, frames: Frames) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (data: Buffer) => {
      count.bytes += data.length;
      frames.take(data);
      to.write(data);
    });
    from.on('error', () => {});
    from.on('close', () => to.destroy());
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  try {
    writeFileSync(path, JSON.stringify({ ...settings, ari: { ...settings.ari, port } }));
    await installation.restart('brain');
    await until('the brain on the tap', 20_000, () => installation.isReady(), 300);
    count.bytes = 0;
    count.requests.clear();
    count.events.clear();
    const { answered } = await work();
    const per = (counts: Map<string, number>) =>
      Object.fromEntries([...counts].map(([name, n]) => [name, n / answered]).filter(([, n]) => (n as number) > 0.05));
    const sum = (counts: Map<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0) / answered;
    return {
      requestsPerCall: sum(count.requests),
      eventsPerCall: sum(count.events),
      bytesPerCall: count.bytes / answered,
      requests: per(count.requests) as Record<string, number>,
      events: per(count.events) as Record<string, number>,
    };
  } finally {
    writeFileSync(path, original);
    for (const socket of sockets) socket.destroy();
    server.close();
    await installation.restart('brain');
    await until('the brain off the tap', 20_000, () => installation.isReady(), 300);
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function nameOfRequest(text: string): string {
  const { method, uri } = JSON.parse(text) as { method: string; uri: string };
  return `${method} ${(uri.split('?')[0] ?? '').replace(/(?<=\/)([lb]-)?[0-9a-f]{6,}[^/]*/g, '{id}').replace(/\d{10}\.\d+/, '{id}')}`;
}

/** Text messages of one direction of a WebSocket (RFC 6455, section 5.2), after the HTTP head of the upgrade. */
class Frames {
  readonly #onText: (text: string) => void;
  #rest: Buffer = Buffer.alloc(0);
  /** Lists are asked for by plain HTTP. */
  #isPlain = false;
  #isUpgraded = false;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  take(data: Buffer): void {
    if (this.#isPlain) return;
    this.#rest = Buffer.concat([this.#rest, data]);
    if (!this.#isUpgraded) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#isUpgraded = true;
      this.#isPlain = !/^upgrade: *websocket/im.test(this.#rest.toString('latin1', 0, end));
      if (this.#isPlain) return;
      this.#rest = this.#rest.subarray(end + 4);
    }
    for (let size = this.#next(); size > 0; size = this.#next()) this.#rest = this.#rest.subarray(size);
  }

  /** Hands over the frame at the front. @returns its size, 0 when it is not all there */
  #next(): number {
    const b = this.#rest;
    if (b.length < 2) return 0;
    const isMasked = (b[1]! & 0x80) !== 0;
    let length = b[1]! & 0x7f;
    let at = 2;
    if (length === 126) {
      if (b.length < 4) return 0;
      length = b.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (b.length < 10) return 0;
      length = Number(b.readBigUInt64BE(2));
      at = 10;
    }
    const start = at + (isMasked ? 4 : 0);
    if (b.length < start + length) return 0;
    if ((b[0]! & 0x0f) === 1) {
      const payload = Buffer.from(b.subarray(start, start + length));
      if (isMasked) for (let i = 0; i < length; i++) payload[i]! ^= b[at + (i & 3)]!;
      this.#onText(payload.toString('utf8'));
    }
    return start + length;
  }
}
