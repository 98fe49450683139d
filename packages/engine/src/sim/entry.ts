/**
 * What the static dialplan does with a new call before any brain hears of it: the shed gate, the hand-over to the
 * brain, and the engine's own fallback while no brain is there.
 *
 *      arrives ──shed──> 503
 *         └──> waits for a brain ──brain──> announced
 *                   └── after `patience` ──> fallback rings the extension's devices, or 503
 */
import { CAUSE } from '../port.ts';
import type { VirtualClock } from './clock.ts';
import type { Line } from './line.ts';
import type { Channel } from './state.ts';
import type { Arrival, Switch } from './switch.ts';

export interface EntrySetup {
  clock: VirtualClock;
  switchboard: Switch;
  isBrainThere: () => boolean;
  /** How long a call waits for a brain that is away. Milliseconds. */
  patience: number;
  /** Lines to the devices that ring by themselves for a dialled number. */
  fallback: (dialled: string, arrival: Arrival) => Line[];
  isEmergency: (dialled: string) => boolean;
}

export interface Entry {
  arrive(arrival: Arrival, org: string | null): void;
  /** Refuses new calls until this time (ms epoch). */
  shed(org: string | null, until: number): void;
}

const RETRY_EVERY = 300;
const FALLBACK_RING_TIME = 30_000;

export function createEntry(setup: EntrySetup): Entry {
  const { clock, switchboard, isBrainThere, patience } = setup;
  const gates = new Map<string | null, number>();
  /** Rung by the fallback: each leg with the caller it is for. */
  const groups = new Map<Channel, { caller: Channel; rung: Set<Channel>; talking: Channel | null }>();

  switchboard.onUnowned = {
    answered(channel) {
      const group = groups.get(channel);
      if (group === undefined || group.caller === channel) return;
      group.talking = channel;
      group.caller.state = 'answered';
      group.caller.line?.far.answered();
      for (const other of group.rung) {
        if (other !== channel) switchboard.end(other, CAUSE.answeredElsewhere);
      }
    },
    ended(channel, cause) {
      const group = groups.get(channel);
      if (group === undefined) return;
      groups.delete(channel);
      group.rung.delete(channel);
      if (channel === group.caller) {
        for (const other of [...group.rung]) switchboard.end(other, CAUSE.normal);
      } else if (group.talking === channel || (group.talking === null && group.rung.size === 0)) {
        switchboard.end(group.caller, cause);
      }
    },
  };

  function isShed(org: string | null): boolean {
    const until = Math.max(gates.get(null) ?? 0, org === null ? 0 : (gates.get(org) ?? 0));
    return clock.now() < until;
  }

  function fallBack(channel: Channel, arrival: Arrival): void {
    const lines = setup.fallback(arrival.dialled, arrival);
    if (lines.length === 0) {
      switchboard.end(channel, CAUSE.congestion);
      return;
    }
    const rung = lines.map((line) => switchboard.dial(line, arrival.callerId, FALLBACK_RING_TIME, false));
    const group = { caller: channel, rung: new Set(rung), talking: null };
    for (const leg of [channel, ...rung]) groups.set(leg, group);
    channel.line?.far.ringing();
  }

  return {
    arrive(arrival, org) {
      const channel = switchboard.arrive(arrival);
      if (isShed(org) && !setup.isEmergency(arrival.dialled)) {
        switchboard.end(channel, CAUSE.overload);
        return;
      }
      const givesUpAt = clock.now() + patience;
      const tryBrain = () => {
        if (arrival.line.state === 'ended') return;
        if (isBrainThere()) switchboard.announce(channel);
        else if (clock.now() >= givesUpAt) fallBack(channel, arrival);
        else clock.inFlight(RETRY_EVERY, tryBrain);
      };
      tryBrain();
    },
    shed(org, until) {
      gates.set(org, until);
    },
  };
}
