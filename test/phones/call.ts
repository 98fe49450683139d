/**
 * One call of a phone, in or out.
 *
 *   out: calling -> ringing | early -> answered -> ended
 *   in:  ringing (the phone rings; `answer` or `decline`) -> answered -> ended
 *
 * `end` is the only way into `ended`. Waits reject at once when the call ended in another way than the test waits for.
 */

import type { Agent } from './agent.ts';
import { Caller } from './caller.ts';
import type { Dialog } from './dialog.ts';
import { formatInfo, parseInfo } from './dtmf.ts';
import type { CallMedia } from './media.ts';
import type { HearOptions, RtpStream } from './rtp.ts';
import type { Direction } from './sdp.ts';
import { cseq, type SipMessage, type SipRequest, type SipResponse } from './sip-message.ts';
import type { ServerTransaction } from './transactions.ts';
import { Transfer } from './transfer.ts';
import { duration, PATIENCE, Signal } from './wait.ts';

export type CallState = 'calling' | 'ringing' | 'early' | 'answered' | 'ended';

export interface Ending {
  by: 'us' | 'them';
  how: 'hung-up' | 'cancelled' | 'refused' | 'failed';
  /** Final status of the INVITE when the call was not answered. */
  status: number | null;
  reason: string;
  /** Q.850 cause in a Reason header (RFC 3326), when there was one. */
  cause: number | null;
  /** Milliseconds since the epoch. */
  at: number;
}

interface Waiting {
  within?: number;
}

export class Call extends Caller {
  readonly agent: Agent;
  readonly media: CallMedia;
  readonly direction: 'in' | 'out';
  state: CallState;
  ending: Ending | null = null;
  dialog: Dialog | null = null;
  /** Final answer to our INVITE, or the one we gave. */
  response: SipResponse | null = null;
  /** Provisional answers received, in order. */
  readonly provisionals: SipResponse[] = [];
  /** Transfers asked for with this call, newest last. */
  readonly transfers: Transfer[] = [];
  /** The call that a transfer made of this one (we followed a REFER, or an INVITE with Replaces took over). */
  successor: Call | null = null;

  protected readonly signal = new Signal();
  protected wantedDirection: Direction = 'sendrecv';
  #isReinviting = false;
  #tone: number | null = null;

  constructor(agent: Agent, media: CallMedia, direction: 'in' | 'out', invite: SipRequest) {
    super(invite);
    this.agent = agent;
    this.media = media;
    this.direction = direction;
    this.state = direction === 'out' ? 'calling' : 'ringing';
  }

  get id(): string {
    return this.invite.headers.get('Call-ID') ?? '';
  }

  get rtp(): RtpStream {
    return this.media.rtp;
  }

  get isLive(): boolean {
    return this.state !== 'ended';
  }

  /** The far end holds us (RFC 3264, section 8.4). */
  get isHeldByFarEnd(): boolean {
    return this.media.remoteDirection === 'sendonly' || this.media.remoteDirection === 'inactive';
  }

  // What the test waits for.

  /** Resolves when the call was answered. */
  answered({ within = PATIENCE }: Waiting = {}): Promise<this> {
    return this.#reaches('be answered', within, () => this.state === 'answered');
  }

  /** Resolves when the far end hung up, refused, cancelled, or we ended it. */
  async ended({ within = PATIENCE }: Waiting = {}): Promise<Ending> {
    return this.signal.until(
      () => this.ending ?? undefined,
      () => `${this.label} did not end within ${duration(within)}; ${this.#seen()}`,
      within,
    );
  }

  /** Resolves when the far end put us on hold by re-INVITE. */
  heldByFarEnd({ within = PATIENCE }: Waiting = {}): Promise<this> {
    return this.#reaches('be held', within, () => this.isHeldByFarEnd);
  }

  resumedByFarEnd({ within = PATIENCE }: Waiting = {}): Promise<this> {
    return this.#reaches('be resumed', within, () => !this.isHeldByFarEnd);
  }

  /** Resolves with the call that follows this one after a transfer. */
  succeeded({ within = PATIENCE }: Waiting = {}): Promise<Call> {
    return this.signal.until(
      () => this.successor ?? undefined,
      () => `${this.label} was not followed by another call within ${duration(within)}; ${this.#seen()}`,
      within,
    );
  }

  // Audio.

