/**
 * What a conformance scenario sees: an engine, people with phones, a carrier, and time that passes. One implementation
 * has virtual time and simulated people (`sim-world.ts`), another a real Asterisk and real SIP (`asterisk-world.ts`).
 */
import type { BridgeId, CallerId, LegId, Media, PlayId, RecordId } from '../src/port.ts';
import type { Brain } from './brain.ts';

/** Everybody whose phone the engine knows. */
export const PEOPLE = ['ann', 'bob', 'carol', 'dave'] as const;
export type Person = (typeof PEOPLE)[number];

export const MAILBOXES: Record<Person, string> = {
  ann: '0d6b5c1e-4a35-4f0e-9a53-000000000001',
  bob: '0d6b5c1e-4a35-4f0e-9a53-000000000002',
  carol: '0d6b5c1e-4a35-4f0e-9a53-000000000003',
  dave: '0d6b5c1e-4a35-4f0e-9a53-000000000004',
};

/** One call as a far end sees it. What it does takes effect at the engine a little later. */
export interface FarCall {
  /** The INVITE came (a call to it), or a 180 came (a call by it). */
  readonly isRinging: boolean;
  /** A caller got 183 with audio. */
  readonly hasEarlyMedia: boolean;
  readonly isAnswered: boolean;
  readonly isEnded: boolean;
  /** Final SIP status of a call that was not answered. */
  readonly status: number | null;
  /** It stopped ringing because somebody else answered. */
  readonly isAnsweredElsewhere: boolean;
  /** Keys it was sent. */
  readonly digits: string;
  /** Whom a called phone shows. */
  readonly shows: CallerId;
  /** How its REFER went: SIP statuses told by NOTIFY, oldest first. */
  readonly transferStatuses: number[];
  answer(): void;
  /** 183, and it speaks. */
  sendEarlyMedia(): void;
  refuse(status: number): void;
  hangUp(): void;
  hold(): void;
  resume(): void;
  presses(digits: string, by?: 'rtp' | 'info'): void;
  transferBlind(to: string): void;
  transferAttended(other: FarCall): void;
  /** Whether it hears now what the other says; everybody always says something of their own. */
  hears(other: FarCall): boolean;
  /** Whether it hears anything at all. */
  hearsSound(): boolean;
}

export interface Phone {
  readonly username: string;
  /** All calls, oldest first. */
  readonly calls: FarCall[];
  /** Voicemail box its lamp is for; a UUID. */
  readonly mailbox: string;
  /** What its lamp shows; null: never told. */
  readonly waiting: { fresh: number; old: number } | null;
  dial(number: string): FarCall;
  unregister(): Promise<void>;
  register(): Promise<void>;
}

export interface CarrierEnd {
  readonly trunkId: string;
  readonly address: string;
  readonly calls: FarCall[];
  /** A call from outside to a DID. */
  dial(did: string, from: string): FarCall;
}

export interface World {
  /** The brain that controls the engine at present. */
  readonly brain: Brain;
  phone(who: Person): Phone;
  readonly carrier: CarrierEnd;
  /** Lets time pass until it is true; fails with `reason` after `within` ms. */
  until(reason: string, isTrue: () => boolean | Promise<boolean>, within?: number): Promise<void>;
  /** Lets `ms` pass: for what must not happen, or for audio to last. */
  pass(ms: number): Promise<void>;
  /** Ends the brain as `kill -9` does. */
  killBrain(): Promise<void>;
  /** A new brain connects to the engine. */
  startBrain(): Promise<Brain>;
  /** What a finished recording holds. Duration in ms. */
  recording(id: RecordId): Promise<{ duration: number; hasSound: boolean }>;
  /** Stores a sound of an organization, loud and of this length in ms. */
  storedSound(duration: number): Extract<Media, { kind: 'file' }>;
  /** Moments between an answer and a hang-up that cross, in ms, worth trying here. */
  readonly crossings: number[];
  newLeg(): LegId;
  newBridge(): BridgeId;
  /** Of legs that were rung in no other. */
  readonly ownBridges: BridgeId[];
  newPlay(): PlayId;
  newRecord(): RecordId;
  /** Wall or virtual time. Milliseconds since the epoch. */
  now(): number;
}

/** One thing that every engine must do the same. */
export interface Scenario {
  /** A sentence about people; the same on every engine. */
  name: string;
  run(world: World): Promise<void>;
}
