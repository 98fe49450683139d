/**
 * The engine port: all that core knows about whatever carries the calls. Three drivers implement it: `asterisk/`,
 * `sim/` (deterministic, virtual clock) and later `freeswitch/`; `conformance/` runs the same scenarios on each.
 *
 * Rules of the port:
 * - The caller of a verb chooses every id and is registered for its events before the engine hears the command.
 * - A verb resolves to `'ok'`, or to `'gone'` when the leg, bridge or media it names is no longer there. That is normal
 *   in telephony, so it is a value. It rejects with `EngineError` only when the engine cannot be reached or is broken.
 * - Verbs that name the same leg, bridge, playback or recording are carried out in the order in which they were sent, and so
 *   are all that one event led to; they need not be awaited in between. Others may overtake each other, and an `originate`
 *   may overtake what names neither its leg nor its bridge.
 * - Every leg that was announced by `leg:new` or asked for by `originate` ends in exactly one `leg:ended`, unless the
 *   engine was lost in between; then the next `snapshot()` tells what is left.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** One party's connection to the engine (an Asterisk channel). Chosen by us for legs we originate. */
export type LegId = Branded<'LegId'>;
/** Where legs hear each other. */
export type BridgeId = Branded<'BridgeId'>;
/** One playback. */
export type PlayId = Branded<'PlayId'>;
/** One recording; also the name of its file, so never made of user text. */
export type RecordId = Branded<'RecordId'>;

/** Ids are made from a UUID; the prefix tells a driver what a bare id names after a restart. */
export const legId = (uuid: string): LegId => `l-${uuid}` as LegId;
export const bridgeId = (uuid: string): BridgeId => `b-${uuid}` as BridgeId;
export const playId = (uuid: string): PlayId => `p-${uuid}` as PlayId;
export const recordId = (uuid: string): RecordId => `r-${uuid}` as RecordId;
export const isBridgeId = (id: string): id is BridgeId => id.startsWith('b-');

/** Outcome of a verb on something that may have ended meanwhile. */
export type Done = 'ok' | 'gone';

/**
 * Q.850 cause of a leg's end, the number both engines speak
 * (https://www.itu.int/rec/T-REC-Q.850; the mapping to SIP is RFC 3398, section 7.2 and 8.2.6).
 */
export type Cause = number;
export const CAUSE = {
  unallocated: 1,
  normal: 16,
  busy: 17,
  noUserResponse: 18,
  noAnswer: 19,
  subscriberAbsent: 20,
  rejected: 21,
  answeredElsewhere: 26,
  outOfOrder: 27,
  invalidNumber: 28,
  unspecified: 31,
  congestion: 34,
  temporaryFailure: 41,
  overload: 42,
  notAllowed: 57,
  mediaTimeout: 44,
  incompatible: 58,
  timerExpired: 102,
  interworking: 127,
} as const satisfies Record<string, Cause>;

/** Where a new leg comes from, as the engine authenticated it; never what the far end claims. */
export type LegSource =
  | {
      kind: 'device';
      /** The device's SIP username; its digest was checked, or it came by a connection that had. */
      username: string;
    }
  | {
      kind: 'carrier';
      /** Set when the source belongs to one trunk only (registered line, or an address no other trunk lists). */
      trunkId: string | null;
      /** Address the INVITE came from, without port. */
      address: string;
    };

export interface CallerId {
  name: string | null;
  number: string | null;
  /** The caller asked for privacy (RFC 3323); show neither name nor number to a device. */
  isPrivate?: boolean;
}

/** Whom to ring. A typed object until the driver prints it; a driver refuses characters outside its whitelist. */
export type Destination =
  | { kind: 'device'; username: string }
  | { kind: 'trunk'; trunkId: string /** Digits with an optional leading `+`. */; number: string };

