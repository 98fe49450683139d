/** What scenarios do again and again: somebody calls in, somebody is rung, two talk. */
import assert from 'node:assert/strict';
import type { BridgeId, Destination, LegId, OriginateRefusal } from '../src/port.ts';
import { CAUSE } from '../src/port.ts';
import type { FarCall, Person, World } from './world.ts';

export interface Party {
  /** The far end. */
  call: FarCall;
  leg: LegId;
}

export interface Rung extends Party {
  /** In which it rings. */
  bridge: BridgeId;
}

export interface Talk {
  ann: Party;
  bob: Party;
  bridge: BridgeId;
}

/** A person dials and the engine announces the leg. */
export async function callsIn(world: World, who: Person, number: string): Promise<Party> {
  const phone = world.phone(who);
  const isTheirs = (source: { kind: string; username?: string }) => source.username === phone.username;
  const before = world.brain.newLegs(isTheirs).length;
  const call = phone.dial(number);
  await world.until(`${who}'s call to be announced`, () => world.brain.newLegs(isTheirs).length > before);
  return { call, leg: world.brain.newLegs(isTheirs).at(-1)!.leg };
}

export const deviceOf = (world: World, who: Person): Destination => ({
  kind: 'device',
  username: world.phone(who).username,
});

export interface RingOptions {
  /** Without it, one of its own that the world removes in the end. */
  bridge?: BridgeId;
  together?: LegId[];
  onBehalfOf?: LegId;
  ringTime?: number;
}

/** Asks for a leg; resolves with the engine's word. */
export async function asks(
  world: World,
  to: Destination,
  options: RingOptions = {},
): Promise<{ leg: LegId; bridge: BridgeId; result: 'ok' | OriginateRefusal }> {
  const leg = world.newLeg();
  const { bridge = await ownBridge(world), ...rest } = options;
  const result = await world.brain.engine.originate({
    legId: leg,
    to,
    callerId: { name: 'Ann Able', number: '101' },
    ringTime: 30_000,
    bridge,
    ...rest,
  });
  if (result === 'ok') world.brain.asked.add(leg);
  return { leg, bridge, result };
}

async function ownBridge(world: World): Promise<BridgeId> {
  const bridge = world.newBridge();
  world.ownBridges.push(bridge);
  await world.brain.engine.bridge(bridge, 'talk');
  return bridge;
}

/** Rings a person's phone and waits until it rings, and the engine knows. */
export async function rings(world: World, who: Person, options: RingOptions = {}): Promise<Rung> {
  const phone = world.phone(who);
  const before = phone.calls.length;
  const { leg, bridge, result } = await asks(world, deviceOf(world, who), options);
  assert.equal(result, 'ok');
  await world.until(`${who}'s phone to ring`, () => phone.calls.length > before && world.brain.hasBeen(leg, 'ringing'));
  return { call: phone.calls[before]!, leg, bridge };
}

/** Ann calls, Bob answers, and they hear each other. */
export async function talk(world: World, kind: 'talk' | 'talk-dtmf' = 'talk'): Promise<Talk> {
  const ann = await callsIn(world, 'ann', '102');
  const bridge = world.newBridge();
  await world.brain.engine.bridge(bridge, kind);
  const bob = await rings(world, 'bob', { bridge, together: [ann.leg] });
  bob.call.answer();
  await hearEachOther(world, ann.call, bob.call);
  return { ann, bob, bridge };
}

export function hearEachOther(world: World, a: FarCall, b: FarCall): Promise<void> {
  return world.until('both to hear each other', () => a.hears(b) && b.hears(a));
}

/** Hangs everybody up, removes the bridge, and waits until it is so. */
export async function clears(world: World, legs: LegId[], bridges: BridgeId[] = []): Promise<void> {
  const { engine } = world.brain;
  await Promise.all(legs.map((leg) => engine.hangup(leg, CAUSE.normal)));
  await Promise.all(bridges.map((bridge) => engine.unbridge(bridge)));
}

/** Ends whatever a scenario left, so that the next one begins with nothing, and names it. */
export async function sweep(world: World): Promise<string[]> {
  const { engine } = world.brain;
  const { legs, bridges } = await engine.snapshot();
  await Promise.all(legs.filter(({ isOurs }) => isOurs).map(({ id }) => engine.hangup(id, CAUSE.normal)));
  await Promise.all(bridges.map(({ id }) => engine.unbridge(id)));
  return [...legs.map(({ id }) => `leg ${id}`), ...bridges.map(({ id }) => `bridge ${id}`)];
}

/** Nothing is left in the engine, and each leg has ended exactly once. */
export async function assertQuiet(world: World): Promise<void> {
  await Promise.all(world.ownBridges.splice(0).map((bridge) => world.brain.engine.unbridge(bridge)));
  await world.until('every leg and bridge to be gone', async () => {
    const { legs, bridges } = await world.brain.engine.snapshot();
    return legs.length === 0 && bridges.length === 0;
  });
  await world.until('every leg to be reported ended', () => world.brain.unended().length === 0);
  world.brain.assertNoEventTwice();
}
