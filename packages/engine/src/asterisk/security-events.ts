/**
 * Asterisk's security events, by a manager connection of their own: it connects by itself and again after a loss. What
 * happened meanwhile is not told later. `manager.conf` keeps out `ChallengeSent`, which every first request causes.
 */
import { createConnection, type Socket } from 'node:net';
import type { FailureReason, SecurityEvent, SecurityEvents } from '../security.ts';
import { type AmiMessage, type AmiSettings, amiParser, printAction } from './ami.ts';
import { SCANNER_ENDPOINT } from './scanners.ts';

const RECONNECT_AFTER = 500;
const LOGIN_TIMEOUT = 3000;

export class AsteriskSecurityEvents implements SecurityEvents {
  readonly #settings: AmiSettings;
  #onEvent: (event: SecurityEvent) => void = () => {};
  #onConnected: () => void = () => {};
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(settings: AmiSettings) {
    this.#settings = settings;
  }

  onEvent(handler: (event: SecurityEvent) => void): void {
    this.#onEvent = handler;
  }

  onConnected(handler: () => void): void {
    this.#onConnected = handler;
  }

  /** Connects, and keeps connecting. */
  start(): void {
    if (this.#isClosed) return;
    const { host, port, user, password } = this.#settings;
    const socket = createConnection({ host, port });
    this.#socket = socket;
    const late = setTimeout(() => socket.destroy(), LOGIN_TIMEOUT);
    socket.setEncoding('utf8');
    socket.on(
      'data',
      amiParser((message) => {
        // Events may have a field `Response` too: the digest that somebody gave.
        if (message.Event !== undefined) {
          const event = readSecurityEvent(message);
          if (event) this.#onEvent(event);
        } else if (message.Response === 'Success') {
          clearTimeout(late);
          this.#onConnected();
        } else socket.destroy();
      }),
    );
    socket.on('connect', () => {
      socket.write(printAction({ Action: 'Login', Username: user, Secret: password, Events: 'security' }));
    });
    // `close` follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(late);
      if (!this.#isClosed) this.#timer = setTimeout(() => this.start(), RECONNECT_AFTER);
    });
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#socket?.destroy();
  }
}

const FAILURES: Record<string, FailureReason> = {
  InvalidAccountID: 'unknown-account',
  ChallengeResponseFailed: 'wrong-password',
  InvalidPassword: 'wrong-password',
  FailedACL: 'refused-address',
  RequestBadFormat: 'bad-request',
  RequestNotSupported: 'bad-request',
  RequestNotAllowed: 'bad-request',
  AuthMethodNotAllowed: 'bad-request',
};

/** An event of SIP that says something about a far end; null for all others. */
export function readSecurityEvent(message: AmiMessage): SecurityEvent | null {
  const { Event: name = '', Service: service, AccountID: account = '', RemoteAddress: remote = '' } = message;
  const failure = FAILURES[name];
  if (service !== 'PJSIP' || (failure === undefined && name !== 'SuccessfulAuth')) return null;
  // `IPV4/UDP/192.0.2.7/5060`
  const [, protocol = '', address = ''] = remote.split('/');
  const transport = TRANSPORTS[protocol];
  if (transport === undefined || address === '') return null;
  return {
    failure: failure === 'refused-address' && account === SCANNER_ENDPOINT ? 'scanner' : (failure ?? null),
    account,
    address,
    transport,
    // A wrong answer to a challenge was given by somebody who received the challenge.
    isProven: transport !== 'udp' || failure === undefined || failure === 'wrong-password',
  };
}

const TRANSPORTS: Record<string, SecurityEvent['transport']> = {
  UDP: 'udp',
  TCP: 'tcp',
  TLS: 'tls',
  WS: 'ws',
  WSS: 'wss',
};
