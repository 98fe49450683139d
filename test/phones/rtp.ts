/**
 * The audio of one call: sends a tone or silence every 20 ms on a clock that does not drift, keeps the last seconds of
 * what arrives, and tells what is to be heard in it (RFC 3550; RTP and RTCP ports as usual, RTCP ignored).
 */

import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { digitOf, eventOf, formatEvent, parseEvent } from './dtmf.ts';
import { type Codec, decode, encode } from './g711.ts';
import { headerLength, SrtpStream } from './srtp.ts';
import { hasTone, likeness, loudness, SAMPLE_RATE, SILENCE, Sine, strongestTone } from './tones.ts';
import { duration, PATIENCE, Signal } from './wait.ts';

const FRAME = 160;
const FRAME_MS = 20;
/** What is kept of the received audio. Samples. */
const MEMORY = 5 * SAMPLE_RATE;
/** A tone is judged on this much audio. Samples: 200 ms. */
const WINDOW = 1600;
/** Of a sound that is to be found again. Samples. */
const SNIPPET = 2700;
/** Likeness of a sound with itself after G.711 is 0.99; of other speech with it some 0.3. */
const SAME = 0.9;
/** Audio without a gap: so much of it may be missing by its timestamps (samples: 200 ms), or be late by the clock (milliseconds). */
const HOLE = 1600;
const STALL = 3000;
/** 21000 to 29998: below the ports Linux hands out, away from the engine's usual RTP range. */
const PORTS = { first: 21_000, last: 29_998 };

export interface Remote {
  host: string;
  port: number;
  codec: Codec;
  payloadType: number;
  eventType: number | null;
  /** SDES key of what the far end sends. */
  srtpKey: string | null;
}

export interface HearOptions {
  /** Deadline in milliseconds. */
  within?: number;
  /** The sound must last this long. Milliseconds. */
  lasting?: number;
}

export class RtpStream {
  readonly port: number;
  readonly stats = { sent: 0, received: 0, bytesReceived: 0, forged: 0, lost: 0 };
  /** Digits received as RFC 4733 events, in order. */
  digits = '';
  /** Address the last packet came from. */
  source: { host: string; port: number } | null = null;
  /** Milliseconds since the epoch of the last packet; 0 = none. */
  lastPacketAt = 0;

  readonly #socket: Socket;
  readonly #heard = new Signal();
  readonly #ssrc = randomInt(2 ** 32);
  readonly #name: string;
  #sendKey: SrtpStream | null = null;
  #receiveKey: SrtpStream | null = null;
  #receiveKeyText: string | null = null;
  #remote: Remote | null = null;
  #maySend = true;
  #isDead = false;
  #tone: Sine | null = null;
  #keys: { event: number; position: number; timestamp: number }[] = [];
  #sequence = randomInt(65_536);
  #timestamp = randomInt(2 ** 31);
  #timer: NodeJS.Timeout | null = null;
  #nextAt = 0;
  #samples = new Int16Array(MEMORY);
  #count = 0;
  #lastSequence: number | null = null;
  #nextTimestamp: { ssrc: number; value: number } | null = null;
  /** Where in what was received audio is missing last. Samples. */
  #holeAt = -1;
  #lastEventAt: number | null = null;
  #sendIsStarted = false;
  #isClosed = false;

