/**
 * What phone, call and registrar share: one transport, its transactions, the identity in From and Contact, and requests
 * that answer a digest challenge by themselves.
 */

import { randomBytes } from 'node:crypto';
import { authorize, type Credentials, chooseChallenge, type DigestAlgorithm } from './digest.ts';
import type { SipRequest, SipResponse } from './sip-message.ts';
import { cseq, formatMessage, Headers, parseMessage, parseUri, type SipMessage } from './sip-message.ts';
import { type ClientTransaction, newBranch, type ServerTransaction, Transactions } from './transactions.ts';
import { openTransport, type Peer, type Protocol, type TlsOptions, type Transport } from './transport.ts';
import { Wire } from './wire.ts';

export interface AgentOptions {
  /** How errors call this phone; the username when absent. */
  name?: string;
  transport?: Protocol;
  /** Address of the server under test; absent when phones call each other directly. */
  server?: string;
  /** 5060, or 5061 with TLS. */
  port?: number;
  /** Host part of From, To and Request-URI; `server` when absent. */
  domain?: string;
  username: string;
  password?: string;
  /** Username of the digest, when it is another. */
  authUsername?: string;
  /** Which of several challenges to answer; `first` takes the first one, as SIP.js does. */
  algorithm?: DigestAlgorithm | 'first';
  /** Name shown in From. */
  displayName?: string;
  /** 127.0.0.1 when absent. */
  localHost?: string;
  localPort?: number;
  /** Address in Contact, Via and SDP instead of the real one, for a phone behind NAT. */
  advertisedHost?: string;
  tls?: TlsOptions;
  /** Send every in-dialog request to the server, whatever its Contact says (phone behind NAT, server behind NAT). */
  viaServer?: boolean;
  userAgent?: string;
}

export interface Sequence {
  value: number;
}

export interface RequestOptions {
  to: Peer;
  /** Milliseconds to the final answer. */
  within?: number;
  onTransaction?: (transaction: ClientTransaction) => void;
  /** Counter behind CSeq; goes up when a challenge is answered. */
  sequence?: Sequence;
  credentials?: Credentials;
}

/** Texts for the statuses that tests use. */
const REASONS: Record<number, string> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  302: 'Moved Temporarily',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
};

export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, REFER, UPDATE, MESSAGE';

export const newTag = (): string => randomBytes(5).toString('hex');
export const newCallId = (): string => randomBytes(12).toString('hex');

export class Agent {
  readonly name: string;
  readonly options: AgentOptions;
  readonly wire = new Wire();
  readonly transactions: Transactions;
  /** What could not be parsed, as it came. */
  readonly malformed: string[] = [];
  /** Return true to lose a message on its way (UDP loss). Lost messages still stand in `wire.sent`. */
  loses: ((direction: 'sent' | 'received', message: SipMessage) => boolean) | null = null;
  /** A deaf phone reads nothing and answers nothing, like one without power; it can still send. */
  isDeaf = false;

  #transport!: Transport;

  private constructor(options: AgentOptions, onRequest: (transaction: ServerTransaction) => void) {
    this.options = options;
    this.name = options.name ?? options.username;
    const line = {
      isReliable: (options.transport ?? 'udp') !== 'udp',
      send: (message: SipMessage, to: Peer) => this.send(message, to),
    };
    this.transactions = new Transactions(line, onRequest);
  }

