import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { EngineError } from '../port.ts';
import type { AriListener, AriResponse } from './connection.ts';
import { type Lane, Lanes } from './lanes.ts';

/** What was carried out, in its order: `<socket> <uri>`. */
let done: string[];
let sockets: Socket[];
let lanes: Lanes;
const heard = { event: vi.fn(), up: vi.fn(), down: vi.fn() };

/** One that is answered when the test says so. */
class Socket implements Lane {
  isUp = false;
  opened = 0;
  readonly #app: string;
  readonly #listener: AriListener;
  #waiting: { uri: string; resolve(response: AriResponse): void; reject(error: Error): void }[] = [];

  constructor(app: string, listener: AriListener) {
    this.#app = app;
    this.#listener = listener;
  }

  get pending(): number {
    return this.#waiting.length;
  }

  open(): void {
    this.opened += 1;
  }

  comes(): void {
    this.isUp = true;
    this.#listener.up();
  }

  reopen(): void {
    if (!this.isUp) return;
    this.isUp = false;
    for (const { reject } of this.#waiting.splice(0)) reject(new EngineError('connection lost'));
    this.#listener.down('lost');
  }

  close(): void {}

  list(): Promise<unknown> {
    return Promise.resolve([]);
  }

  hears(): void {
    this.#listener.event({ type: 'StasisStart' });
  }

  request(_method: string, uri: string): Promise<AriResponse> {
    if (!this.isUp) return Promise.reject(new EngineError('not connected'));
    return new Promise((resolve, reject) => this.#waiting.push({ uri, resolve, reject }));
  }

  /** Carries out the oldest request it has. */
  async answers(): Promise<void> {
    const next = this.#waiting.shift();
    if (!next) return;
    done.push(`${this.#app} ${next.uri}`);
    next.resolve({ status: 204, body: undefined });
    await settled();
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const ask = (uri: string, ...about: string[]) => lanes.request(about, 'POST', uri);
/** Something happened, and what is asked for next follows from it. */
const happens = () => sockets[0]!.hears();
const waiting = () => sockets.map((socket) => socket.pending);

beforeEach(() => {
  done = [];
  sockets = [];
  vi.clearAllMocks();
  lanes = new Lanes({ host: '', port: 0, user: '', password: '', app: 'app' }, heard, ({ app }, listener) => {
    const socket = new Socket(app, listener);
    sockets.push(socket);
    return socket;
  });
  lanes.open();
  for (const socket of sockets) socket.comes();
});

test('calls go side by side, and what is about none of them waits for none', () => {
  for (const leg of ['ann', 'bob', 'cat']) {
    happens();
    void ask('answer', leg);
  }
  void ask('beat');
  expect(waiting()).toEqual([1, 1, 1, 1]);
});

test('what one event leads to goes by one socket, whatever it names', () => {
  happens();
  void ask('bridge', 'b-1');
  void ask('create', 'l-1', 'ann');
  void ask('hang up', 'l-2');
  expect(waiting().filter((n) => n > 0)).toEqual([3]);
});

test('a leg is made while the rest of its event is carried out, and what is about it waits for it', () => {
  happens();
  void ask('bridge', 'b-1');
  void lanes.requestApart(['l-1'], 'POST', 'create');
  void ask('join', 'b-1', 'ann');
  expect(waiting().filter((n) => n > 0)).toEqual(expect.arrayContaining([1, 2]));
  happens();
  void ask('hang up', 'l-1');
  expect(waiting().filter((n) => n > 0)).toEqual([2, 2]);
});

test('what follows a request goes by the same socket, without waiting for its answer', async () => {
  happens();
  void ask('answer', 'ann');
  happens();
  void ask('play', 'bob');
  happens();
  void ask('hang up', 'ann');
  expect(Math.max(...waiting())).toBe(2);
  for (const socket of sockets) for (let i = 0; i < 2; i++) await socket.answers();
  expect(done.filter((line) => !line.endsWith('play')).map((line) => line.split(' ')[1])).toEqual(['answer', 'hang']);
});

test('a request that names the legs of two calls waits for both, and what names either waits for it', async () => {
  happens();
  void ask('leave', 'ann');
  happens();
  void ask('hold', 'bob');
  happens();
  void ask('join', 'b-1', 'ann', 'bob');
  happens();
  void ask('hang up', 'bob');
  expect(lanes.pending).toBe(2);
  await sockets.find((socket) => socket.pending)!.answers();
  expect(lanes.pending).toBe(1);
  for (let i = 0; i < 3; i++) for (const socket of sockets) await socket.answers();
  expect(done.map((line) => line.slice(line.indexOf(' ') + 1)).sort()).toEqual(['hang up', 'hold', 'join', 'leave']);
  expect(done.map((line) => line.slice(line.indexOf(' ') + 1)).slice(2)).toEqual(['join', 'hang up']);
});

test('whatever is asked, when and of whom: about each thing, and after each event, all is done in the order it was asked', async () => {
  const things = fc.uniqueArray(fc.constantFrom('ann', 'bob', 'cat', 'b-1', 'b-2', 'p-1'), {
    minLength: 1,
    maxLength: 3,
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: things },
    { weight: 2, arbitrary: fc.constant('event' as const) },
    { weight: 4, arbitrary: fc.nat({ max: 3 }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      done = [];
      const asked: string[][] = [];
      let turn = 0;
      for (const one of steps) {
        if (one === 'event') {
          turn += 1;
          happens();
        } else if (typeof one === 'number') await sockets[one]!.answers();
        else {
          void ask(String(asked.length), ...one);
          asked.push([...one, `turn ${turn}`]);
        }
      }
      // A turn of its own for the next round.
      happens();
      while (lanes.pending > 0) for (const socket of sockets) await socket.answers();
      const order = done.map((line) => Number(line.split(' ')[1]));
      expect(order).toHaveLength(asked.length);
      for (const thing of new Set(asked.flat())) {
        const about = order.filter((i) => asked[i]!.includes(thing));
        expect(about, thing).toEqual(about.toSorted((a, b) => a - b));
      }
    }),
  );
});

test('one that goes takes the others down, which is told once; they are back when all are', async () => {
  expect(heard.up).toHaveBeenCalledTimes(1);
  const lost = [ask('answer', 'ann'), ask('join', 'ann', 'bob')].map((asked) => expect(asked).rejects.toThrow('lost'));
  happens();
  const after = expect(ask('hang up', 'bob')).rejects.toThrow(EngineError);
  sockets[2]!.reopen();
  expect(sockets.map((socket) => socket.isUp)).toEqual([false, false, false, false]);
  expect(heard.down).toHaveBeenCalledTimes(1);
  await Promise.all([...lost, after]);
  for (const socket of sockets.slice(1)) socket.comes();
  expect(heard.up).toHaveBeenCalledTimes(1);
  sockets[0]!.comes();
  expect(heard.up).toHaveBeenCalledTimes(2);
  happens();
  void ask('hang up', 'bob');
  expect(lanes.pending).toBe(1);
});
