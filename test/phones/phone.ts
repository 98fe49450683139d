/**
 * A telephone made of TypeScript, for tests: it registers, calls, rings, talks in tones and remembers every message.
 * With `registrar` it is a carrier as well. Everything it waits for has a deadline and a reason.
 */

import { Agent, type AgentOptions, ALLOW, newCallId, newTag } from './agent.ts';
import type { Call } from './call.ts';
import type { Codec } from './g711.ts';
import { IncomingCall } from './incoming.ts';
import { CallMedia } from './media.ts';
import { type DialOptions, OutgoingCall } from './outgoing.ts';
import { Registrar, type RegistrarOptions } from './registrar.ts';
import { parseAddress, parseUri, type SipRequest, type SipResponse, tagOf } from './sip-message.ts';
import type { ServerTransaction } from './transactions.ts';
import type { Peer } from './transport.ts';
import { duration, PATIENCE, Signal } from './wait.ts';
import type { Wire } from './wire.ts';

export interface PhoneOptions extends AgentOptions {
  /** In order of preference; both G.711 laws when absent. */
  codecs?: readonly Codec[];
  /** SRTP with SDES keys; on by default with TLS. */
  srtp?: boolean;
  /** Offer RFC 4733 events; true when absent. */
  telephoneEvents?: boolean;
  /** Send 180 by itself when a call comes; true when absent. */
  autoRing?: boolean;
  registrar?: RegistrarOptions;
}

export class Phone {
  /** Every call of this phone, in order. */
  readonly calls: Call[] = [];
  /** Present when the phone was made with `registrar`. */
  readonly registrar: Registrar | null;
  /** Last answer to REGISTER. */
  registration: SipResponse | null = null;
  /** Called for each incoming call at once, e.g. `(call) => call.answer()`. */
  onCall: ((call: IncomingCall) => void) | null = null;
  /** Answer to OPTIONS; 200. Null: none, as some phones do. */
  optionsStatus: number | null = 200;
  /** What its lamp shows; null: never told. */
  messagesWaiting: { fresh: number; old: number } | null = null;

  readonly #options: PhoneOptions;
  readonly #signal = new Signal();
  readonly #unclaimed: IncomingCall[] = [];
  readonly #registerCallId = newCallId();
  readonly #registerTag = newTag();
  readonly #registerSequence = { value: 0 };
  #agent!: Agent;
  #refresh: NodeJS.Timeout | null = null;
  #isClosed = false;