  static async open(options: AgentOptions, onRequest: (transaction: ServerTransaction) => void): Promise<Agent> {
    const agent = new Agent(options, onRequest);
    agent.#transport = await openTransport({
      protocol: options.transport ?? 'udp',
      host: options.localHost ?? '127.0.0.1',
      port: options.localPort ?? 0,
      ...(options.tls ? { tls: options.tls } : {}),
      onMessage: (text, from) => agent.#receive(text, from),
    });
    return agent;
  }

  get protocol(): Protocol {
    return this.#transport.protocol;
  }

  get local(): Peer {
    return this.#transport.local;
  }

  /** The server under test, if there is one. */
  get server(): Peer | null {
    const { server, port } = this.options;
    return server === undefined ? null : { host: server, port: port ?? (this.protocol === 'tls' ? 5061 : 5060) };
  }

  get domain(): string {
    return this.options.domain ?? this.options.server ?? `${this.local.host}:${this.local.port}`;
  }

  /** Address of record. */
  get uri(): string {
    return `sip:${this.options.username}@${this.domain}`;
  }

  get contact(): string {
    const transport = this.protocol === 'udp' ? '' : `;transport=${this.protocol}`;
    return `<sip:${encodeURIComponent(this.options.username)}@${this.#shown}${transport}>`;
  }

  get from(): string {
    const { displayName } = this.options;
    return `${displayName === undefined ? '' : `"${displayName.replace(/(["\\])/g, '\\$1')}" `}<${this.uri}>`;
  }

  via(): string {
    return `SIP/2.0/${this.protocol.toUpperCase()} ${this.#shown};branch=${newBranch()};rport`;
  }

  get #shown(): string {
    return `${this.options.advertisedHost ?? this.local.host}:${this.local.port}`;
  }

  /** Where a request to `uri` goes when no route says otherwise. */
  hop(uri: string): Peer {
    const { host, port, scheme } = parseUri(uri);
    return {
      host: host.replace(/^\[|\]$/g, ''),
      port: port ?? (scheme === 'sips' || this.protocol === 'tls' ? 5061 : 5060),
    };
  }

  async send(message: SipMessage, to: Peer): Promise<void> {
    this.wire.record('sent', message);
    if (this.loses?.('sent', message)) return;
    await this.#transport.send(formatMessage(message), to);
  }

  /** Puts bytes on the wire as they are, to try malformed SIP. */
  async sendRaw(data: string | Buffer, to: Peer | null = this.server): Promise<void> {
    if (!to) throw new Error(`${this.name} has no server to send to`);
    await this.#transport.send(data, to);
  }

  /** A request outside or inside a dialog, without Via: `transmit` adds it. */
  make(method: string, uri: string, fields: readonly (readonly [string, string])[], body = ''): SipRequest {
    const headers = new Headers([
      ...fields,
      ['Max-Forwards', '70'],
      ['User-Agent', this.options.userAgent ?? 'littlepbx-test'],
    ]);
    return { kind: 'request', method, uri, headers, body };
  }

  /** Sends with a fresh branch; answers up to two challenges; resolves with the final answer. */
  async request(request: SipRequest, options: RequestOptions): Promise<SipResponse> {
    const { username, authUsername, password, algorithm = 'MD5' } = this.options;
    const credentials =
      options.credentials ?? (password === undefined ? null : { username: authUsername ?? username, password });
    let current = request;
    for (let attempt = 0; ; attempt++) {
      const withVia: SipRequest = {
        ...current,
        headers: new Headers([['Via', this.via()], ...current.headers.entries()]),
      };
      const transaction = this.transactions.start(withVia, options.to, options.within ?? 32_000);
      options.onTransaction?.(transaction);
      const response = await transaction.final;
      if ((response.status !== 401 && response.status !== 407) || attempt === 2 || !credentials) return response;
      const isProxy = response.status === 407;
      const values = response.headers.all(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate');
      // Answered once and refused: wrong password, unless the nonce was only stale.
      if (attempt > 0 && !values.some((value) => /stale\s*=\s*"?true/i.test(value))) return response;
      const challenge = chooseChallenge(values, algorithm);
      if (!challenge) return response;
      const sequence = options.sequence ?? { value: cseq(current).number };
      sequence.value += 1;
      const headers = current.headers
        .clone()
        .set('CSeq', `${sequence.value} ${request.method}`)
        .set(
          isProxy ? 'Proxy-Authorization' : 'Authorization',
          authorize(challenge, credentials, request.method, request.uri),
        );
      current = { ...current, headers };
    }
  }

  /** Answers a request: Via, From, To (with our tag), Call-ID, CSeq and Record-Route are copied. */
  respond(
    transaction: ServerTransaction,
    status: number,
    {
      tag,
      fields = [],
      body = '',
      reason,
    }: { tag?: string; fields?: [string, string][]; body?: string; reason?: string } = {},
  ): void {
    const { request } = transaction;
    const headers = new Headers();
    for (const via of request.headers.all('Via')) headers.add('Via', via);
    for (const route of request.headers.all('Record-Route')) headers.add('Record-Route', route);
    const to = request.headers.get('To') ?? '';
    headers
      .add('From', request.headers.get('From') ?? '')
      .add('To', status > 100 && !/;\s*tag=/i.test(to) ? `${to};tag=${tag ?? newTag()}` : to)
      .add('Call-ID', request.headers.get('Call-ID') ?? '')
      .add('CSeq', request.headers.get('CSeq') ?? '');
    for (const [name, value] of fields) headers.add(name, value);
    transaction.respond({ kind: 'response', status, reason: reason ?? REASONS[status] ?? 'Other', headers, body });
  }

  async close(): Promise<void> {
    this.transactions.close();
    await this.#transport.close();
  }

  #receive(text: string, from: Peer): void {
    if (this.isDeaf) return;
    const message = parseMessage(text);
    if (!message) {
      this.malformed.push(text);
      return;
    }
    if (this.loses?.('received', message)) return;
    this.wire.record('received', message);
    this.transactions.receive(message, from);
  }
}
