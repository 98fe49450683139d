/**
 * The `Engine` port on Asterisk 22 by ARI. One request per verb; requests are pipelined, since what concerns a call is
 * carried out in order (`lanes.ts`). Asterisk's own facts that shaped this file (all tried on 22.10.1):
 *
 * - A channel made by `channels/create` may be bridged and dialled only after its StasisStart (else 409 now and then),
 *   and must be in its own bridge before it is dialled: unbridged dialled channels share one hidden bridge, every join
 *   there walks all of them, and the engine collapses at 170 calls/s. `POST /channels` avoids that without a bridge, but
 *   such a channel enters Stasis when it is answered: without a connection of ours it is hung up in that moment.
 * - In a bridge, RINGING, PROGRESS and ANSWER of the dialled channel pass to the others: the caller gets 180, early
 *   media and 200 without a request of ours.
 * - The INVITE's From is the channel's *connected line*, and joining a bridge overwrites that with the other party's
 *   identity unless `inhibitConnectedLineUpdates` is set on the join.
 * - A leg that came in is unsubscribed when it leaves Stasis, before its ChannelDestroyed: its StasisEnd is the end we
 *   see, and the cause stands in the ChannelHangupRequest before. A leg we made stays subscribed to the last.
 * - The event filter takes a two-party call from 56 events to 9.
 */
import {
  type BridgeId,
  CAUSE,
  type Cause,
  type Done,
  type Engine,
  EngineError,
  type EngineEvent,
  type EngineSnapshot,
  isBridgeId,
  type LegId,
  type Media,
  type Originate,
  type OriginateRefusal,
  type PlayId,
  type RecordId,
  type RecordOptions,
} from '../port.ts';
import { CONTEXTS, STASIS_APP } from './conf/dialplan.ts';
import { GUARD_MODULE } from './conf/modules.ts';
import type { AriAddress, AriEvent, AriResponse } from './connection.ts';
import { Lanes } from './lanes.ts';
import { type AriBridge, type AriChannel, isMade, readEvent, readLeg, timeOf } from './reading.ts';
import { connectedLine, dialString, inSeconds, mediaUri, path, stopRequest } from './writing.ts';

/**
 * Everything the brain acts on, and nothing else. The filter applies to the answers of our own requests too: without
 * `RESTResponse` no request is ever answered.
 */
const EVENTS = [
  'RESTResponse',
  'StasisStart',
  'ChannelStateChange',
  'ChannelHangupRequest',
  'StasisEnd',
  'ChannelDestroyed',
  'ChannelDtmfReceived',
  'ChannelHold',
  'ChannelUnhold',
  'ChannelTransfer',
  'PlaybackFinished',
  'RecordingFinished',
  'RecordingFailed',
  'ApplicationReplaced',
];

/** A created leg that waits for its StasisStart before it may be bridged and dialled. */
interface Created {
  bridge: BridgeId;
  /** Whether all who are to be with it have come. */
  company: Promise<Done>;
  ringTime: number;
  /** Its INVITE is out, or never will be. */
  done(): void;
}

export class AsteriskEngine implements Engine {
  readonly name = 'asterisk' as const;
  readonly #ari: Lanes;
  readonly #files: string;
  #handler: (event: EngineEvent) => void = () => {};
  #created = new Map<LegId, Created>();
  #stopped = new Set<string>();
  /** Spies on their way. */
  #spies = new Map<LegId, (done: Done) => void>();
  /** Causes heard of legs that are about to leave Stasis. */
  #causes = new Map<LegId, Cause>();
  /** Legs that came in and were sent on into the dialplan: subscribed, so they end with ChannelDestroyed. */
  #sentOn = new Set<LegId>();
  #startedAt: string | null = null;
  #version: string | null = null;
  /** Whether it has our module, which refuses what is too much before it costs anything (`guard`). */
  #hasGuard = false;
  #isReady = false;
  #firstReady: (() => void) | null = null;

