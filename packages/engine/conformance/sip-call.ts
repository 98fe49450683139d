/** A far end made of real SIP and RTP; everybody says a tone of their own, found again by Goertzel. */
import type { Call, IncomingCall, OutgoingCall } from '../../../test/phones/index.ts';
import { hasTone, loudness, SILENCE } from '../../../test/phones/tones.ts';
import type { FarCall } from './world.ts';

/** Hertz; none is part of a ringback or busy tone, and each goes in whole periods into the window that is judged. */
const TONES = [700, 900, 1100, 1300, 1500, 1700, 1900, 2100];
let used = 0;

/** Audio that is judged at once; older than `STALE` is not "now". Milliseconds. */
const WINDOW = 160;
const STALE = 100;

const byCall = new WeakMap<Call, SipCall>();

export class SipCall implements FarCall {
  readonly tone: number;
  /** What went wrong in the background, for the failure's text. */
  readonly troubles: string[] = [];
  #call: Call | null;

  constructor(call: Call | Promise<Call>) {
    this.tone = TONES[used++ % TONES.length]!;
    this.#call = null;
    if (call instanceof Promise) this.#in(call.then((made) => this.#use(made)));
    else this.#use(call);
  }

  /** The far end of a call, made at first mention. */
  static of(call: Call): SipCall {
    return byCall.get(call) ?? new SipCall(call);
  }

  get isRinging(): boolean {
    const call = this.#call;
    if (call === null) return false;
    return call.direction === 'in' ? call.isLive : call.provisionals.some(({ status }) => status === 180);
  }

  get hasEarlyMedia(): boolean {
    return this.#call?.provisionals.some(({ body }) => body !== '') ?? false;
  }

  get isAnswered(): boolean {
    return this.#call?.state === 'answered';
  }

  get isEnded(): boolean {
    return this.#call?.state === 'ended';
  }

  get status(): number | null {
    return this.#call?.ending?.status ?? null;
  }

  get isAnsweredElsewhere(): boolean {
    return this.#call?.ending?.cause === 26;
  }

  get digits(): string {
    return this.#call?.digits ?? '';
  }

  get shows() {
    const number = this.#call?.callerNumber ?? '';
    return { name: this.#call?.callerName ?? null, number: number === '' ? null : number };
  }

  get transferStatuses(): number[] {
    return this.#call?.transfers.at(-1)?.progress ?? [];
  }

  answer = (): void => this.#in((this.#call as IncomingCall).answer());
  sendEarlyMedia = (): void => (this.#call as IncomingCall).progress();
  refuse = (status: number): void => (this.#call as IncomingCall).decline(status);
  hangUp = (): void => this.#in((this.#call as OutgoingCall).hangUp());
  hold = (): void => this.#in(this.#call!.hold());
  resume = (): void => this.#in(this.#call!.resume());
  presses = (digits: string, by: 'rtp' | 'info' = 'rtp'): void =>
    this.#in(this.#call!.press(digits, by === 'rtp' ? 'rfc4733' : 'info'));

  transferBlind(to: string): void {
    this.#call!.transferTo(to);
  }

  transferAttended(other: FarCall): void {
    this.#call!.transferToCall((other as SipCall).#call!);
  }

  hears(other: FarCall): boolean {
    const samples = this.#now();
    return samples !== null && hasTone(samples, (other as SipCall).tone);
  }

  hearsSound(): boolean {
    const samples = this.#now();
    return samples !== null && loudness(samples) > SILENCE;
  }

  /** What this call saw, for the text of a failure. */
  explain(): string {
    const call = this.#call;
    if (call === null) return 'not dialled yet';
    const wire = call.agent.wire.summary(16);
    const troubles = this.troubles.length > 0 ? `; ${this.troubles.join('; ')}` : '';
    return `says ${this.tone} Hz, ${call.state}, ${call.rtp.describe()}; ${wire}${troubles}`;
  }

  #now(): Int16Array | null {
    const rtp = this.#call?.rtp;
    if (!rtp || this.isEnded || Date.now() - rtp.lastPacketAt > STALE) return null;
    const samples = rtp.recent(WINDOW);
    return samples.length < WINDOW * 8 ? null : samples;
  }

  #use(call: Call): void {
    this.#call = call;
    byCall.set(call, this);
    call.sayTone(this.tone);
  }

  #in(doing: Promise<unknown>): void {
    doing.catch((error: Error) => this.troubles.push(error.message));
  }
}