export interface Originate {
  legId: LegId;
  to: Destination;
  /** Shown to the one who is rung. */
  callerId: CallerId;
  /** The leg on whose behalf this one is made: its codecs are preferred, and it shares its linkage in the engine. */
  onBehalfOf?: LegId;
  /**
   * Bridge (already made) that the new leg joins before it is dialled. Ringing, early media and the answer of the new
   * leg then reach the legs in the bridge by themselves: an unanswered leg there is answered, and says so.
   */
  bridge: BridgeId;
  /** Legs that join `bridge` in the same step, before the dialling: one request less than joining them first. */
  together?: LegId[];
  /** The engine gives up by itself after this time. Milliseconds; at most 4 hours. */
  ringTime: number;
}

/** Why an originate was refused at once: no leg exists and no `leg:ended` follows. */
export type OriginateRefusal = 'unreachable' | 'invalid';

/** What to play: a stock prompt by name, tones, digits, a recording that still lies where the engine made it, or a file of ours. */
export type Media =
  | { kind: 'prompt'; name: string; language?: string }
  | { kind: 'tone'; name: 'ring' | 'busy' | 'congestion' | 'beep' }
  | { kind: 'digits'; digits: string; language?: string }
  /** In words. */
  | { kind: 'number'; value: number; language?: string }
  | { kind: 'recording'; id: RecordId }
  /** A stored sound of an organization; both are UUIDs. */
  | { kind: 'file'; organizationId: string; id: string };

export interface RecordOptions {
  id: RecordId;
  /** 0 = no limit. Milliseconds. */
  maxDuration: number;
  /** End after this much silence. 0 = never. Milliseconds. */
  maxSilence: number;
  beep: boolean;
  /** Any of `0-9*#`, or `none`. */
  endOn: 'any' | 'none' | '*' | '#';
}

/** A leg as the engine has it now. */
export interface LegSnapshot {
  id: LegId;
  state: 'down' | 'ringing' | 'answered';
  /** Whether verbs reach it (false for legs in the engine's own fallback). */
  isOurs: boolean;
  source: LegSource | null;
  /** Number dialled and user part of To, for legs that came in. */
  dialled: string | null;
  to: string | null;
  callerId: CallerId;
  createdAt: number;
}

export interface EngineSnapshot {
  /** When the engine itself started, milliseconds since the epoch, where it tells: no earlier leg is there. */
  startedAt?: number | null;
  legs: LegSnapshot[];
  bridges: { id: BridgeId; legs: LegId[] }[];
}

/** A phone asks to hand its far end to somebody else (REFER, RFC 3515). Nothing is moved yet. */
export type TransferRequest =
  | { kind: 'blind'; to: string }
  /** `replaces` is the transferor's other leg (Replaces, RFC 3891); the driver does not check whose it is. */
  | { kind: 'attended'; replaces: LegId };

export type EngineEvent =
  | {
      type: 'leg:new';
      leg: LegId;
      source: LegSource;
      /** Request-URI user; digits, `*`, `#`, `+` and letters only. */
      dialled: string;
      /** User part of To, for carriers that put their own account into the request URI. */
      to: string | null;
      callerId: CallerId;
      at: number;
    }
  | { type: 'leg:state'; leg: LegId; state: 'ringing' | 'early-media' | 'answered'; at: number }
  | { type: 'leg:dtmf'; leg: LegId; digit: string; duration: number; at: number }
  | { type: 'leg:hold'; leg: LegId; isHeld: boolean; at: number }
  | { type: 'leg:transfer'; leg: LegId; request: TransferRequest; at: number }
  /** The far end's identity moved to another leg id (pickup, masquerade). */
  | { type: 'leg:replaced'; leg: LegId; by: LegId; at: number }
  | { type: 'leg:ended'; leg: LegId; cause: Cause; at: number }
  /** `duration` is that of recordings; 0 for playbacks. */
  | { type: 'media:ended'; id: PlayId | RecordId; result: 'done' | 'stopped' | 'failed'; duration: number; at: number }
  | { type: 'engine:lost'; at: number }
  /** Control is there, for the first time too. `isFresh`: the engine was restarted, every earlier leg is gone. */
  | { type: 'engine:back'; isFresh: boolean; at: number };

