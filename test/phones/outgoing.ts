/** A call that this phone makes. */

import { type Agent, newCallId, newTag, type Sequence } from './agent.ts';
import { Call } from './call.ts';
import { Dialog } from './dialog.ts';
import type { CallMedia } from './media.ts';
import { cseq, Headers, type SipRequest, type SipResponse, tagOf } from './sip-message.ts';
import type { ClientTransaction } from './transactions.ts';
import type { Peer } from './transport.ts';
import { PATIENCE } from './wait.ts';

export interface DialOptions {
  /** Address to send to instead of the server. */
  to?: Peer;
  /** Request-URI instead of `sip:NUMBER@DOMAIN`. */
  uri?: string;
  /** User part of To, when it is another than the dialled one. */
  toNumber?: string;
  /** From header instead of the phone's own, without tag: `"Ann" <sip:+4930…@carrier>`. */
  from?: string;
  /** More headers: P-Asserted-Identity, Privacy, Diversion, Replaces … */
  headers?: Record<string, string>;
  /** No SDP in the INVITE; the offer then comes with the answer. */
  isLateOffer?: boolean;
}

export class OutgoingCall extends Call {
  readonly #to: Peer;
  readonly #sequence: Sequence = { value: 1 };
  #transaction: ClientTransaction | null = null;
  #isCancelled = false;
  #cancelSent = false;
  #hasEarlyMedia = false;

  private constructor(agent: Agent, media: CallMedia, invite: SipRequest, to: Peer) {
    super(agent, media, 'out', invite);
    this.#to = to;
  }

  /** Builds the INVITE; `start` sends it. */
  static prepare(agent: Agent, media: CallMedia, number: string, options: DialOptions): OutgoingCall {
    const isUri = /^sips?:/.test(number);
    const uri =
      options.uri ?? (isUri ? number : `sip:${encodeURIComponent(number).replace(/%2B/g, '+')}@${agent.domain}`);
    const toUri = options.toNumber === undefined ? uri : `sip:${options.toNumber}@${agent.domain}`;
    const fields: [string, string][] = [
      ['From', `${options.from ?? agent.from};tag=${newTag()}`],
      ['To', `<${toUri}>`],
      ['Call-ID', newCallId()],
      ['CSeq', '1 INVITE'],
      ['Contact', agent.contact],
      ['Supported', 'replaces, timer'],
      ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, REFER, UPDATE'],
      ...Object.entries(options.headers ?? {}),
    ];
    if (!options.isLateOffer) fields.push(['Content-Type', 'application/sdp']);
    const invite = agent.make('INVITE', uri, fields, options.isLateOffer ? '' : media.offer('sendrecv'));
    return new OutgoingCall(agent, media, invite, options.to ?? agent.server ?? agent.hop(uri));
  }

  async start(): Promise<void> {
    try {
      const response = await this.agent.request(this.invite, {
        to: this.#to,
        within: 180_000,
        sequence: this.#sequence,
        onTransaction: (transaction) => {
          this.#transaction = transaction;
          transaction.onProvisional = (provisional) => this.#provisional(provisional);
          transaction.onRepeated = (repeated) => this.#ack(repeated);
        },
      });
      this.#final(response);
    } catch (error) {
      this.end({ by: 'them', how: 'failed', status: null, reason: (error as Error).message });
    }
  }

  /** Resolves on 180 (or the answer). */
  ringing({ within = PATIENCE }: { within?: number } = {}): Promise<this> {
    const hasRung = (): boolean => this.state === 'answered' || this.provisionals.some(({ status }) => status === 180);
    return this.reaches('ring', within, hasRung);
  }

  /** Resolves when a provisional answer brought audio (183 with SDP). */
  earlyMedia({ within = PATIENCE }: { within?: number } = {}): Promise<this> {
    return this.reaches('get early media', within, () => this.#hasEarlyMedia);
  }

  /** Resolves with the final answer when the call is refused; rejects when it is answered. */
  async refused({ within = PATIENCE }: { within?: number } = {}): Promise<SipResponse> {
    const ending = await this.#endedUnanswered(within);
    if (ending === null || !this.response) throw new Error(`${this.label} was not refused: it is ${this.state}`);
    return this.response;
  }

  /**
   * Hangs up before the answer. By default it waits for a provisional answer as RFC 3261, section 9.1 asks; `now` does
   * not. Resolves when the call is over, also when the answer crossed the CANCEL (it is then ended with BYE).
   */
  async cancel({ now = false }: { now?: boolean } = {}): Promise<void> {
    if (this.state === 'answered') return this.hangUp();
    if (!this.isLive) return;
    this.#isCancelled = true;
    if (now || this.#transaction?.provisional) this.#sendCancel();
    await this.ended({ within: 35_000 });
  }

  override async hangUp(): Promise<void> {
    if (this.state === 'answered') await super.hangUp();
    else await this.cancel();
  }

  async #endedUnanswered(within: number): Promise<true | null> {
    await this.reaches('be refused', within, () => this.ending !== null || this.state === 'answered');
    return this.ending && this.ending.how !== 'hung-up' ? true : null;
  }

  #sendCancel(): void {
    const transaction = this.#transaction;
    if (!transaction || this.#cancelSent) return;
    this.#cancelSent = true;
    const { request, to } = transaction;
    const headers = new Headers([['Via', request.headers.get('Via') ?? '']]);
    for (const name of ['From', 'To', 'Call-ID'] as const) headers.add(name, request.headers.get(name) ?? '');
    headers.add('CSeq', `${cseq(request).number} CANCEL`).add('Max-Forwards', '70');
    for (const route of request.headers.all('Route')) headers.add('Route', route);
    this.agent.transactions.start(
      { kind: 'request', method: 'CANCEL', uri: request.uri, headers, body: '' },
      to,
      32_000,
    );
  }

  #provisional(response: SipResponse): void {
    this.provisionals.push(response);
    if (this.#isCancelled) this.#sendCancel();
    if (!this.isLive || this.state === 'answered') return;
    if (response.body !== '' && this.media.accept(response.body)) this.#hasEarlyMedia = true;
    if (this.#hasEarlyMedia) this.state = 'early';
    else if (response.status === 180) this.state = 'ringing';
    this.changed();
  }

  #final(response: SipResponse): void {
    this.response = response;
    if (response.status >= 300) {
      const by = this.#isCancelled && response.status === 487 ? 'us' : 'them';
      const how = by === 'us' ? 'cancelled' : 'refused';
      this.end({ by, how, status: response.status, reason: response.reason }, response);
      return;
    }
    const request = this.#transaction?.request ?? this.invite;
    this.dialog = Dialog.ofCaller(this.agent, request, response, this.#to, this.#sequence);
    const isAccepted = this.#ack(response);
    this.state = 'answered';
    this.changed();
    // The answer crossed our CANCEL, or its audio is of no use.
    if (this.#isCancelled || !isAccepted) void this.hangUp();
  }

  /** Confirms a 2xx, each time it comes; false when its audio is unusable. */
  #ack(response: SipResponse): boolean {
    const { dialog } = this;
    if (!dialog) return false;
    const { number } = cseq(response);
    if (tagOf(response, 'To') !== dialog.remoteTag) return false;
    if (this.invite.body !== '') {
      dialog.ack(number);
      return response.body === '' ? this.#hasEarlyMedia : this.media.accept(response.body);
    }
    const answer = this.media.answer(response.body);
    dialog.ack(number, answer === null ? [] : [['Content-Type', 'application/sdp']], answer ?? '');
    return answer !== null;
  }
}
