/**
 * Everything a call is, as plain data: the journal keeps it, and a new brain goes on from it. Legs are engine ids; the
 * organization object is pinned beside it (`Call.organization`), never in it.
 */
import type { BridgeId, CallerId, LegId, RecordId } from '@littlepbx/engine/port';
import type { Charge } from '../spending/charge.ts';
import type { Phase } from './lifecycle.ts';
import type { CallDirection, CallId, TraceStep } from './record.ts';
import type { Termination } from './termination.ts';
import type { VoicemailState } from './voicemail.ts';

/** One leg that is being rung. */
export interface RungLeg {
  id: LegId;
  kind: 'device' | 'trunk';
  /** Username, or number for trunks. */
  to: string;
  /** The bridge it rings in. Null in a call that rang already when this version came: it may ring outside any. */
  bridge: BridgeId | null;
  /** Null while it may still answer. */
  failed: Termination | null;
}

/** One place that is being rung: all devices of an extension, or one number by a trunk. */
export interface Attempt {
  legs: RungLeg[];
  /** Something rings, and the one who waits was told. */
  hasRung: boolean;
  /** Extension number or E.164 number, for the trace and the CDR. */
  label: string;
  /** Where the call goes on when this place is busy or does not answer; as pinned when it began to ring. */
  onBusy: string | null;
  onNoAnswer: string | null;
  /** On whose behalf a forward from here is made: its outbound number is shown. */
  extensionId: string | null;
}

/** Who is at the end of a leg. */
export interface Party {
  kind: 'device' | 'trunk';
  extensionId: string | null;
  /** Username. */
  device: string | null;
  /** Extension number or outside number. */
  label: string;
}

export interface CallState {
  id: CallId;
  organizationId: string;
  revision: number;
  direction: CallDirection;
  phase: Phase;
  /** The leg that began the call, whoever talks now. */
  callerLeg: LegId;
  callerId: CallerId;
  /** Extension that placed it. */
  fromExtension: { id: string; number: string } | null;
  /** Username of the device that placed it; calling one's own extension rings the others. */
  fromDevice: string | null;
  dialled: string;
  did: string | null;
  trunkId: string | null;
  /** The one who waits or talks; the caller until a transfer. */
  anchor: LegId;
  /** Whether the anchor has been answered, so that no cause can be told it by SIP status any more. */
  isAnchorAnswered: boolean;
  /** The other one, once somebody answered. */
  far: LegId | null;
  bridge: BridgeId | null;
  attempt: Attempt | null;
  /** By leg; of the anchor, the far one and a transferor. */
  parties: Record<string, Party>;
  recording: RecordId | null;
  /** A phone that handed its far end on and is let go when the new place rings. */
  transferor: LegId | null;
  /** Places already tried, so that forwards cannot go round. */
  visited: string[];
  isEmergency: boolean;
  /** Set while a machine talks with the anchor alone; missing in what an older brain kept. */
  voicemail?: VoicemailState | null;
  /** Of its legs to the outside, ended ones included. */
  charges: Charge[];
  answeredBy: string | null;
  /** Extensions that answered and handed it on; missing in what an older brain kept. */
  handedOnBy?: string[];
  /** Extension or number that was tried last, whether it rang or not; missing in what an older brain kept. */
  lastTried?: string | null;
  startedAt: number;
  answeredAt: number | null;
  trace: TraceStep[];
  /** How it will end, while the refused caller still hears why. */
  refusal: Termination | null;
  isAdopted: boolean;
  /** Somebody put the other on hold. */
  isHeld: boolean;
}

/** The machine's clock was set: what was noted by the old time is told in the new, so that durations stay what they are. */
export function tellInNewTime(state: CallState, by: number): void {
  state.startedAt += by;
  if (state.answeredAt !== null) state.answeredAt += by;
  for (const charge of state.charges) {
    charge.startedAt += by;
    if (charge.answeredAt !== null) charge.answeredAt += by;
    if (charge.endedAt !== null) charge.endedAt += by;
  }
  for (const step of state.trace) step.at += by;
}

/** Longest way through forwards; a real one is 2 or 3. */
export const MAX_HOPS = 8;
/** A call nobody ends is ended. */
export const MAX_DURATION = 4 * 3600 * 1000;
/** Outside numbers ring this long. */
export const OUTSIDE_RING_TIME = 90_000;
