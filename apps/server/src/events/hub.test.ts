/** Who hears what: their own organization, what their key may read, and after a gap what they missed. */
import { type Happening, scopeOfEvent } from '@littlepbx/contract';
import { expect, test } from 'vitest';
import { CallEvents } from './call-events.ts';
import { DatabaseEvents } from './database-events.ts';
import { EventHub } from './hub.ts';
import { RegistrationEvents } from './registration-events.ts';

const ACME = '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10';
const DEMO = '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d11';

/** Timers run when the test says so. */
function virtualClock() {
  const timers = new Set<() => void>();
  return {
    now: () => 1_753_142_400_000,
    after(_ms: number, run: () => void) {
      timers.add(run);
      return () => timers.delete(run);
    },
    run() {
      for (const run of [...timers]) {
        timers.delete(run);
        run();
      }
    },
  };
}

function listener(scopes?: string[]) {
  const heard: Record<string, unknown>[] = [];
  return {
    heard,
    types: () => heard.map((event) => event.type),
    authorId: 'k1',
    isDismissed: false,
    hears: (happening: Happening) => (scopes?.includes(scopeOfEvent(happening)) === false ? null : happening),
    send: (text: string) => void heard.push(JSON.parse(text)),
    dismiss() {
      this.isDismissed = true;
    },
    check() {},
  };
}

const changed = (id: string, resource = 'extension', action = 'changed'): Happening => ({
  ...{ type: 'changed', resource, action, id, label: id, fields: ['name'] },
  by: { kind: 'key', id: 'k1', name: 'Admin' },
});
const announced = (org: string, id: string, resource?: string, action?: string) => {
  const { type: _, ...rest } = changed(id, resource, action) as { type: string };
  return org + JSON.stringify({ what: 'changed', ...rest });
};

test('an organization hears its own, and nothing of another', () => {
  const hub = new EventHub(virtualClock());
  const [ann, dan] = [listener(), listener()];
  hub.listen(ACME, null, ann);
  hub.listen(DEMO, null, dan);
  hub.publish(ACME, changed('101'));
  expect(ann.types()).toEqual(['hello', 'changed']);
  expect(dan.types()).toEqual(['hello']);
});

test('a key hears what its scopes let it read', () => {
  const hub = new EventHub(virtualClock());
  const devicesOnly = listener(['devices:read']);
  hub.listen(ACME, null, devicesOnly);
  hub.publish(ACME, changed('101'));
  hub.publish(ACME, changed('a-phone', 'device'));
  hub.publish(ACME, changed('what-came-later', 'something-new'));
  expect(devicesOnly.heard.slice(1)).toMatchObject([{ resource: 'device' }]);
});

test('whoever comes again is told what was missed, in order, and only that', () => {
  const hub = new EventHub(virtualClock());
  const before = listener();
  const hearing = hub.listen(ACME, null, before)!;
  hub.publish(ACME, changed('101'));
  const after = before.heard.at(-1)?.sequence as string;
  hearing.stop();
  for (const id of ['102', '103']) hub.publish(ACME, changed(id));
  const again = listener();
  hub.listen(ACME, after, again);
  expect(again.heard).toMatchObject([
    { type: 'hello', isResumed: true, sequence: after },
    { id: '102' },
    { id: '103' },
  ]);
  const upToDate = listener();
  hub.listen(ACME, again.heard.at(-1)?.sequence as string, upToDate);
  expect(upToDate.types()).toEqual(['hello']);
});

test('after too long, too much, another brain or a made-up place there is a reset instead', () => {
  const clock = virtualClock();
  const hub = new EventHub(clock);
  const first = listener();
  const hearing = hub.listen(ACME, null, first)!;
  const start = hearing.sequence();
  for (let i = 0; i < 2_001; i += 1) hub.publish(ACME, changed(String(i)));
  const comeAgain = (after: string, to = hub) => {
    const who = listener();
    to.listen(ACME, after, who);
    return who.heard[0];
  };
  expect(comeAgain(start)).toMatchObject({ type: 'reset', reason: 'too-long-ago' });
  const end = hearing.sequence();
  expect(comeAgain(end)).toMatchObject({ type: 'hello', isResumed: true });
  expect(comeAgain(end, new EventHub(clock))).toMatchObject({ type: 'reset' });
  expect(comeAgain(end.replace(/\d+$/, '999999'))).toMatchObject({ type: 'reset' });
  // Nobody listened for long.
  const other = new EventHub(clock);
  const alone = other.listen(ACME, null, listener())!;
  const left = alone.sequence();
  alone.stop();
  expect(other.isHeard(ACME)).toBe(true);
  clock.run();
  expect(other.isHeard(ACME)).toBe(false);
  expect(comeAgain(left, other)).toMatchObject({ type: 'reset' });
});