  /** Sends a tone of `hertz` from now on. */
  sayTone(hertz: number): void {
    this.#tone = hertz;
    this.rtp.say(hertz);
  }

  saySilence(): void {
    this.#tone = null;
    this.rtp.say(null);
  }

  /** Dead media: no packet leaves any more. */
  stopSending(): void {
    this.rtp.dead(true);
  }

  startSending(): void {
    this.rtp.dead(false);
  }

  hears(hertz: number, options: HearOptions = {}): Promise<void> {
    return this.rtp.hears(hertz, options);
  }

  hearsSound(options: HearOptions = {}): Promise<void> {
    return this.rtp.hearsSound(options);
  }

  hearsThis(sound: Int16Array, options: { within?: number } = {}): Promise<void> {
    return this.rtp.hearsThis(sound, options);
  }

  hearsSilence(options: HearOptions = {}): Promise<void> {
    return this.rtp.hearsSilence(options);
  }

  /** Presses keys; resolves when all are sent. */
  async press(digits: string, by: 'rfc4733' | 'info' = 'rfc4733'): Promise<void> {
    if (by === 'rfc4733') {
      this.rtp.press(digits);
      while (this.rtp.isPressing && this.isLive) await new Promise((resolve) => setTimeout(resolve, 20));
      return;
    }
    for (const digit of digits) {
      const dialog = this.established();
      const info = dialog.make('INFO', [['Content-Type', 'application/dtmf-relay']], formatInfo(digit, 100));
      const response = await dialog.request(info);
      if (response.status >= 300) throw new Error(`${this.label}: INFO was refused with ${response.status}`);
    }
  }

  /** Digits received so far, by RFC 4733 or INFO. */
  get digits(): string {
    return this.rtp.digits;
  }

  receivesDigits(digits: string, options: Waiting = {}): Promise<void> {
    return this.rtp.receivesDigits(digits, options);
  }

  // In the call.

  /** Puts the far end on hold; what we say is silence meanwhile. */
  async hold(direction: 'sendonly' | 'inactive' = 'sendonly'): Promise<void> {
    await this.reinvite(direction);
    this.rtp.say(null);
  }