export interface Engine {
  readonly name: 'asterisk' | 'sim' | 'freeswitch';
  /** One handler, set once before `start`. It must return quickly: it runs in the reader of the control socket. */
  onEvent(handler: (event: EngineEvent) => void): void;
  /** Connects and keeps connecting; resolves when control is there for the first time. */
  start(): Promise<void>;
  /** Closes the control connection. Calls go on. */
  stop(): Promise<void>;
  version(): string | null;
  snapshot(): Promise<EngineSnapshot>;

  /** Resolves when the leg's INVITE is out: the engine's work on it is done, and what follows is the far end's time. */
  originate(o: Originate): Promise<'ok' | OriginateRefusal>;
  /** Sends 180 to a leg that came in. */
  ring(leg: LegId): Promise<Done>;
  answer(leg: LegId): Promise<Done>;
  hangup(leg: LegId, cause: Cause): Promise<Done>;
  play(target: LegId | BridgeId, media: Media[], id: PlayId): Promise<Done>;
  /** A leg in a bridge cannot be recorded (`media:ended failed`): record the bridge. */
  record(target: LegId | BridgeId, o: RecordOptions): Promise<Done>;
  /** Ends a playback or recording; `media:ended` follows. */
  stopMedia(id: PlayId | RecordId): Promise<Done>;
  /** Whether a recording that was begun has not ended yet: its `media:ended` may have been lost with a connection. */
  isRecording(id: RecordId): Promise<boolean>;
  /**
   * `talk-dtmf` costs native media forwarding: ask for it only where digits matter. `gone` when the id exists. In a bridge
   * of two, a phone's hold gives the other music by itself.
   */
  bridge(id: BridgeId, kind: 'talk' | 'talk-dtmf'): Promise<Done>;
  /**
   * Destroys the bridge; legs in it stay, unbridged, but some milliseconds later: what is played to one meanwhile may be
   * lost without an end. A leg that goes on to anything but another bridge must `leave` first.
   */
  unbridge(id: BridgeId): Promise<Done>;
  /**
   * A leg in another bridge is moved. Several legs join in one step, all or none. A caller who is not answered yet is not
   * answered by it and has no audio from it.
   */
  join(id: BridgeId, ...legs: LegId[]): Promise<Done>;
  leave(id: BridgeId, leg: LegId): Promise<Done>;
  /** Music to an unbridged or bridged leg, until `on` is false. */
  music(leg: LegId, on: boolean): Promise<Done>;
  mute(leg: LegId, on: boolean): Promise<Done>;
  sendDtmf(leg: LegId, digits: string): Promise<Done>;
  /** Joins a silent listener to a leg, which ends with that leg: `spy` is a new leg id that hears (listen) or is heard by the leg alone (whisper). */
  snoop(leg: LegId, spy: LegId, mode: 'listen' | 'whisper' | 'barge'): Promise<Done>;
  /** Tells the transferor's phone how its REFER went; `succeeded` and `failed` are final. */
  transferProgress(leg: LegId, progress: 'trying' | 'ringing' | 'succeeded' | 'failed'): Promise<Done>;
  /** The far end's own echo: what it says it hears back. Needs an answered leg. */
  echo(leg: LegId): Promise<Done>;
  /**
   * New calls, emergency calls excepted, are refused with 503 before they cost anything, until `until` (ms epoch).
   * `org` null means all organizations. A past time opens the gate; a dead brain's gate opens by itself.
   */
  shed(org: string | null, until: number): Promise<void>;
  /**
   * How many messages wait in a box, for the lamps of the phones whose device names it. Told again after a restart of the
   * engine. `mailbox` is a UUID.
   */
  messagesWaiting(mailbox: string, fresh: number, old: number): Promise<void>;
  /** Tells the engine that somebody decides; without it for 2 s new calls take the fallback. */
  beat(): Promise<void>;
}

/** The engine cannot be reached or answered something it never should. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