test('while nobody listens nothing is parsed or looked at', () => {
  const clock = virtualClock();
  const hub = new EventHub(clock);
  new DatabaseEvents(hub, clock).heard(`${ACME}no JSON at all`);
  const calls = new CallEvents({
    hub,
    clock,
    liveCall: () => {
      throw new Error('looked at a call');
    },
  });
  calls.observer.changed({ id: 'c', organizationId: ACME } as never);
  calls.recorded([{ cdr: { id: 'c', organizationId: ACME } }] as never);
  clock.run();
});

test('an import of many is one event that names none; a few are told one by one', () => {
  const clock = virtualClock();
  const hub = new EventHub(clock);
  const events = new DatabaseEvents(hub, clock);
  const ann = listener();
  hub.listen(ACME, null, ann);
  for (let i = 0; i < 500; i += 1) events.heard(announced(ACME, `e${i}`, 'extension', 'created'));
  for (let i = 0; i < 3; i += 1) events.heard(announced(ACME, `d${i}`, 'device', 'created'));
  clock.run();
  expect(ann.heard.slice(1)).toMatchObject([
    { resource: 'extension', id: null, label: null },
    ...[0, 1, 2].map((i) => ({ resource: 'device', id: `d${i}` })),
  ]);
});

test('an applied revision has an event of its own, and a deleted key hears no more', () => {
  const clock = virtualClock();
  const hub = new EventHub(clock);
  const events = new DatabaseEvents(hub, clock);
  const ann = listener();
  hub.listen(ACME, null, ann);
  events.heard(announced(ACME, '7', 'revision', 'created'));
  events.heard(announced(ACME, 'k1', 'key', 'deleted'));
  clock.run();
  expect(ann.heard[1]).toMatchObject({ type: 'revision-applied', revision: 7, by: { name: 'Admin' } });
  expect(ann.isDismissed).toBe(true);
});

test('of a call that changes several times at once the last state is told, and nothing twice', () => {
  const clock = virtualClock();
  const hub = new EventHub(clock);
  const state = { id: 'c', organizationId: ACME };
  let shown = { ...state, state: 'ringing' };
  const calls = new CallEvents({ hub, clock, liveCall: () => shown as never });
  const ann = listener();
  hub.listen(ACME, null, ann);
  calls.observer.began(state as never);
  calls.observer.changed(state as never);
  clock.run();
  calls.observer.changed(state as never);
  clock.run();
  shown = { ...state, state: 'talking' };
  calls.observer.changed(state as never);
  clock.run();
  calls.observer.ended({ cdr: { ...state, result: 'answered' } } as never);
  expect(ann.heard.slice(1)).toMatchObject([
    { type: 'call-began', call: { state: 'ringing' } },
    { type: 'call-changed', call: { state: 'talking' } },
    { type: 'call-ended', id: 'c', result: 'answered' },
  ]);
});

test('registrations that come, move and go are told, and how phones answer that somebody looks at; a renewal is no news', async () => {
  const clock = virtualClock();
  const hub = new EventHub(clock);
  const registered = new Map<string, object>();
  const looked: string[] = [];
  const trunks = new Map<string, object>([['t', { trunkId: 't', state: 'trying' }]]);
  new RegistrationEvents({
    hub,
    clock,
    live: {
      registrations: async () => registered,
      trunkStates: async () => trunks,
      look: (id: string, [device]: { username: string }[]) => looked.push(id, device?.username ?? 'none'),
    } as never,
    organization: (id) => (id === ACME ? ({ devices: [{ username: 'p' }], trunks: [{ id: 't' }] } as never) : null),
  });
  const ann = { ...listener(), looksAtPhones: () => isLooking };
  let isLooking = false;
  hub.listen(ACME, null, ann);
  const look = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    clock.run();
    await new Promise((resolve) => setImmediate(resolve));
  };
  await look();
  const phone = { username: 'p', address: '192.0.2.1:5060', transport: 'udp', userAgent: 'A', expiresAt: 1 };
  const unknown = { roundTrip: null, isSilent: false };
  registered.set('p', { ...phone, ...unknown });
  registered.set('of-demo', { address: '192.0.2.2:5060', transport: 'udp', userAgent: 'A', expiresAt: 1 });
  trunks.set('t', { trunkId: 't', state: 'registered' });
  await look();
  registered.set('p', { ...phone, ...unknown, expiresAt: 2 });
  await look();
  expect(looked).toEqual([]);
  isLooking = true;
  await look();
  expect(looked).toEqual([ACME, 'p']);
  registered.set('p', { ...phone, roundTrip: 24, isSilent: false });
  await look();
  await look();
  registered.delete('p');
  await look();
  expect(ann.heard.slice(1)).toMatchObject([
    { type: 'device-registered', username: 'p', registration: { address: '192.0.2.1:5060' } },
    { type: 'trunk-registration', trunkId: 't', state: 'registered' },
    { type: 'device-round-trip', username: 'p', roundTrip: 24, isSilent: false },
    { type: 'device-unregistered', username: 'p' },
  ]);
});