  async resume(): Promise<void> {
    await this.reinvite('sendrecv');
    this.rtp.say(this.#tone);
  }

  /** Offers the session anew; a 491 is tried again after a random time (RFC 3261, section 14.1). */
  async reinvite(direction: Direction): Promise<void> {
    const dialog = this.established();
    this.wantedDirection = direction;
    for (let attempt = 0; ; attempt++) {
      this.#isReinviting = true;
      try {
        const fields = [
          ['Contact', this.agent.contact],
          ['Content-Type', 'application/sdp'],
        ] as const;
        const request = dialog.make('INVITE', fields, this.media.offer(direction));
        const response = await dialog.request(request, {
          onTransaction: (transaction) => {
            transaction.onRepeated = (repeated) => dialog.ack(cseq(repeated).number);
          },
        });
        if (response.status < 300) {
          dialog.refresh(response);
          dialog.ack(cseq(response).number);
          if (!this.media.accept(response.body))
            throw new Error(`${this.label}: the answer to re-INVITE has no usable audio`);
          return;
        }
        if (response.status !== 491 || attempt === 5) {
          throw new Error(`${this.label}: re-INVITE was refused with ${response.status} ${response.reason}`);
        }
      } finally {
        this.#isReinviting = false;
      }
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 400));
    }
  }

  /** Blind transfer: asks the far end to call `target` (a number or a SIP URI). */
  transferTo(target: string): Transfer {
    const uri = target.startsWith('sip:') ? target : `sip:${target}@${this.agent.domain}`;
    return this.#refer(`<${uri}>`);
  }

  /** Attended transfer: asks the far end to take over our `other` call. */
  transferToCall(other: Call): Transfer {
    const dialog = other.established();
    const uri = other.direction === 'out' ? other.invite.uri : dialog.remoteTarget;
    return this.#refer(`<${uri.split('?')[0]}?Replaces=${encodeURIComponent(dialog.replaces)}>`);
  }

  /** Ends the call the way that fits its state. Resolves when the far end confirmed it. */
  async hangUp(): Promise<void> {
    if (this.state !== 'answered' || !this.dialog) return;
    const { dialog } = this;
    this.end({ by: 'us', how: 'hung-up', status: null, reason: 'BYE' });
    await dialog.request(dialog.make('BYE')).catch(() => {});
  }

  // From the phone.

  /** A request inside the dialog. */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    switch (request.method) {
      case 'BYE':
        this.agent.respond(transaction, 200);
        this.end({ by: 'them', how: 'hung-up', status: null, reason: 'BYE' }, request);
        return;
      case 'INVITE':
      case 'UPDATE':
        this.#receiveOffer(transaction);
        return;
      case 'INFO': {
        const digit = parseInfo(request.body);
        if (digit !== undefined) this.rtp.addDigit(digit);
        this.agent.respond(transaction, 200);
        return;
      }
      case 'NOTIFY':
        this.agent.respond(transaction, 200);
        this.transfers.at(-1)?.notified(request.body);
        return;
      default:
        this.agent.respond(transaction, 200);
    }
  }

  /** Silent: the phone is closed and says nothing more. */
  async drop(): Promise<void> {
    if (this.isLive) this.end({ by: 'us', how: 'failed', status: null, reason: 'the phone was closed' });
    await this.rtp.close();
  }

  get label(): string {
    const other = this.direction === 'out' ? `to ${this.dialled}` : `from ${this.callerNumber}`;
    return `${this.agent.name}'s call ${other}`;
  }

  end(ending: Omit<Ending, 'at' | 'cause'>, message?: SipMessage): void {
    if (this.ending) return;
    const cause = /Q\.850\s*;.*?cause=(\d+)/i.exec(message?.headers.all('Reason').join(',') ?? '')?.[1];
    this.ending = { ...ending, cause: cause === undefined ? null : Number(cause), at: Date.now() };
    this.state = 'ended';
    void this.rtp.close();
    this.signal.changed();
  }

  changed(): void {
    this.signal.changed();
  }

  established(): Dialog {
    if (this.state !== 'answered' || !this.dialog) throw new Error(`${this.label} is not up: ${this.#seen()}`);
    return this.dialog;
  }

  /** Waits until `isThere`; an end of the call before that rejects. */
  #reaches(what: string, within: number, isThere: () => boolean): Promise<this> {
    return this.signal.until(
      () => {
        if (isThere()) return this;
        if (this.ending) throw new Error(`${this.label} could not ${what}: ${this.#seen()}`);
        return undefined;
      },
      () => `${this.label} did not ${what} within ${duration(within)}; ${this.#seen()}`,
      within,
    );
  }

  protected reaches(what: string, within: number, isThere: () => boolean): Promise<this> {
    return this.#reaches(what, within, isThere);
  }

  #seen(): string {
    const { ending } = this;
    const end = ending ? ` (${ending.how} by ${ending.by}, ${ending.status ?? ''} ${ending.reason})` : '';
    return `it is ${this.state}${end}; the phone saw: ${this.agent.wire.summary()}`;
  }

  #refer(referTo: string): Transfer {
    const dialog = this.established();
    const transfer = new Transfer(this.agent.name, () => this.agent.wire.summary());
    this.transfers.push(transfer);
    const fields = [
      ['Contact', this.agent.contact],
      ['Refer-To', referTo],
      ['Referred-By', `<${this.agent.uri}>`],
    ] as const;
    dialog.request(dialog.make('REFER', fields)).then(
      (response) => transfer.answeredWith(response),
      (error: Error) => transfer.failed(error),
    );
    return transfer;
  }

  #receiveOffer(transaction: ServerTransaction): void {
    const { request } = transaction;
    const { dialog } = this;
    if (this.#isReinviting || !dialog) {
      this.agent.respond(transaction, 491);
      return;
    }
    dialog.refresh(request);
    const fields: [string, string][] = [['Contact', this.agent.contact]];
    if (request.body === '' && request.method === 'UPDATE') {
      this.agent.respond(transaction, 200, { fields });
      return;
    }
    fields.push(['Content-Type', 'application/sdp']);
    if (request.body === '') {
      transaction.onAck = (ack) => this.#accepted(ack.body);
      this.agent.respond(transaction, 200, { fields, body: this.media.offer(this.wantedDirection) });
      return;
    }
    const answer = this.media.answer(request.body, this.wantedDirection);
    if (answer === null) this.agent.respond(transaction, 488);
    else this.agent.respond(transaction, 200, { fields, body: answer });
    this.signal.changed();
  }

  #accepted(body: string): void {
    this.media.accept(body);
    this.signal.changed();
  }
}
