/**
 * Listens to an organization's live events, for as long as it is wanted: it comes again by itself after a loss, with what
 * was missed. Needs `WebSocket` and nothing else, so it runs in browsers and in Node.
 *
 *     connecting ── hello ──> live ── lost, or silent ──> waiting ──> connecting …
 *         └────────── not authenticated, organization gone ──> ended
 */
import type { LiveEvent } from './events.ts';
import { BASE_PATH } from './route.ts';

export const EVENTS_PATH = '/events';

/** Why the server ended the stream. Those of 1xxx are of the WebSocket protocol. */
export const CLOSE = {
  /** The server stops; another will be there soon. */
  goingAway: 1001,
  /** The database is away, or your address failed too often. Come again later. */
  tryAgain: 1013,
  /** The query is wrong. */
  invalid: 4400,
  /** The key or the login is no longer good, or its role is another; do not try again with it unasked. */
  notAuthenticated: 4401,
  /** The organization is gone, or no longer yours. */
  notFound: 4404,
  /** Events came faster than they were read. Come again with `after`. */
  tooSlow: 4408,
  /** The organization has too many streams open. */
  tooMany: 4429,
} as const;

/** `ended`: it will not come back by itself. */
export type StreamState = 'connecting' | 'live' | 'waiting' | 'ended';

export interface StreamSettings {
  /** Scheme, host and port of the server: `http://127.0.0.1:8080`. Empty in a page of the server itself. */
  baseUrl: string;
  /** Slug or id. */
  org: string;
  /** An API key. Browsers leave it out: their session cookie is sent by itself. */
  token?: string;
  /** `sequence` to go on from. */
  after?: string;
  /**
   * Everything that happened, in order. `hello` without `isResumed` and `reset` mean: read everything anew. `alive` is not
   * told.
   */
  onEvent(event: Exclude<LiveEvent, { type: 'alive' }>): void;
  /** @param code of the close that ended it; see `CLOSE` */
  onState?(state: StreamState, code: number | null): void;
  WebSocket?: typeof globalThis.WebSocket;
}

export interface EventStream {
  /** Of the last event seen; null before the first. */
  readonly sequence: string | null;
  readonly state: StreamState;
  close(): void;
}

/** Milliseconds between attempts, doubling from the first to the last; a part of it by chance, so that not all come at once. */
const RETRY_FIRST = 500;
const RETRY_LAST = 15_000;
/** The server says something every 15 s. */
const SILENCE = 40_000;
const FINAL: readonly number[] = [CLOSE.invalid, CLOSE.notAuthenticated, CLOSE.notFound];

export function listenToEvents(settings: StreamSettings): EventStream {
  const { baseUrl, org, token, onEvent, onState, WebSocket = globalThis.WebSocket } = settings;
  let sequence = settings.after ?? null;
  let state: StreamState = 'connecting';
  let socket: WebSocket | null = null;
  let retry = RETRY_FIRST;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function become(next: StreamState, code: number | null = null): void {
    state = next;
    onState?.(next, code);
  }

  function connect(): void {
    const query = new URLSearchParams({ org, ...(sequence === null ? {} : { after: sequence }) });
    const base = baseUrl || (globalThis as { location?: { origin: string } }).location?.origin || '';
    const url = `${base.replace(/^http/, 'ws')}${BASE_PATH}${EVENTS_PATH}?${query}`;
    // A browser's WebSocket takes no headers, and is given none.
    const options = token === undefined ? [] : [{ headers: { authorization: `Bearer ${token}` } }];
    const next = new WebSocket(url, ...(options as unknown as []));
    socket = next;
    listenForSilence(next);
    next.addEventListener('message', ({ data }) => {
      if (socket !== next) return;
      listenForSilence(next);
      const event = JSON.parse(String(data)) as LiveEvent;
      sequence = event.sequence;
      if (event.type === 'hello' || event.type === 'reset') {
        retry = RETRY_FIRST;
        if (state !== 'live') become('live');
      }
      if (event.type !== 'alive') onEvent(event);
    });
    next.addEventListener('close', ({ code }) => lost(next, code));
    // `close` follows in browsers; Node's does not always bother.
    next.addEventListener('error', () => lost(next, 1006));
  }

  /** Half a connection looks like a quiet one. */
  function listenForSilence(of: WebSocket): void {
    clearTimeout(timer);
    timer = setTimeout(() => lost(of, 1006), SILENCE);
  }

  function lost(which: WebSocket, code: number): void {
    if (socket !== which) return;
    socket = null;
    clearTimeout(timer);
    which.close();
    if (FINAL.includes(code)) return become('ended', code);
    become('waiting', code);
    timer = setTimeout(
      () => {
        become('connecting');
        connect();
      },
      retry * (0.5 + Math.random() / 2),
    );
    retry = Math.min(retry * 2, RETRY_LAST);
  }

  connect();
  return {
    get sequence() {
      return sequence;
    },
    get state() {
      return state;
    },
    close() {
      const open = socket;
      socket = null;
      clearTimeout(timer);
      open?.close();
      if (state !== 'ended') become('ended');
    },
  };
}
