/**
 * Sends messages that may be anything, by UDP and TCP, and answers what comes back as far as is needed to go deep: it keeps a
 * nonce for its device, acknowledges and ends calls that were answered, and has one call open at a time for what goes inside.
 */
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { authorize, type Challenge, chooseChallenge } from '../phones/digest.ts';
import { eventually } from '../phones/index.ts';
import { cseq, Headers, parseAddress, parseMessage, type SipResponse, tagOf } from '../phones/sip-message.ts';
import type { Attack, OpenDialog, Surroundings } from './attack.ts';
import { lines, SDP } from './draft.ts';

/** The engine's nonces live 32 s. Milliseconds. */
const NONCE_LIFE = 15_000;
const MOST_CONNECTIONS = 40;

export class Sender {
  readonly #server: { host: string; port: number };
  readonly #credentials: { username: string; password: string };
  readonly #udp: Datagrams;
  readonly #connections: Socket[] = [];
  readonly #dialogs = new Map<string, OpenDialog>();
  #challenge: Challenge | null = null;
  #askedAt = 0;
  #open: OpenDialog | null = null;
  #counter = 0;
  /** Of all answers, by status. */
  readonly answers = new Map<number, number>();

  private constructor(server: { host: string; port: number }, credentials: { username: string; password: string }) {
    this.#server = server;
    this.#credentials = credentials;
    this.#udp = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
    this.#udp.on('message', (data) => this.#receive(data.toString('latin1')));
    this.#udp.on('error', () => {});
  }