  private constructor(options: PhoneOptions, open: (onRequest: (transaction: ServerTransaction) => void) => Agent) {
    this.#options = options;
    this.#agent = open((transaction) => this.#receive(transaction));
    this.registrar = options.registrar ? new Registrar(this.#agent, options.registrar) : null;
  }

  static async create(options: PhoneOptions): Promise<Phone> {
    let deliver: (transaction: ServerTransaction) => void = () => {};
    const agent = await Agent.open(options, (transaction) => deliver(transaction));
    return new Phone(options, (onRequest) => {
      deliver = onRequest;
      return agent;
    });
  }

  get agent(): Agent {
    return this.#agent;
  }

  get name(): string {
    return this.#agent.name;
  }

  /** Every SIP message, for assertions. */
  get wire(): Wire {
    return this.#agent.wire;
  }

  /** Own address. */
  get local(): Peer {
    return this.#agent.local;
  }

  /** `sip:user@127.0.0.1:port` for calls without a server. */
  get contactUri(): string {
    return parseAddress(this.#agent.contact).uri;
  }

  /**
   * Registers; rejects when it is refused. `expires` in seconds; `keep` registers again at half of it, and every second
   * while nobody answers, as phones do.
   */
  async register({
    expires = 300,
    keep = false,
    within = PATIENCE,
  }: {
    expires?: number;
    keep?: boolean;
    within?: number;
  } = {}): Promise<this> {
    const response = await this.tryRegister({ expires, within });
    if (response.status !== 200)
      throw new Error(`${this.name} could not register: ${response.status} ${response.reason}`);
    if (keep) this.#keepRegistered(expires);
    return this;
  }

  /** One REGISTER with its digest; resolves with the final answer, whatever it is. */
  async tryRegister({
    expires = 300,
    within = PATIENCE,
  }: {
    expires?: number;
    within?: number;
  } = {}): Promise<SipResponse> {
    const { server } = this.#agent;
    if (!server) throw new Error(`${this.name} has no server to register at`);
    this.#registerSequence.value += 1;
    const request = this.#agent.make('REGISTER', `sip:${this.#agent.domain}`, [
      ['From', `${this.#agent.from};tag=${this.#registerTag}`],
      ['To', `<${this.#agent.uri}>`],
      ['Call-ID', this.#registerCallId],
      ['CSeq', `${this.#registerSequence.value} REGISTER`],
      ['Contact', this.#agent.contact],
      ['Expires', String(expires)],
      ['Allow', ALLOW],
    ]);
    this.registration = await this.#agent.request(request, { to: server, within, sequence: this.#registerSequence });
    return this.registration;
  }

  async deregister({ within = PATIENCE }: { within?: number } = {}): Promise<void> {
    this.#stopRefresh();
    await this.register({ expires: 0, within });
  }

  /** Calls a number of the server's, or a SIP URI. Returns at once; wait on the call. */
  async dial(number: string, options: DialOptions = {}): Promise<OutgoingCall> {
    const call = OutgoingCall.prepare(this.#agent, await this.#openMedia(), number, options);
    this.calls.push(call);
    void call.start();
    return call;
  }

  /** Carrier: calls the Contact that an account registered, with the DID as its user, and in To. */
  async dialRegistered(user: string, number: string, options: DialOptions = {}): Promise<OutgoingCall> {
    const binding = await this.registrar?.registered(user);
    if (!binding) throw new Error(`${this.name} is no registrar`);
    const uri = binding.contact.replace(/^(sips?:)(?:[^@]*@)?/, `$1${number}@`);
    return this.dial(number, { uri, to: binding.source, ...options });
  }

  /** Resolves with the next call that rings here and was not asked for yet. */
  rings({ within = PATIENCE }: { within?: number } = {}): Promise<IncomingCall> {
    return this.#signal.until(
      () => {
        while (this.#unclaimed[0] && !this.#unclaimed[0].isLive) this.#unclaimed.shift();
        return this.#unclaimed.shift();
      },
      () => `${this.name}'s phone did not ring within ${duration(within)}; it saw: ${this.wire.summary()}`,
      within,
    );
  }

  /** Resolves when its lamp shows so many new messages (and old ones, when given). */
  async showsMessages(fresh: number, old?: number, { within = PATIENCE }: { within?: number } = {}): Promise<void> {
    await this.#signal.until(
      () =>
        this.messagesWaiting?.fresh === fresh && (old === undefined || this.messagesWaiting.old === old)
          ? true
          : undefined,
      () =>
        `${this.name}'s lamp shows ${JSON.stringify(this.messagesWaiting)}, not ${fresh} new within ${duration(within)}`,
      within,
    );
  }

  /** Resolves after `during` ms; rejects as soon as the phone rings. */
  async doesNotRing({ during = 500 }: { during?: number } = {}): Promise<void> {
    const before = this.calls.length;
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.#signal.changed();
    }, during);
    try {
      await this.#signal.until(
        () => {
          const call = this.calls.slice(before).find(({ direction }) => direction === 'in');
          if (call) throw new Error(`${this.name}'s phone rang, with a call from ${call.callerNumber}`);
          return isOver ? true : undefined;
        },
        () => 'unreachable',
        during + 5000,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends OPTIONS to the server; resolves with its answer. */
  async options({ within = PATIENCE }: { within?: number } = {}): Promise<SipResponse> {
    const { server } = this.#agent;
    if (!server) throw new Error(`${this.name} has no server`);
    const request: SipRequest = this.#agent.make('OPTIONS', `sip:${this.#agent.domain}`, [
      ['From', `${this.#agent.from};tag=${newTag()}`],
      ['To', `<sip:${this.#agent.domain}>`],
      ['Call-ID', newCallId()],
      ['CSeq', '1 OPTIONS'],
      ['Contact', this.#agent.contact],
    ]);
    return this.#agent.request(request, { to: server, within });
  }

  /** From now on nothing is read or answered and no audio leaves: the power is gone, calls are not ended. */
  losePower(): void {
    this.#stopRefresh();
    this.#agent.isDeaf = true;
    for (const call of this.calls) call.rtp.dead(true);
  }

  /** Throws when something is left over: a live call, a request without its answer, an INVITE without its ACK. */
  assertQuiet(): void {
    const left = [
      ...this.calls.filter((call) => call.isLive).map((call) => `${call.label} is ${call.state}`),
      ...this.#agent.transactions.open(),
    ];
    if (left.length > 0)
      throw new Error(`${this.name}'s phone is not quiet: ${left.join('; ')}; it saw: ${this.wire.summary()}`);
  }

  /** Ends all calls, waits for the answers (at most `within` ms) and closes every socket and timer. */
  async close({ within = 5000 }: { within?: number } = {}): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopRefresh();
    this.onCall = null;
    const live = this.#agent.isDeaf ? [] : this.calls.filter((call) => call.isLive);
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, within);
    });
    await Promise.race([Promise.allSettled(live.map((call) => call.hangUp())), deadline]);
    clearTimeout(timer);
    await Promise.all(this.calls.map((call) => call.drop()));
    await this.#agent.close();
  }

  #openMedia(): Promise<CallMedia> {
    const {
      localHost = '127.0.0.1',
      advertisedHost,
      codecs = ['PCMU', 'PCMA'],
      telephoneEvents = true,
    } = this.#options;
    return CallMedia.open(
      {
        host: localHost,
        ...(advertisedHost === undefined ? {} : { advertisedHost }),
        codecs,
        isSecure: this.#options.srtp ?? this.#agent.protocol === 'tls',
        hasEvents: telephoneEvents,
      },
      this.name,
    );
  }

  #keepRegistered(expires: number): void {
    const again = (after: number): void => {
      this.#refresh = setTimeout(async () => {
        const response = await this.tryRegister({ expires, within: 2000 }).catch(() => null);
        if (!this.#isClosed && this.#refresh) again(response?.status === 200 ? expires * 500 : 1000);
      }, after);
    };
    again(expires * 500);
  }

  #stopRefresh(): void {
    if (this.#refresh) clearTimeout(this.#refresh);
    this.#refresh = null;
  }

  #receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.method === 'REGISTER' && this.registrar) {
      this.registrar.receive(transaction);
      return;
    }
    if (request.method === 'CANCEL') {
      this.#cancelled(transaction);
      return;
    }
    const call = this.#callOf(request.headers.get('Call-ID') ?? '', tagOf(request, 'To'), tagOf(request, 'From'));
    if (tagOf(request, 'To') !== '') {
      if (!call) this.#agent.respond(transaction, 481);
      else if (request.method === 'REFER') void this.#follow(call, transaction);
      else call.receive(transaction);
      return;
    }
    if (request.method === 'INVITE') void this.#invited(transaction);
    else if (request.method === 'OPTIONS') {
      if (this.optionsStatus === null) return;
      this.#agent.respond(transaction, this.optionsStatus, { fields: [['Allow', ALLOW]] });
    } else if (request.method === 'NOTIFY' || request.method === 'MESSAGE') {
      this.#agent.respond(transaction, 200);
      if (request.headers.get('Event') === 'message-summary') this.#lampTold(request.body);
    } else this.#agent.respond(transaction, 405, { fields: [['Allow', ALLOW]] });
  }

  /** RFC 3842. */
  #lampTold(summary: string): void {
    const counts = /^Voice-Message:\s*(\d+)\/(\d+)/im.exec(summary);
    this.messagesWaiting = { fresh: Number(counts?.[1] ?? 0), old: Number(counts?.[2] ?? 0) };
    this.#signal.changed();
  }

  async #invited(transaction: ServerTransaction): Promise<void> {
    if (this.registrar?.challengesCalls && !this.registrar.admits(transaction, true)) return;
    this.#agent.respond(transaction, 100);
    const call = new IncomingCall(this.#agent, await this.#openMedia(), transaction);
    if (this.#isClosed) {
      await call.drop();
      return;
    }
    this.calls.push(call);
    const replaces = transaction.request.headers.get('Replaces');
    if (replaces !== undefined) {
      await this.#replace(call, replaces);
      return;
    }
    if (this.#options.autoRing !== false) call.ring();
    this.#unclaimed.push(call);
    this.#signal.changed();
    this.onCall?.(call);
  }

  /** RFC 3891: the new call takes the place of the one it names. */
  async #replace(call: IncomingCall, replaces: string): Promise<void> {
    const [callId = '', ...params] = replaces.split(';').map((part) => part.trim());
    const tag = (name: string): string =>
      params.find((param) => param.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    const replaced = this.#callOf(callId, tag('to-tag'), tag('from-tag'));
    if (!replaced) {
      call.decline(481);
      return;
    }
    await call.answer().catch(() => {});
    replaced.successor = call;
    replaced.changed();
    await replaced.hangUp();
  }

  /** REFER to us: we call the target and tell how it goes (RFC 3515). */
  async #follow(call: Call, transaction: ServerTransaction): Promise<void> {
    const target = parseAddress(transaction.request.headers.get('Refer-To') ?? '').uri;
    const { replaces } = parseUri(target).headers;
    this.#agent.respond(transaction, 202, { fields: [['Contact', this.#agent.contact]] });
    const notify = (status: number, reason: string): Promise<unknown> => {
      const state = status < 200 ? 'active;expires=60' : 'terminated;reason=noresource';
      const { dialog } = call;
      if (!dialog) return Promise.resolve();
      const fields = [
        ['Event', 'refer'],
        ['Subscription-State', state],
        ['Contact', this.#agent.contact],
      ] as const;
      const body = `SIP/2.0 ${status} ${reason}\r\n`;
      return dialog
        .request(dialog.make('NOTIFY', [...fields, ['Content-Type', 'message/sipfrag;version=2.0']], body))
        .catch(() => {});
    };
    await notify(100, 'Trying');
    const headers = replaces === undefined ? {} : { Replaces: replaces };
    const next = await this.dial(target.split('?')[0] ?? '', { headers });
    call.successor = next;
    call.changed();
    const outcome = await next.answered({ within: 180_000 }).then(
      () => ({ status: 200, reason: 'OK' }),
      () => ({ status: next.ending?.status ?? 503, reason: next.ending?.reason ?? 'Failed' }),
    );
    await notify(outcome.status, outcome.reason);
  }

  #cancelled(cancel: ServerTransaction): void {
    const invite = this.#agent.transactions.cancelled(cancel.request);
    const callId = invite?.request.headers.get('Call-ID');
    const call = this.calls.find((candidate) => candidate.id === callId && candidate instanceof IncomingCall);
    if (call instanceof IncomingCall) {
      call.cancelled(cancel);
      this.#signal.changed();
    } else this.#agent.respond(cancel, 481);
  }

  #callOf(callId: string, localTag: string, remoteTag: string): Call | undefined {
    return this.calls.find(
      ({ dialog }) =>
        dialog?.callId === callId &&
        dialog.localTag === localTag &&
        (dialog.remoteTag === remoteTag || dialog.remoteTag === ''),
    );
  }
}
