/**
 * One control socket to Asterisk: events and REST requests on a single WebSocket (22.4+,
 * https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/ARI-REST-over-WebSocket/).
 * The only file that knows the wire.
 *
 *      idle ──open()──> connecting ──registered──> up ──socket closed or silent──> connecting …
 *                           └───────────────── close() ──> closed
 *
 * Asterisk carries out the requests of one socket one after the other, so requests may be pipelined: a later one sees
 * what an earlier one did. Every pending request is settled when the socket goes. Asterisk before 22.11 sends no
 * keep-alive of its own, so we ping: a socket with no answer for `silenceLimit` is dead (a half-open one never closes).
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { EngineError } from '../port.ts';

export interface AriAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Stasis application; one connection owns it, a second one takes it over. */
  app: string;
}

export interface AriResponse {
  status: number;
  /** Parsed JSON; undefined for 204. */
  body: unknown;
}

/** Any ARI event; fields beyond `type` differ by type. */
export interface AriEvent {
  type: string;
  timestamp?: string;
  [field: string]: unknown;
}

export interface AriListener {
  event(event: AriEvent): void;
  up(): void;
  /** `replaced`: another client took the application over; we keep trying no longer. */
  down(why: string): void;
  /** A request was answered after so many milliseconds. */
  answered?(took: number): void;
}

interface Pending {
  resolve(response: AriResponse): void;
  reject(error: EngineError): void;
  what: string;
  sentAt: number;
}

const PING_EVERY = 1000;
const SILENCE_LIMIT = 4000;
const RETRY_AFTER = 100;
const LIST_TIMEOUT = 5000;

export class AriConnection {
  readonly #address: AriAddress;
  readonly #listener: AriListener;
  #socket: WebSocket | null = null;
  /** Below `#socket`. */
  #stream: Socket | null = null;
  #isGathering = false;
  #isUp = false;
  #isClosed = false;
  #lastHeard = 0;
  #nextId = 1;
  #pending = new Map<string, Pending>();
  #pinger: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(address: AriAddress, listener: AriListener) {
    this.#address = address;
    this.#listener = listener;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Requests that have no answer yet. */
  get pending(): number {
    return this.#pending.size;
  }

  open(): void {
    if (this.#isClosed || this.#socket) return;
    const { host, port, user, password, app } = this.#address;
    const socket = new WebSocket(`ws://${host}:${port}/ari/events?app=${app}`, {
      auth: `${user}:${password}`,
      perMessageDeflate: false,
      handshakeTimeout: 3000,
    });
    this.#socket = socket;
    socket.on('upgrade', ({ socket: stream }) => {
      this.#stream = stream;
    });
    socket.on('message', (data: Buffer) => this.#receive(data));
    socket.on('pong', () => {
      this.#lastHeard = performance.now();
    });
    socket.on('open', () => {
      this.#lastHeard = performance.now();
      this.#isUp = true;
      this.#pinger = setInterval(() => this.#ping(), PING_EVERY);
      this.#listener.up();
    });
    // 'close' always follows; the handler only keeps the process from dying of an unhandled 'error'.
    socket.on('error', () => {});
    socket.on('close', (code) => this.#lost(`socket closed (${code})`));
  }

  /** Starts over with a new socket. */
  reopen(): void {
    this.#socket?.terminate();
    this.#lost('reopened by us');
  }

  /** Ends the connection for good. Calls in the engine go on. */
  close(): void {
    this.#isClosed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#socket?.terminate();
    this.#lost('closed by us');
  }

  /**
   * One REST request. Rejects with `EngineError` when there is no connection or it goes before the answer; HTTP
   * statuses, refusals included, are values.
   */
  request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', uri: string, body?: unknown): Promise<AriResponse> {
    const socket = this.#socket;
    if (!socket || !this.#isUp) return Promise.reject(new EngineError(`not connected: ${method} ${uri}`));
    const id = String(this.#nextId++);
    const message: Record<string, unknown> = { type: 'RESTRequest', request_id: id, method, uri };
    if (body !== undefined) {
      message.content_type = 'application/json';
      message.message_body = JSON.stringify(body);
    }
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, what: `${method} ${uri.split('?')[0]}`, sentAt: performance.now() });
      this.#gather();
      socket.send(JSON.stringify(message));
    });
  }

  /**
   * A list that grows with the number of calls, by plain HTTP. Asterisk builds a WebSocket frame on its thread's stack
   * (`ast_alloca` in `ast_websocket_write`): an answer of half a megabyte, some 850 channels, kills the engine with all its
   * calls (tried on 22.10.1: 800 lived, 880 died; by HTTP any number).
   */
  async list(uri: string): Promise<unknown> {
    const { host, port, user, password } = this.#address;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    try {
      const response = await fetch(`http://${host}:${port}/ari/${uri}`, {
        headers: { authorization },
        signal: AbortSignal.timeout(LIST_TIMEOUT),
      });
      if (!response.ok) throw new EngineError(`Asterisk answered ${response.status} to GET ${uri}`);
      return await response.json();
    } catch (cause) {
      throw cause instanceof EngineError ? cause : new EngineError(`no list of ${uri}`, { cause });
    }
  }

  /** What is asked for in one turn goes out in one write: a system call here and a wake-up there cost as much as a request. */
  #gather(): void {
    const stream = this.#stream;
    if (this.#isGathering || !stream) return;
    this.#isGathering = true;
    stream.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }

  #receive(data: Buffer): void {
    this.#lastHeard = performance.now();
    let event: AriEvent;
    try {
      event = JSON.parse(data.toString('utf8')) as AriEvent;
    } catch {
      // Asterisk writes caller names as it got them; a broken one must not take the control socket down.
      return;
    }
    if (event.type === 'RESTResponse') {
      const pending = this.#pending.get(event.request_id as string);
      if (!pending) return;
      this.#pending.delete(event.request_id as string);
      this.#listener.answered?.(performance.now() - pending.sentAt);
      const text = event.message_body as string | undefined;
      pending.resolve({ status: event.status_code as number, body: text ? JSON.parse(text) : undefined });
      return;
    }
    this.#listener.event(event);
  }

  #ping(): void {
    if (performance.now() - this.#lastHeard > SILENCE_LIMIT) {
      this.#socket?.terminate();
      return;
    }
    this.#socket?.ping();
  }

  #lost(why: string): void {
    if (!this.#socket) return;
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => {});
    this.#socket = null;
    this.#stream = null;
    if (this.#pinger) clearInterval(this.#pinger);
    const wasUp = this.#isUp;
    this.#isUp = false;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const p of pending) p.reject(new EngineError(`connection lost: ${p.what}`));
    if (wasUp) this.#listener.down(why);
    if (!this.#isClosed) this.#retry = setTimeout(() => this.open(), RETRY_AFTER);
  }
}