  /** Resolves when it knows a nonce. */
  static async open(
    server: { host: string; port: number },
    credentials: { username: string; password: string },
  ): Promise<Sender> {
    const sender = new Sender(server, credentials);
    await new Promise<void>((resolve) => sender.#udp.bind(0, '127.0.0.1', resolve));
    await sender.refresh();
    return sender;
  }

  get local(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.#udp.address().port };
  }

  get surroundings(): Surroundings {
    return {
      server: this.#server,
      local: this.local,
      username: this.#credentials.username,
      authorization: (method, uri) =>
        this.#challenge ? authorize(this.#challenge, this.#credentials, method, uri, 1) : null,
      dialog: this.#open,
    };
  }

  send({ bytes, transport, pieces }: Pick<Attack, 'bytes' | 'transport' | 'pieces'>): void {
    if (transport === 'udp') this.#udp.send(bytes, this.#server.port, this.#server.host, () => {});
    else this.#byTcp(bytes, pieces);
  }

  /** A nonce that is good for a while. Costs nothing while there is one. */
  async refresh(): Promise<void> {
    if (this.#challenge && Date.now() - this.#askedAt < NONCE_LIFE) return;
    const before = this.#challenge?.nonce;
    const asked = performance.now();
    let sent = 0;
    await eventually(
      () => {
        // The engine drops datagrams when many come at once, as any does: ask again.
        if ((performance.now() - asked) / 500 >= sent) {
          this.#say('REGISTER', `sip:${this.#server.host}`, { callId: `nonce-${this.#next()}` });
          sent += 1;
        }
        return this.#challenge && this.#challenge.nonce !== before ? true : undefined;
      },
      {
        within: 10_000,
        every: 5,
        reason: () => `${this.#credentials.username} asked ${sent} times and is not challenged any more`,
      },
    );
    this.#askedAt = Date.now();
  }

  /** Ends the call that is open and makes the next, to the echo; it is there a moment later. */
  renewDialog(): void {
    if (this.#open) this.#bye(this.#open);
    this.#open = null;
    const uri = `sip:*43@${this.#server.host}`;
    const authorization = this.surroundings.authorization('INVITE', uri);
    this.#say('INVITE', uri, {
      callId: `inside-${this.#next()}`,
      fields: [
        ...(authorization ? [['Authorization', authorization] as const] : []),
        ['Content-Type', 'application/sdp'],
      ],
      body: lines(SDP(20_000)),
    });
  }

  /** Says BYE in every dialog it knows of. */
  hangUpAll(): void {
    for (const dialog of this.#dialogs.values()) this.#bye(dialog);
    this.#dialogs.clear();
    this.#open = null;
  }

  /** Of TCP. */
  closeConnections(): void {
    for (const socket of this.#connections.splice(0)) socket.destroy();
  }

  async close(): Promise<void> {
    this.closeConnections();
    await new Promise<void>((resolve) => this.#udp.close(() => resolve()));
  }

  #byTcp(bytes: Buffer, pieces: number): void {
    const socket = connect({ host: this.#server.host, port: this.#server.port, noDelay: true });
    this.#connections.push(socket);
    if (this.#connections.length > MOST_CONNECTIONS) this.#connections.shift()?.destroy();
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (data) => {
      text = (text + data.toString('latin1')).slice(-20_000);
      this.#receive(text);
      text = text.slice(text.lastIndexOf('\r\n\r\n') + 4);
    });
    const size = Math.ceil(bytes.length / pieces) || 1;
    const next = (from: number): void => {
      if (from >= bytes.length || socket.destroyed) return;
      socket.write(bytes.subarray(from, from + size), () => setImmediate(next, from + size));
    };
    next(0);
  }

  #receive(text: string): void {
    const message = parseMessage(text);
    if (!message) return;
    if (message.kind === 'response') {
      this.answers.set(message.status, (this.answers.get(message.status) ?? 0) + 1);
      this.#answered(message);
      return;
    }
    if (message.method === 'ACK') return;
    const same = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
      message.headers.all(name).map((value) => `${name}: ${value}`),
    );
    const status = message.method === 'INVITE' ? '486 Busy Here' : '200 OK';
    this.#raw([`SIP/2.0 ${status}`, ...same, 'Content-Length: 0', '', ''].join('\r\n'));
  }

  #answered(response: SipResponse): void {
    const { method } = cseq(response);
    if (response.status === 401) {
      this.#challenge = chooseChallenge(response.headers.all('WWW-Authenticate'), 'MD5') ?? this.#challenge;
    }
    if (method !== 'INVITE' || response.status < 200) return;
    const dialog: OpenDialog = {
      callId: response.headers.get('Call-ID') ?? '',
      localTag: tagOf(response, 'From'),
      remoteTag: tagOf(response, 'To'),
      target: parseAddress(response.headers.get('Contact') ?? '').uri || `sip:${this.#server.host}`,
      sequence: cseq(response).number,
    };
    if (response.status >= 300) return;
    const isNew = !this.#dialogs.has(dialog.callId);
    this.#inside(dialog, 'ACK', dialog.sequence);
    if (!isNew) return;
    this.#dialogs.set(dialog.callId, dialog);
    if (dialog.callId.startsWith('inside-')) this.#open = dialog;
    // Some are left to themselves for a while.
    else if (this.#next() % 5 !== 0) this.#bye(dialog);
  }

  #bye(dialog: OpenDialog): void {
    dialog.sequence += 1;
    this.#inside(dialog, 'BYE', dialog.sequence);
    this.#dialogs.delete(dialog.callId);
  }

  #inside(dialog: OpenDialog, method: string, sequence: number): void {
    const authorization = this.surroundings.authorization(method, dialog.target);
    this.#say(method, dialog.target, {
      callId: dialog.callId,
      localTag: dialog.localTag,
      remoteTag: dialog.remoteTag,
      sequence,
      fields: authorization ? [['Authorization', authorization]] : [],
    });
  }

  #say(
    method: string,
    uri: string,
    {
      callId,
      localTag = 't1',
      remoteTag,
      sequence = 1,
      fields = [],
      body = '',
    }: {
      callId: string;
      localTag?: string;
      remoteTag?: string;
      sequence?: number;
      fields?: readonly (readonly [string, string])[];
      body?: string;
    },
  ): void {
    const { host, port } = this.local;
    const own = `sip:${this.#credentials.username}@${this.#server.host}`;
    const headers = new Headers([
      ['Via', `SIP/2.0/UDP ${host}:${port};branch=z9hG4bKs${this.#next()};rport`],
      ['Max-Forwards', '70'],
      ['From', `<${own}>;tag=${localTag}`],
      ['To', `<${method === 'REGISTER' ? own : uri}>${remoteTag === undefined ? '' : `;tag=${remoteTag}`}`],
      ['Call-ID', callId],
      ['CSeq', `${sequence} ${method}`],
      ['Contact', `<sip:${this.#credentials.username}@${host}:${port}>`],
      ...fields,
      ['Content-Length', String(body.length)],
    ]);
    const head = headers.entries().map(([name, value]) => `${name}: ${value}`);
    this.#raw([`${method} ${uri} SIP/2.0`, ...head, '', body].join('\r\n'));
  }

  #raw(text: string): void {
    this.#udp.send(Buffer.from(text, 'latin1'), this.#server.port, this.#server.host, () => {});
  }

  #next(): number {
    this.#counter += 1;
    return this.#counter;
  }
}
