/**
 * Transactions of RFC 3261, section 17, as far as a telephone needs them: retransmission over UDP, ACK of refused
 * INVITEs, 2xx repeated until its ACK, and the same answer to the same request.
 */

import { randomBytes } from 'node:crypto';
import { branchOf, cseq, Headers, type SipMessage, type SipRequest, type SipResponse } from './sip-message.ts';
import type { Peer } from './transport.ts';

/** Milliseconds; RFC 3261, section 17.1.1.1. */
const T1 = 500;
const T2 = 4000;

export const newBranch = (): string => `z9hG4bK${randomBytes(9).toString('hex')}`;

export interface Line {
  isReliable: boolean;
  send(message: SipMessage, to: Peer): Promise<void>;
}

/** No final answer came in time, or the transport is broken. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export class ClientTransaction {
  readonly request: SipRequest;
  readonly to: Peer;
  readonly final: Promise<SipResponse>;
  provisional: SipResponse | null = null;
  onProvisional: ((response: SipResponse) => void) | null = null;
  /** A 2xx to INVITE that came again: its ACK was lost. */
  onRepeated: ((response: SipResponse) => void) | null = null;

  readonly #line: Line;
  readonly #timers = new Set<NodeJS.Timeout>();
  #result: SipResponse | null = null;
  #resolve!: (response: SipResponse) => void;
  #reject!: (error: Error) => void;

  constructor(line: Line, request: SipRequest, to: Peer, within: number) {
    this.request = request;
    this.to = to;
    this.#line = line;
    this.final = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who only fires the request (a CANCEL) does not wait for its end.
    this.final.catch(() => {});
    this.#send(request);
    if (!line.isReliable) this.#repeat(T1);
    this.#timers.add(setTimeout(() => this.fail(`no final answer to ${request.method} within ${within} ms`), within));
  }

  get isOpen(): boolean {
    return this.#result === null && this.#timers.size > 0;
  }

  receive(response: SipResponse): void {
    const isInvite = this.request.method === 'INVITE';
    if (response.status < 200) {
      if (this.#result) return;
      this.provisional = response;
      this.onProvisional?.(response);
      return;
    }
    if (isInvite && response.status >= 300) this.#send(ackOf(this.request, response));
    if (this.#result) {
      if (isInvite && response.status < 300) this.onRepeated?.(response);
      return;
    }
    this.#result = response;
    this.stop();
    this.#resolve(response);
  }

  fail(reason: string): void {
    this.stop();
    this.#reject(new NoAnswer(reason));
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #repeat(after: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const isInvite = this.request.method === 'INVITE';
      // A provisional answer ends the retransmission of INVITE only (17.1.1.2, 17.1.2.2).
      if (isInvite && this.provisional) return;
      this.#send(this.request);
      this.#repeat(isInvite ? after * 2 : Math.min(after * 2, T2));
    }, after);
    this.#timers.add(timer);
  }

  #send(message: SipMessage): void {
    this.#line.send(message, this.to).catch((error: Error) => this.fail(error.message));
  }
}

/** ACK of a refused INVITE: same branch (RFC 3261, section 17.1.1.3). */
const ackOf = (invite: SipRequest, response: SipResponse): SipRequest => {
  const headers = new Headers([['Via', invite.headers.get('Via') ?? '']]);
  for (const route of invite.headers.all('Route')) headers.add('Route', route);
  headers
    .add('From', invite.headers.get('From') ?? '')
    .add('To', response.headers.get('To') ?? '')
    .add('Call-ID', invite.headers.get('Call-ID') ?? '')
    .add('CSeq', `${cseq(invite).number} ACK`)
    .add('Max-Forwards', '70');
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: '' };
};

export class ServerTransaction {
  readonly request: SipRequest;
  readonly from: Peer;
  /** The last answer sent. */
  last: SipResponse | null = null;
  onAck: ((ack: SipRequest) => void) | null = null;
  onCancel: (() => void) | null = null;
  isAcked = false;

  readonly #line: Line;
  #timer: NodeJS.Timeout | null = null;

  constructor(line: Line, request: SipRequest, from: Peer) {
    this.#line = line;
    this.request = request;
    this.from = from;
  }

  /** An INVITE with a final answer whose ACK has not come. */
  get isUnacked(): boolean {
    return this.#timer !== null;
  }

  respond(response: SipResponse): void {
    this.last = response;
    this.#send();
    if (this.request.method !== 'INVITE' || response.status < 200) return;
    // A 2xx is repeated over reliable transports too (13.3.1.4).
    if (response.status < 300 || !this.#line.isReliable) this.#repeat(T1, performance.now() + 64 * T1);
  }

  repeated(): void {
    if (this.last) this.#send();
  }

  ack(ack: SipRequest): void {
    this.stop();
    if (this.isAcked) return;
    this.isAcked = true;
    this.onAck?.(ack);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #repeat(after: number, deadline: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (performance.now() > deadline) return;
      this.#send();
      this.#repeat(Math.min(after * 2, T2), deadline);
    }, after);
  }

  #send(): void {
    if (this.last) this.#line.send(this.last, this.from).catch(() => {});
  }
}

/** All transactions of one phone. */
export class Transactions {
  readonly #line: Line;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #onRequest: (transaction: ServerTransaction) => void;

  constructor(line: Line, onRequest: (transaction: ServerTransaction) => void) {
    this.#line = line;
    this.#onRequest = onRequest;
  }

  /** Sends a request that is answered (all but ACK). `within`: milliseconds until it fails. */
  start(request: SipRequest, to: Peer, within: number): ClientTransaction {
    const transaction = new ClientTransaction(this.#line, request, to, within);
    this.#clients.set(`${branchOf(request)} ${request.method}`, transaction);
    return transaction;
  }

  receive(message: SipMessage, from: Peer): void {
    const branch = branchOf(message);
    if (message.kind === 'response') {
      this.#clients.get(`${branch} ${cseq(message).method}`)?.receive(message);
      return;
    }
    if (message.method === 'ACK') {
      this.#inviteOf(message)?.ack(message);
      return;
    }
    const known = this.#servers.get(`${branch} ${message.method}`);
    if (known) {
      known.repeated();
      return;
    }
    const transaction = new ServerTransaction(this.#line, message, from);
    this.#servers.set(`${branch} ${message.method}`, transaction);
    this.#onRequest(transaction);
  }

  /** The INVITE that a CANCEL names. */
  cancelled(cancel: SipRequest): ServerTransaction | undefined {
    return this.#servers.get(`${branchOf(cancel)} INVITE`);
  }

  /** What is still under way, in words. */
  open(): string[] {
    const clients = [...this.#clients.values()].filter((transaction) => transaction.isOpen);
    const servers = [...this.#servers.values()].filter((transaction) => transaction.isUnacked);
    return [
      ...clients.map((transaction) => `${transaction.request.method} without final answer`),
      ...servers.map((transaction) => `${transaction.last?.status} to INVITE without ACK`),
    ];
  }

  close(): void {
    for (const transaction of this.#clients.values()) if (transaction.isOpen) transaction.fail('the phone was closed');
    for (const transaction of this.#servers.values()) transaction.stop();
  }

  /** ACK has the INVITE's branch after a refusal and its own after 2xx, so Call-ID and CSeq decide. */
  #inviteOf(ack: SipRequest): ServerTransaction | undefined {
    const callId = ack.headers.get('Call-ID');
    const { number } = cseq(ack);
    return [...this.#servers.values()].find(
      ({ request }) =>
        request.method === 'INVITE' && request.headers.get('Call-ID') === callId && cseq(request).number === number,
    );
  }
}