  /**
   * @param files folder of stored sounds, as the engine sees it
   * @param onAnswer called with the milliseconds that each request took
   */
  constructor(address: Omit<AriAddress, 'app'>, files: string, onAnswer?: (took: number) => void) {
    this.#files = files;
    this.#ari = new Lanes(
      { ...address, app: STASIS_APP },
      {
        event: (event) => this.#onEvent(event),
        up: () => void this.#onUp(),
        down: () => this.#onDown(),
        ...(onAnswer ? { answered: onAnswer } : {}),
      },
    );
  }

  onEvent(handler: (event: EngineEvent) => void): void {
    this.#handler = handler;
  }

  start(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      this.#firstReady = resolve;
    });
    this.#ari.open();
    return ready;
  }

  async stop(): Promise<void> {
    this.#ari.close();
  }

  version(): string | null {
    return this.#version;
  }

  /** Whether commands reach the engine now. */
  get isConnected(): boolean {
    return this.#isReady;
  }

  /** Requests without an answer yet: the length of the queue into the engine. */
  get pendingRequests(): number {
    return this.#ari.pending;
  }

  async snapshot(): Promise<EngineSnapshot> {
    const [channels, bridges] = await Promise.all([
      this.#ari.list('channels') as Promise<AriChannel[]>,
      this.#ari.list('bridges') as Promise<AriBridge[]>,
    ]);
    return {
      startedAt: this.#startedAt === null ? null : Date.parse(this.#startedAt),
      legs: channels.map(readLeg),
      bridges: bridges
        .filter((b) => isBridgeId(b.id))
        .map((b) => ({ id: b.id as BridgeId, legs: b.channels as LegId[] })),
    };
  }

  async originate(o: Originate): Promise<'ok' | OriginateRefusal> {
    const endpoint = dialString(o.to);
    if (endpoint === null) return 'invalid';
    const common = `endpoint=${encodeURIComponent(endpoint)}&app=${STASIS_APP}&appArgs=out&channelId=${o.legId}${
      o.onBehalfOf ? `&originator=${o.onBehalfOf}` : ''
    }`;
    const variables = connectedLine(o.callerId);
    const { promise: isDialled, resolve: done } = Promise.withResolvers<void>();
    const company = o.together ? this.join(o.bridge, ...o.together) : Promise.resolve<Done>('ok');
    // Looked at when the leg is there, if it ever is.
    company.catch(() => {});
    this.#created.set(o.legId, { bridge: o.bridge, company, ringTime: o.ringTime, done });
    // By a socket of its own, beside the bridge and those who come to it: it is the longest of the three.
    const create = `channels/create?${common}`;
    const { status } = await this.#ari.requestApart([o.legId], 'POST', create, { variables });
    if (status < 300) {
      await isDialled;
      return 'ok';
    }
    this.#created.delete(o.legId);
    // 500 "Allocation failed": no contact is registered, or no such endpoint. 400: not an endpoint at all.
    return 'unreachable';
  }

  ring(leg: LegId): Promise<Done> {
    return this.#verb([leg], 'POST', `channels/${leg}/ring`);
  }

  answer(leg: LegId): Promise<Done> {
    return this.#verb([leg], 'POST', `channels/${leg}/answer`);
  }

  hangup(leg: LegId, cause: Cause): Promise<Done> {
    this.#undialled(leg);
    // Asterisk names our own hang-up with cause 32, whatever we asked for.
    if (!isMade(leg)) this.#causes.set(leg, cause);
    return this.#verb([leg], 'DELETE', `channels/${leg}?reason_code=${cause}`);
  }

  play(target: LegId | BridgeId, media: Media[], id: PlayId): Promise<Done> {
    const language = media.map((m) => ('language' in m ? m.language : undefined)).find((l) => l !== undefined);
    const uris = media.map((m) => encodeURIComponent(mediaUri(m, this.#files))).join(',');
    return this.#verb(
      [target, id],
      'POST',
      `${path(target)}/play/${id}?media=${uris}${language ? `&lang=${language}` : ''}`,
    );
  }

  record(target: LegId | BridgeId, o: RecordOptions): Promise<Done> {
    const limits = `maxDurationSeconds=${inSeconds(o.maxDuration)}&maxSilenceSeconds=${inSeconds(o.maxSilence)}`;
    const how = `beep=${o.beep}&terminateOn=${encodeURIComponent(o.endOn)}&ifExists=fail`;
    return this.#verb([target, o.id], 'POST', `${path(target)}/record?name=${o.id}&format=wav&${limits}&${how}`);
  }

  stopMedia(id: PlayId | RecordId): Promise<Done> {
    this.#stopped.add(id);
    return this.#verb([id], ...stopRequest(id)).then((done) => {
      if (done === 'gone') this.#stopped.delete(id);
      return done;
    });
  }

  async isRecording(id: RecordId): Promise<boolean> {
    const { status } = await this.#ari.request([id], 'GET', `recordings/live/${id}`);
    if (status >= 300 && status !== 404) throw new EngineError(`Asterisk answered ${status} to GET recordings/live`);
    return status !== 404;
  }

  bridge(id: BridgeId, kind: 'talk' | 'talk-dtmf'): Promise<Done> {
    // The order matters: `dtmf_events,mixing` silently drops the events again.
    return this.#verb([id], 'POST', `bridges/${id}?type=${kind === 'talk' ? 'mixing' : 'mixing,dtmf_events'}`);
  }

  unbridge(id: BridgeId): Promise<Done> {
    return this.#verb([id], 'DELETE', `bridges/${id}`);
  }

  join(id: BridgeId, ...legs: LegId[]): Promise<Done> {
    const uri = `bridges/${id}/addChannel?channel=${legs.join(',')}&inhibitConnectedLineUpdates=true`;
    return this.#verb([id, ...legs], 'POST', uri);
  }

  leave(id: BridgeId, leg: LegId): Promise<Done> {
    return this.#verb([id, leg], 'POST', `bridges/${id}/removeChannel?channel=${leg}`);
  }

  music(leg: LegId, on: boolean): Promise<Done> {
    return this.#verb([leg], on ? 'POST' : 'DELETE', `channels/${leg}/moh`);
  }

  mute(leg: LegId, on: boolean): Promise<Done> {
    return this.#verb([leg], on ? 'POST' : 'DELETE', `channels/${leg}/mute?direction=in`);
  }

  sendDtmf(leg: LegId, digits: string): Promise<Done> {
    if (!/^[0-9*#A-D]{1,64}$/.test(digits)) throw new TypeError('not DTMF digits');
    return this.#verb([leg], 'POST', `channels/${leg}/dtmf?dtmf=${encodeURIComponent(digits)}`);
  }

  snoop(leg: LegId, spy: LegId, mode: 'listen' | 'whisper' | 'barge'): Promise<Done> {
    const whisper = { listen: 'none', whisper: 'out', barge: 'both' }[mode];
    const uri = `channels/${leg}/snoop/${spy}?spy=both&whisper=${whisper}&app=${STASIS_APP}&appArgs=snoop`;
    // The spy takes no verb before its StasisStart.
    const { promise: hasArrived, resolve } = Promise.withResolvers<Done>();
    this.#spies.set(spy, resolve);
    return this.#verb([leg, spy], 'POST', uri).then((done) => {
      if (done === 'ok') return hasArrived;
      this.#spies.delete(spy);
      return done;
    });
  }

  transferProgress(leg: LegId, progress: 'trying' | 'ringing' | 'succeeded' | 'failed'): Promise<Done> {
    const state = {
      trying: 'channel_progress',
      ringing: 'channel_progress',
      succeeded: 'channel_answered',
      failed: 'channel_unavailable',
    }[progress];
    // Asterisk tells us of a REFER before it has written down what answers it, and dies of an answer that comes in between:
    // every call ends (`refer_incoming_ari_request` of res_pjsip_refer.c, 22.10; once in some hundred transfers). What asks the
    // leg's SIP thread a question waits until the REFER is dealt with; requests about one leg are carried out in order.
    void this.#ari.request([leg], 'GET', `channels/${leg}/variable?variable=CHANNEL(pjsip,call-id)`).catch(() => {});
    return this.#verb([leg], 'POST', `channels/${leg}/transfer_progress?states=${state}`);
  }

  echo(leg: LegId): Promise<Done> {
    this.#sentOn.add(leg);
    void this.#subscribe([`channel:${leg}`]).catch(() => {});
    return this.#verb([leg], 'POST', `channels/${leg}/continue?context=echo&extension=s&priority=1`);
  }

  async shed(org: string | null, until: number): Promise<void> {
    const name = org === null ? 'LPBX_SHED' : `LPBX_SHED_${org.replaceAll('-', '')}`;
    const value = Math.ceil(until / 1000);
    const set = (variable: string) =>
      this.#ari.request([], 'POST', `asterisk/variable?variable=${variable}&value=${value}`);
    await Promise.all([set(name), ...(org === null && this.#hasGuard ? [set('LPBX_GUARD(shed)')] : [])]);
  }

  /** The engine keeps the counts by itself; only an application of its dialplan can set them (no ARI mailboxes in Debian). */
  async messagesWaiting(mailbox: string, fresh: number, old: number): Promise<void> {
    const count = (n: number): number => Math.min(Math.max(Math.trunc(n), 0), 9999);
    if (!/^[0-9a-f-]{36}$/.test(mailbox)) throw new TypeError('not a mailbox');
    const to = `Local/${mailbox}*${count(fresh)}*${count(old)}@${CONTEXTS.messagesWaiting}/n`;
    await this.#ari.request(
      [],
      'POST',
      // It hangs up before anything answers: the extension named here is never reached.
      `channels?endpoint=${encodeURIComponent(to)}&context=${CONTEXTS.messagesWaiting}&extension=h&timeout=5`,
    );
  }

  async beat(): Promise<void> {
    await this.#ari.request([], 'POST', `asterisk/variable?variable=LPBX_BEAT&value=${Math.floor(Date.now() / 1000)}`);
  }

  /** @param about ids of all that it names */
  async #verb(about: readonly string[], method: 'POST' | 'DELETE', uri: string): Promise<Done> {
    const { status, body } = await this.#ari.request(about, method, uri);
    if (status < 300) return 'ok';
    // 404: no such channel, bridge or playback. 400: a channel named for a bridge is not there. 409 and 422: it is on
    // its way out of Stasis, or already somewhere else. All mean that the verb came too late.
    if (status === 404 || status === 400 || status === 409 || status === 422 || status === 412) return 'gone';
    throw new EngineError(`Asterisk answered ${status} to ${method} ${uri.split('?')[0]}: ${JSON.stringify(body)}`);
  }

  async #ask(method: 'GET', uri: string): Promise<unknown> {
    const { status, body } = await this.#ari.request([], method, uri);
    if (status >= 300) throw new EngineError(`Asterisk answered ${status} to ${method} ${uri}`);
    return body;
  }

  async #onUp(): Promise<void> {
    try {
      const filter = { allowed: EVENTS.map((type) => ({ type })) };
      const [, info, guard, channels, bridges] = await Promise.all([
        this.#ari.request([], 'PUT', `applications/${STASIS_APP}/eventFilter`, filter),
        this.#ask('GET', 'asterisk/info') as Promise<{ system: { version: string }; status: { startup_time: string } }>,
        this.#ari.request([], 'GET', `asterisk/modules/${GUARD_MODULE}`),
        this.#ari.list('channels') as Promise<AriChannel[]>,
        this.#ari.list('bridges') as Promise<AriBridge[]>,
        this.beat(),
      ]);
      // A socket that closed took its subscriptions with it; legs that are still in our application get them again, as do
      // echo tests, which left it for the dialplan, and bridges, which tell of their recordings.
      for (const { id, dialplan } of channels) if (dialplan.context === CONTEXTS.echo) this.#sentOn.add(id as LegId);
      const sources = [
        ...channels.filter((c) => readLeg(c).isOurs || this.#sentOn.has(c.id as LegId)).map((c) => `channel:${c.id}`),
        ...bridges.filter((b) => isBridgeId(b.id)).map((b) => `bridge:${b.id}`),
      ];
      // Before anybody asks what there is: what happens after that answer must be heard.
      const some = Array.from({ length: Math.ceil(sources.length / 50) }, (_, i) =>
        sources.slice(i * 50, (i + 1) * 50),
      );
      await Promise.all(some.map((part) => this.#subscribe(part)));
      const isFresh = this.#startedAt !== null && this.#startedAt !== info.status.startup_time;
      this.#startedAt = info.status.startup_time;
      this.#version = info.system.version.split('+')[0] ?? info.system.version;
      this.#hasGuard = guard.status === 200;
      this.#isReady = true;
      this.#handler({ type: 'engine:back', isFresh, at: Date.now() });
      this.#firstReady?.();
      this.#firstReady = null;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      // Gone again in the middle, or not fully started: the next connection calls us back.
      this.#ari.reopen();
    }
  }

  /** One leg that ended meanwhile fails the whole list, so the list is then done one by one. */
  async #subscribe(sources: string[]): Promise<void> {
    const idOf = (source: string): string => source.slice(source.indexOf(':') + 1);
    const to = (...some: string[]): Promise<AriResponse> => {
      const uri = `applications/${STASIS_APP}/subscription?eventSource=${encodeURIComponent(some.join(','))}`;
      return this.#ari.request(some.map(idOf), 'POST', uri);
    };
    const { status } = await to(...sources);
    if (status >= 300) await Promise.all(sources.map((source) => to(source)));
  }

  #onDown(): void {
    for (const leg of [...this.#created.keys(), ...this.#spies.keys()]) this.#undialled(leg);
    this.#stopped.clear();
    this.#causes.clear();
    if (!this.#isReady) return;
    this.#isReady = false;
    this.#handler({ type: 'engine:lost', at: Date.now() });
  }

  #onEvent(event: AriEvent): void {
    if (event.type === 'StasisStart') {
      const channel = event.channel as AriChannel;
      const [kind] = event.args as string[];
      if (kind === 'out') return this.#dial(channel);
      if (kind === 'snoop') return this.#spyArrived(channel.id as LegId, 'ok');
    }
    switch (event.type) {
      case 'ChannelHangupRequest': {
        const leg = (event.channel as AriChannel).id as LegId;
        // 487: the caller gave up; Asterisk calls that 127, interworking.
        const cause = event.tech_cause === 487 ? CAUSE.normal : event.cause;
        if (typeof cause === 'number' && !isMade(leg) && !this.#causes.has(leg)) this.#causes.set(leg, cause);
        // A CANCEL that meets the answer within about a millisecond loses its hang-up in the bridge: the SIP session is
        // gone and the channel stays up for ever, past rtp_timeout (tried: 19 of 60 such races). So it is ended here.
        if (event.tech_cause === 487 && (event.channel as AriChannel).state === 'Up') {
          void this.#verb([leg], 'DELETE', `channels/${leg}?reason_code=${CAUSE.normal}`).catch(() => {});
        }
        return;
      }
      case 'StasisEnd':
      case 'ChannelDestroyed':
        this.#ended(event, (event.channel as AriChannel).id as LegId);
        return;
    }
    const read = readEvent(event, this.#stopped);
    if (read) this.#handler(read);
  }

  #ended(event: AriEvent, leg: LegId): void {
    // A spy has an id of ours too, but like a leg that came in it is unsubscribed at its StasisEnd.
    const isSpy = (event.channel as AriChannel).name.startsWith('Snoop/');
    const isFinal = (isMade(leg) && !isSpy) || this.#sentOn.has(leg) ? 'ChannelDestroyed' : 'StasisEnd';
    if (event.type !== isFinal) return;
    // 0: an answered leg that was never bridged and whose far end hung up.
    const cause = (event.cause as Cause | undefined) || this.#causes.get(leg) || CAUSE.normal;
    this.#causes.delete(leg);
    this.#sentOn.delete(leg);
    this.#undialled(leg);
    this.#handler({ type: 'leg:ended', leg, cause, at: timeOf(event) });
  }

  /** A created leg that will not be dialled, or a spy that never came: it ended, or the connection went. */
  #undialled(leg: LegId): void {
    this.#created.get(leg)?.done();
    this.#created.delete(leg);
    this.#spyArrived(leg, 'gone');
  }

  #spyArrived(leg: LegId, done: Done): void {
    this.#spies.get(leg)?.(done);
    this.#spies.delete(leg);
  }

  #dial(channel: AriChannel): void {
    const leg = channel.id as LegId;
    const created = this.#created.get(leg);
    if (!created) return;
    this.#created.delete(leg);
    const joined = this.join(created.bridge, leg);
    const dialled = this.#verb([leg], 'POST', `channels/${leg}/dial?timeout=${inSeconds(created.ringTime)}`);
    Promise.all([created.company, joined, dialled])
      .then(
        (all) => {
          if (all.includes('gone')) void this.hangup(leg, CAUSE.normal).catch(() => {});
        },
        // The connection went: the next snapshot tells.
        () => {},
      )
      .finally(created.done);
  }
}
