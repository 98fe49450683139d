/** Offer and answer of one call, and the RTP stream they steer (RFC 3264). */

import { randomInt } from 'node:crypto';
import { type Codec, PAYLOAD_TYPE } from './g711.ts';
import { type Remote, RtpStream } from './rtp.ts';
import { type AudioDescription, answerDirection, type Direction, formatSdp, parseSdp } from './sdp.ts';
import { newSrtpKey } from './srtp.ts';

const EVENT_TYPE = 101;

export interface MediaOptions {
  host: string;
  /** Address put into SDP, when it is another (a phone behind NAT). */
  advertisedHost?: string;
  codecs: readonly Codec[];
  isSecure: boolean;
  /** Whether RFC 4733 is offered. */
  hasEvents: boolean;
}

export class CallMedia {
  readonly rtp: RtpStream;
  /** What we last said about our direction. */
  localDirection: Direction = 'sendrecv';
  /** What the far end last said about its own. */
  remoteDirection: Direction = 'sendrecv';
  codec: Codec | null = null;
  remote: AudioDescription | null = null;

  readonly #options: MediaOptions;
  readonly #sessionId = randomInt(2 ** 31);
  readonly #key = newSrtpKey();
  #version = 0;

  private constructor(rtp: RtpStream, options: MediaOptions) {
    this.rtp = rtp;
    this.#options = options;
  }

  static async open(options: MediaOptions, name: string): Promise<CallMedia> {
    return new CallMedia(await RtpStream.open(options.host, name), options);
  }

  offer(direction: Direction): string {
    this.localDirection = direction;
    const { codecs, isSecure, hasEvents } = this.#options;
    return this.#format(
      codecs.map((name) => ({ name, payloadType: PAYLOAD_TYPE[name] })),
      hasEvents ? EVENT_TYPE : null,
      isSecure ? { key: this.#key, tag: '1' } : null,
    );
  }

  /** The answer to an offer, or null when nothing fits (488). */
  answer(body: string, wanted: Direction = 'sendrecv'): string | null {
    const offer = parseSdp(body);
    const remote = offer && this.#remoteOf(offer);
    if (!offer || !remote || (offer.isSecure && offer.srtpKey === null)) return null;
    this.#use(offer, answerDirection(offer.direction, wanted), remote, offer.isSecure);
    return this.#format(
      [{ name: remote.codec, payloadType: remote.payloadType }],
      remote.eventType,
      offer.isSecure ? { key: this.#key, tag: offer.srtpTag } : null,
    );
  }

  /** The far end's answer to our offer; false when it is unusable. */
  accept(body: string): boolean {
    const answer = parseSdp(body);
    const remote = answer && this.#remoteOf(answer);
    if (!answer || !remote || answer.port === 0) return false;
    this.#use(answer, this.localDirection, remote, answer.isSecure);
    return true;
  }

  #use(description: AudioDescription, direction: Direction, remote: Remote, isSecure: boolean): void {
    this.remote = description;
    this.localDirection = direction;
    this.remoteDirection = description.direction;
    this.codec = remote.codec;
    const wantsUs = description.direction === 'sendrecv' || description.direction === 'recvonly';
    const maySend = wantsUs && (direction === 'sendrecv' || direction === 'sendonly');
    this.rtp.connect(remote, isSecure ? this.#key : null, maySend);
  }

  #remoteOf(description: AudioDescription): Remote | null {
    const format = description.formats.find(({ name }) => (this.#options.codecs as readonly string[]).includes(name));
    if (!format) return null;
    const events = description.formats.find(({ name }) => name === 'TELEPHONE-EVENT');
    return {
      host: description.host,
      port: description.port,
      codec: format.name as Codec,
      payloadType: format.payloadType,
      eventType: this.#options.hasEvents ? (events?.payloadType ?? null) : null,
      // An offered key outside of RTP/SAVP is one we do not take up: the media stays in the clear.
      srtpKey: description.isSecure ? description.srtpKey : null,
    };
  }

  #format(
    codecs: readonly { name: Codec; payloadType: number }[],
    eventType: number | null,
    srtp: { key: string; tag: string } | null,
  ): string {
    this.#version += 1;
    return formatSdp({
      host: this.#options.advertisedHost ?? this.#options.host,
      port: this.rtp.port,
      sessionId: this.#sessionId,
      version: this.#version,
      direction: this.localDirection,
      codecs,
      eventType,
      srtp,
    });
  }
}