  private constructor(socket: Socket, name: string) {
    this.#socket = socket;
    this.#name = name;
    this.port = socket.address().port;
    socket.on('message', (packet, from) => this.#receive(packet, from.address, from.port));
    socket.on('error', () => {});
  }

  /** Opens an even port, so that nobody's RTCP (port + 1) lands in somebody's audio. */
  static async open(host: string, name: string): Promise<RtpStream> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const port = PORTS.first + 2 * randomInt((PORTS.last - PORTS.first) / 2 + 1);
      const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
      const isOpen = await new Promise<boolean>((resolve) => {
        socket.once('error', () => resolve(false));
        socket.bind(port, host, () => resolve(true));
      });
      if (isOpen) {
        socket.removeAllListeners('error');
        return new RtpStream(socket, name);
      }
    }
    throw new Error('No free RTP port');
  }

  /** Where to send, in which codec; `sendKey` is the SDES key we offered. May change in mid-call. */
  connect(remote: Remote, sendKey: string | null, maySend: boolean): void {
    this.#remote = remote;
    this.#maySend = maySend;
    if (sendKey !== null && this.#sendKey === null) this.#sendKey = new SrtpStream(sendKey);
    if (remote.srtpKey !== this.#receiveKeyText) {
      this.#receiveKeyText = remote.srtpKey;
      this.#receiveKey = remote.srtpKey === null ? null : new SrtpStream(remote.srtpKey);
    }
    if (this.#timer === null && !this.#isClosed) {
      this.#nextAt = performance.now();
      this.#tick();
    }
  }

  /** Sends a sine of `hertz`; null sends silence (packets go on). */
  say(hertz: number | null): void {
    this.#tone = hertz === null ? null : new Sine(hertz);
  }

  /** No packet leaves any more, as with a broken network; `false` ends it. */
  dead(isDead: boolean): void {
    this.#isDead = isDead;
  }

  /** Queues keys: 100 ms each and 60 ms pause, as RFC 4733 events. */
  press(digits: string): void {
    for (const digit of digits) this.#keys.push({ event: eventOf(digit), position: 0, timestamp: 0 });
  }

  get isPressing(): boolean {
    return this.#keys.length > 0;
  }

  /** The last `ms` milliseconds received. */
  recent(ms: number): Int16Array {
    const wanted = Math.min(Math.round((ms * SAMPLE_RATE) / 1000), this.#count, MEMORY);
    return Int16Array.from({ length: wanted }, (_, i) => this.#samples[(this.#count - wanted + i) % MEMORY]!);
  }

  /** Whether the last 200 ms that arrived are this tone. */
  carries(hertz: number): boolean {
    return hasTone(this.recent(200), hertz);
  }

  /** Resolves when a tone of `hertz` arrived without a gap for `lasting` ms from now on. */
  hears(hertz: number, { lasting = 200, within = lasting + PATIENCE }: HearOptions = {}): Promise<void> {
    return this.#hearsThat(`a tone of ${hertz} Hz`, (samples) => hasTone(samples, hertz), within, lasting);
  }

  /** Resolves on any sound: speech, music, ringback. */
  hearsSound({ lasting = 200, within = lasting + PATIENCE }: HearOptions = {}): Promise<void> {
    return this.#hearsThat('any sound', (samples) => loudness(samples) > SILENCE, within, lasting);
  }

  /**
   * Resolves when this very sound is heard, or was within the last seconds: a third of a second from its middle, found again
   * sample by sample.
   */
  async hearsThis(sound: Int16Array, { within = 15_000 }: { within?: number } = {}): Promise<void> {
    const middle = Math.floor((sound.length - SNIPPET) / 2);
    const snippet = sound.subarray(middle, middle + SNIPPET);
    let judged = Math.max(0, this.#count - MEMORY + SNIPPET);
    let best = 0;
    await this.#heard.until(
      () => {
        const fresh = this.#count - judged;
        if (fresh < WINDOW) return undefined;
        judged = this.#count;
        best = Math.max(best, likeness(this.recent(((fresh + SNIPPET) * 1000) / SAMPLE_RATE), snippet));
        return best > SAME ? true : undefined;
      },
      () =>
        `${this.#name} did not hear the sound within ${duration(within)}: likeness ${best.toFixed(2)}; ${this.describe()}`,
      within,
    );
  }

  /** Resolves when nothing but silence (or no packet at all) came for `lasting` ms from now on. */
  async hearsSilence({ lasting = 300, within = lasting + PATIENCE }: HearOptions = {}): Promise<void> {
    let quietSince = performance.now();
    let seen = this.#count;
    // No packets raise no signal, so this one wait looks at the clock.
    const clock = setInterval(() => this.#heard.changed(), FRAME_MS);
    try {
      await this.#heard.until(
        () => {
          const fresh = this.#count - seen;
          if (fresh > 0) {
            if (loudness(this.recent((fresh * 1000) / SAMPLE_RATE)) > SILENCE) quietSince = performance.now();
            seen = this.#count;
          }
          return performance.now() - quietSince >= lasting ? true : undefined;
        },
        () =>
          `${this.#name} did not hear silence for ${duration(lasting)} within ${duration(within)}; ${this.describe()}`,
        within,
      );
    } finally {
      clearInterval(clock);
    }
  }

  /** Resolves when these digits came as RFC 4733 events, as the newest ones. */
  async receivesDigits(digits: string, { within = PATIENCE }: { within?: number } = {}): Promise<void> {
    await this.#heard.until(
      () => (this.digits.endsWith(digits) ? true : undefined),
      () => `${this.#name} did not get the keys ${digits} within ${duration(within)}; it got "${this.digits}"`,
      within,
    );
  }

  /** For digits that came by INFO. */
  addDigit(digit: string): void {
    this.digits += digit;
    this.#heard.changed();
  }

  /** Resolves when `count` more packets arrived. */
  async receivesPackets(count = 5, { within = PATIENCE }: { within?: number } = {}): Promise<void> {
    const start = this.stats.received;
    await this.#heard.until(
      () => (this.stats.received - start >= count ? true : undefined),
      () => `${this.#name} got ${this.stats.received - start} of ${count} RTP packets within ${duration(within)}`,
      within,
    );
  }

  /** What is heard now, in words. */
  describe(): string {
    const samples = this.recent(200);
    const tone = strongestTone(samples);
    const sound =
      tone === null ? (loudness(samples) > SILENCE ? 'sound without a tone' : 'silence') : `about ${tone} Hz`;
    const age = this.lastPacketAt === 0 ? 'never' : `${Date.now() - this.lastPacketAt} ms ago`;
    const { received, sent, forged } = this.stats;
    return `the last it heard was ${sound} (received ${received}, last ${age}; sent ${sent}; bad SRTP ${forged})`;
  }

  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isClosed) return;
    this.#isClosed = true;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  async #hearsThat(
    what: string,
    isHeard: (samples: Int16Array) => boolean,
    within: number,
    lasting: number,
  ): Promise<void> {
    const window = Math.min(WINDOW, (lasting * SAMPLE_RATE) / 1000);
    const needed = (lasting * SAMPLE_RATE) / 1000;
    let judged = this.#count;
    let heard = 0;
    await this.#heard.until(
      () => {
        while (this.#count - judged >= window) {
          judged += window;
          const back = this.#count - judged;
          const recent = this.recent(((back + window) * 1000) / SAMPLE_RATE);
          const isWhole = this.#holeAt < judged - window || this.#holeAt >= judged;
          heard = isWhole && isHeard(recent.subarray(0, window)) ? heard + window : 0;
        }
        return heard >= needed ? true : undefined;
      },
      () =>
        `${this.#name} did not hear ${what} for ${duration(lasting)} within ${duration(within)}; ${this.describe()}`,
      within,
    );
  }

  #tick = (): void => {
    const now = performance.now();
    // After a stall of more than a second the past is not made up for; nor while keys are pressed: no finger presses
    // seven at once, and an engine that hears them so loses some.
    if (now - this.#nextAt > (this.isPressing ? FRAME_MS : 1000)) this.#nextAt = now;
    while (this.#nextAt <= now) {
      this.#sendFrame();
      this.#nextAt += FRAME_MS;
    }
    this.#timer = setTimeout(this.#tick, Math.max(1, this.#nextAt - performance.now()));
  };

  #sendFrame(): void {
    const remote = this.#remote;
    if (remote && this.#maySend && !this.#isDead) {
      if (this.#keys.length > 0 && remote.eventType !== null) this.#sendKeyFrame(remote, remote.eventType);
      else {
        const samples = this.#tone ? this.#tone.next(FRAME) : new Int16Array(FRAME);
        this.#send(remote.payloadType, encode(remote.codec, samples), this.#timestamp, !this.#sendIsStarted);
      }
      this.#sendIsStarted = true;
    }
    this.#timestamp = (this.#timestamp + FRAME) >>> 0;
  }

  /** One key is five growing packets, the end three times, and 60 ms without a packet. */
  #sendKeyFrame(remote: Remote, eventType: number): void {
    const key = this.#keys[0]!;
    if (key.position === 0) key.timestamp = this.#timestamp;
    const length = Math.min(key.position + 1, 5) * FRAME;
    if (key.position < 5) {
      this.#send(eventType, formatEvent(key.event, false, length), key.timestamp, key.position === 0, remote);
    } else if (key.position === 5) {
      for (let i = 0; i < 3; i++)
        this.#send(eventType, formatEvent(key.event, true, length), key.timestamp, false, remote);
    }
    key.position += 1;
    if (key.position === 8) this.#keys.shift();
  }

  #send(payloadType: number, payload: Buffer, timestamp: number, hasMarker: boolean, remote = this.#remote): void {
    if (!remote) return;
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = payloadType | (hasMarker ? 0x80 : 0);
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(timestamp >>> 0, 4);
    header.writeUInt32BE(this.#ssrc, 8);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const packet = Buffer.concat([header, payload]);
    this.#socket.send(this.#sendKey ? this.#sendKey.protect(packet) : packet, remote.port, remote.host);
    this.stats.sent += 1;
  }

  #receive(raw: Buffer, host: string, port: number): void {
    // RTCP multiplexed or strayed: packet types 192 to 223 (RFC 5761, section 4).
    if (raw.length < 12 || raw[0]! >> 6 !== 2 || (raw[1]! >= 192 && raw[1]! <= 223)) return;
    const packet = this.#receiveKey ? this.#receiveKey.unprotect(raw) : raw;
    if (packet === null) {
      this.stats.forged += 1;
      return;
    }
    this.source = { host, port };
    this.stats.received += 1;
    this.stats.bytesReceived += raw.length;
    const isLate = this.lastPacketAt > 0 && Date.now() - this.lastPacketAt > STALL;
    this.lastPacketAt = Date.now();
    const sequence = packet.readUInt16BE(2);
    if (this.#lastSequence !== null) {
      const gap = (sequence - this.#lastSequence - 1) & 0xffff;
      if (gap < 100) this.stats.lost += gap;
    }
    this.#lastSequence = sequence;
    const payloadType = packet[1]! & 0x7f;
    const payload = packet.subarray(headerLength(packet));
    if (payloadType === 0 || payloadType === 8) this.#lookForHole(packet, payload.length, isLate);
    if (payloadType === this.#remote?.eventType) this.#receiveEvent(payload, packet.readUInt32BE(4));
    else if (payloadType === 0) this.#keep(decode('PCMU', payload));
    else if (payloadType === 8) this.#keep(decode('PCMA', payload));
    this.#heard.changed();
  }

  #lookForHole(packet: Buffer, samples: number, isLate: boolean): void {
    const [timestamp, ssrc] = [packet.readUInt32BE(4), packet.readUInt32BE(8)];
    const missing = this.#nextTimestamp?.ssrc === ssrc ? (timestamp - this.#nextTimestamp.value) >>> 0 : 0;
    if (isLate || (missing > HOLE && missing < 2 ** 31)) this.#holeAt = this.#count;
    this.#nextTimestamp = { ssrc, value: (timestamp + samples) >>> 0 };
  }

  #receiveEvent(payload: Buffer, timestamp: number): void {
    const event = parseEvent(payload);
    const digit = event ? digitOf(event.event) : undefined;
    // The end comes three times, and any packet of an event may be lost: its timestamp names it.
    if (digit === undefined || timestamp === this.#lastEventAt) return;
    this.#lastEventAt = timestamp;
    this.digits += digit;
  }

  #keep(samples: Int16Array): void {
    for (const sample of samples) {
      this.#samples[this.#count % MEMORY] = sample;
      this.#count += 1;
    }
  }
}
