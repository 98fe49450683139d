/** A call that came to this phone. It rings until the test answers or declines, or the caller gives up. */

import type { Agent } from './agent.ts';
import { Call } from './call.ts';
import { Dialog } from './dialog.ts';
import type { CallMedia } from './media.ts';
import type { ServerTransaction } from './transactions.ts';
import { PATIENCE } from './wait.ts';

export interface AnswerOptions {
  /** Milliseconds until the caller's ACK must have come. */
  within?: number;
}

export class IncomingCall extends Call {
  readonly #transaction: ServerTransaction;
  readonly #invited: Dialog;
  /** Our answer is out before it is used: a late or early offer is answered once. */
  #answerSdp: string | null = null;

  constructor(agent: Agent, media: CallMedia, transaction: ServerTransaction) {
    super(agent, media, 'in', transaction.request);
    this.#transaction = transaction;
    this.#invited = Dialog.ofCallee(agent, transaction.request, transaction.from);
    this.dialog = this.#invited;
  }

  /** 100: hides the INVITE's retransmission, says nothing to the caller. */
  trying(): void {
    this.agent.respond(this.#transaction, 100);
  }

  /** Sends 180. */
  ring(): void {
    this.#respond(180);
  }

  /** Sends 183 with SDP: early media flows from now on. Pair it with `sayTone`. */
  progress(status = 183): void {
    this.#respond(status, this.#sdp());
    this.state = 'early';
    this.changed();
  }

  /** Answers; resolves when the ACK came. */
  async answer({ within = PATIENCE }: AnswerOptions = {}): Promise<this> {
    if (!this.isLive) throw new Error(`${this.label} cannot be answered, it has ended`);
    const isLateOffer = this.invite.body === '';
    let sdp: string;
    try {
      sdp = isLateOffer ? this.media.offer('sendrecv') : this.#sdp();
    } catch (error) {
      this.decline(488);
      throw error;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#transaction.onAck = (ack) => {
      if (isLateOffer) this.media.accept(ack.body);
      resolve();
    };
    this.#respond(200, sdp);
    this.state = 'answered';
    this.response = this.#transaction.last;
    this.changed();
    const late = setTimeout(resolve, within);
    await promise;
    clearTimeout(late);
    if (!this.#transaction.isAcked) {
      throw new Error(`${this.label}: no ACK within ${within} ms; the phone saw: ${this.agent.wire.summary()}`);
    }
    return this;
  }

  /** Refuses with any final status; 486 is busy, 603 is declined. */
  decline(status = 486, reason?: string, headers: Record<string, string> = {}): void {
    if (!this.isLive || this.state === 'answered') return;
    this.#respond(status, '', Object.entries(headers), reason);
    this.response = this.#transaction.last;
    this.end({ by: 'us', how: 'refused', status, reason: this.response?.reason ?? '' });
  }

  /** 302 to another number of the server's, or to a SIP URI: forwarding set on the phone. */
  redirect(to: string): void {
    const uri = to.startsWith('sip:') ? to : `sip:${to}@${this.agent.domain}`;
    this.decline(302, undefined, { Contact: `<${uri}>` });
  }

  /** Resolves when the caller gave up or somebody else answered (CANCEL); rejects on any other end. */
  async stopsRinging({ within = PATIENCE }: { within?: number } = {}): Promise<void> {
    const ending = await this.ended({ within });
    if (ending.how !== 'cancelled')
      throw new Error(`${this.label} did not just stop ringing: ${ending.how} by ${ending.by}`);
  }

  override async hangUp(): Promise<void> {
    if (this.state === 'answered') await super.hangUp();
    else this.decline(480);
  }

  /** The caller's CANCEL. */
  cancelled(cancel: ServerTransaction): void {
    this.agent.respond(cancel, 200, { tag: this.#invited.localTag });
    if (!this.isLive || this.state === 'answered') return;
    this.#respond(487);
    this.end({ by: 'them', how: 'cancelled', status: 487, reason: 'Request Terminated' }, cancel.request);
  }

  #sdp(): string {
    this.#answerSdp ??= this.media.answer(this.invite.body);
    if (this.#answerSdp === null)
      throw new Error(`${this.label} offers no audio this phone speaks:\n${this.invite.body}`);
    return this.#answerSdp;
  }

  #respond(status: number, body = '', more: [string, string][] = [], reason?: string): void {
    const fields: [string, string][] = [...more];
    if (status < 300) {
      fields.push(['Contact', this.agent.contact], ['Supported', 'replaces, timer']);
      if (body !== '') fields.push(['Content-Type', 'application/sdp']);
    }
    const options = { tag: this.#invited.localTag, fields, body };
    this.agent.respond(this.#transaction, status, reason === undefined ? options : { ...options, reason });
  }
}
