import { describe, expect, test } from 'vitest';
import {
  ACCOUNT_THRESHOLD,
  type AllowedNetwork,
  type Attempt,
  BANS_AT_MOST,
  type Ban,
  DELAYS,
  type Enforcer,
  GOOD_THRESHOLD,
  Protection,
  THRESHOLD,
} from './protection.ts';

const MINUTE = 60_000;
const ATTACKER = '203.0.113.7';
const OFFICE = '198.51.100.20';

/** An installation's protection on a clock of its own, with all it remembers. */
function guarded({ carriers = [] as string[] } = {}) {
  let now = 1_000_000;
  let id = 0;
  let timers: { at: number; fn: () => void }[] = [];
  const bans = new Map<string, Ban>();
  const allowed = new Map<string, AllowedNetwork>();
  let honeypots: string[] | null = null;
  let enforced: Parameters<Enforcer['enforce']>[0] | null = null;
  const ports: ConstructorParameters<typeof Protection>[0] = {
    store: {
      bans: () => [...bans.values()],
      putBan: (ban) => void bans.set(ban.id, ban),
      removeBans: (ids) => ids.forEach((gone) => void bans.delete(gone)),
      allowed: () => [...allowed.values()],
      putAllowed: (entry) => void allowed.set(entry.network, entry),
      removeAllowed: (network) => void allowed.delete(network),
      honeypots: () => honeypots,
      setHoneypots: (usernames) => {
        honeypots = usernames;
      },
    },
    enforcer: {
      enforce(state) {
        enforced = state;
      },
    },
    carriers: () => carriers,
    clock: {
      now: () => now,
      after(delay, fn) {
        const timer = { at: now + delay, fn };
        timers.push(timer);
        return () => {
          timers = timers.filter((t) => t !== timer);
        };
      },
    },
    ids: { next: () => String(id++).padStart(8, '0') },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  };
  const world = {
    protection: new Protection(ports),
    stored: bans,
    wait(ms: number) {
      now += ms;
      const due = timers.filter((t) => t.at <= now);
      timers = timers.filter((t) => t.at > now);
      for (const { fn } of due) fn();
    },
    /** Another brain on the same files. */
    restart() {
      world.protection.stop();
      timers = [];
      world.protection = new Protection(ports);
      world.protection.start();
    },
    /** Networks kept from SIP. */
    out: () => enforced?.banned.map((b) => b.network) ?? [],
    tries(times: number, attempt: Partial<Attempt> = {}): Ban | null {
      let ban: Ban | null = null;
      for (let i = 0; i < times; i++) {
        ban = world.protection.failed({
          service: 'sip',
          address: ATTACKER,
          account: 'k7p2m9x4c1q8',
          reason: 'wrong-password',
          isProven: true,
          ...attempt,
        });
      }
      return ban;
    },
  };
  world.protection.start();
  return world;
}

describe('an address', () => {
  test('is banned at the fifth bad try, and at once', () => {
    const w = guarded();
    expect(w.tries(THRESHOLD - 1)).toBeNull();
    expect(w.protection.bannedUntil('sip', ATTACKER)).toBeUndefined();
    expect(w.tries(1)).toMatchObject({ subject: '203.0.113.7/32', service: 'sip', reason: 'wrong-password', times: 1 });
    expect(w.protection.bannedUntil('sip', ATTACKER)).toBe(1_000_000 + MINUTE);
    w.wait(100);
    expect(w.out()).toEqual(['203.0.113.7/32']);
    expect(w.protection.bannedUntil('sip', OFFICE)).toBeUndefined();
  });

  test('that tries slowly is not banned', () => {
    const w = guarded();
    for (let i = 0; i < 20; i++) {
      expect(w.tries(1)).toBeNull();
      w.wait(3 * MINUTE);
    }
  });

  test('is banned for longer each time: 1, 5, 30 min, 2 h, 24 h, 24 h', () => {
    const w = guarded();
    for (const delay of [...DELAYS, DELAYS.at(-1)!]) {
      const ban = w.tries(THRESHOLD)!;
      expect(ban.until! - ban.since).toBe(delay);
      w.wait(delay);
      expect(w.protection.bannedUntil('sip', ATTACKER)).toBeUndefined();
      expect(w.out()).toEqual(w.out().filter((n) => n !== '203.0.113.7/32'));
    }
  });

  test('that was quiet for a day begins anew', () => {
    const w = guarded();
    w.tries(THRESHOLD);
    w.wait(DELAYS[0] + 24 * 60 * MINUTE + 5000);
    expect(w.stored.size).toBe(0);
    expect(w.tries(THRESHOLD)).toMatchObject({ times: 1 });
  });

  test('stays banned, and its next ban is the longer one, after a restart of the brain', () => {
    const w = guarded();
    w.tries(THRESHOLD);
    w.restart();
    expect(w.protection.bannedUntil('sip', ATTACKER)).toBe(1_000_000 + MINUTE);
    expect(w.out()).toEqual(['203.0.113.7/32']);
    w.wait(MINUTE + 5000);
    expect(w.out()).toEqual([]);
    expect(w.tries(THRESHOLD)).toMatchObject({ times: 2 });
  });

  test('that offends one service is not kept from the other', () => {
    const w = guarded();
    w.tries(THRESHOLD, { service: 'api', reason: 'wrong-key' });
    expect(w.protection.bannedUntil('api', ATTACKER)).toBeGreaterThan(0);
    expect(w.protection.bannedUntil('sip', ATTACKER)).toBeUndefined();
    w.wait(100);
    expect(w.out()).toEqual([]);
  });

  test('of IPv6 is banned with its /64', () => {
    const w = guarded();
    for (let i = 1; i <= THRESHOLD; i++) w.tries(1, { address: `2001:db8::${i}` });
    expect(w.protection.bannedUntil('sip', '2001:db8::ffff')).toBeGreaterThan(0);
    expect(w.protection.bannedUntil('sip', '2001:db8:0:1::1')).toBeUndefined();
  });

  test('of a scanner, or that touches a honeypot, is banned by the first try', () => {
    const w = guarded();
    expect(w.tries(1, { reason: 'scanner', account: 'scanner', isProven: false })).toMatchObject({ reason: 'scanner' });
    const touch = { reason: 'unknown-account', account: 'Admin', isProven: false } as const;
    expect(w.tries(1, { ...touch, address: '203.0.113.8' })).toMatchObject({ reason: 'honeypot' });
    expect(w.protection.removeHoneypot('ADMIN')).toBe(true);
    w.restart();
    expect(w.tries(1, { ...touch, address: '203.0.113.9' })).toBeNull();
    w.protection.addHoneypot('Reception');
    expect(w.tries(1, { ...touch, account: 'reception', address: '203.0.113.9' })).toMatchObject({
      reason: 'honeypot',
    });
  });

  test('that gets it right in between has only mistyped', () => {
    const w = guarded();
    for (let i = 0; i < 4; i++) {
      w.tries(THRESHOLD - 1);
      w.protection.succeeded('sip', ATTACKER, 'k7p2m9x4c1q8');
    }
    expect(w.protection.bans()).toEqual([]);
  });
});

describe('an office behind one address, where phones are registered', () => {
  test('is not silenced by one phone with an old password', () => {
    const w = guarded();
    w.protection.succeeded('sip', OFFICE, 'phoneofanother');
    expect(w.tries(GOOD_THRESHOLD - 1, { address: OFFICE, account: 'oldpassword1' })).toBeNull();
    expect(w.tries(1, { address: OFFICE, account: 'oldpassword1' })).not.toBeNull();
  });

  test('is not silenced by packets that only claim to come from there', () => {
    const w = guarded();
    w.protection.succeeded('sip', OFFICE, 'phoneofanother');
    for (const reason of ['unknown-account', 'scanner', 'bad-request'] as const) {
      expect(w.tries(500, { address: OFFICE, reason, account: 'admin', isProven: false })).toBeNull();
    }
  });

  test('is judged as all others once its phones are gone', () => {
    const w = guarded();
    w.protection.succeeded('sip', OFFICE, 'phoneofanother');
    w.wait(16 * MINUTE);
    expect(w.tries(THRESHOLD, { address: OFFICE })).not.toBeNull();
  });
});

describe('an account that is guessed at from many addresses', () => {
  const from = (i: number) => `203.0.113.${i}`;
  test('lets nobody try twice, and everybody in who knows its password', () => {
    const w = guarded();
    for (let i = 1; i < ACCOUNT_THRESHOLD; i++) expect(w.tries(1, { address: from(i) })).toBeNull();
    expect(w.tries(1, { address: from(100) })).toMatchObject({ kind: 'address', reason: 'guessed-at' });
    expect(w.protection.bans().map((b) => [b.kind, b.subject])).toContainEqual(['account', 'k7p2m9x4c1q8']);
    expect(w.tries(1, { address: from(101) })).toMatchObject({ subject: '203.0.113.101/32', reason: 'guessed-at' });
    // The owner's phone, from wherever it is.
    expect(w.protection.bannedUntil('sip', OFFICE)).toBeUndefined();
    w.wait(MINUTE);
    expect(w.tries(1, { address: from(102) })).toBeNull();
  });

  test('is no concern of those who try another', () => {
    const w = guarded();
    w.protection.banByHand({ kind: 'account', subject: 'stolen', service: 'all' }, null, null);
    expect(w.tries(1, { account: 'other' })).toBeNull();
    expect(w.tries(1, { account: 'stolen' })).toMatchObject({ reason: 'guessed-at' });
  });
});

describe('never banned', () => {
  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '192.0.2.10', '192.0.2.130'])('%s', (address) => {
    const w = guarded({ carriers: ['192.0.2.10', '192.0.2.128/25', 'sip.carrier.example'] });
    expect(w.tries(1000, { address, reason: 'scanner' })).toBeNull();
    expect(w.protection.banByHand({ kind: 'address', subject: address, service: 'all' }, null, null)).toBe('allowed');
  });

  test('what the operator allowed; allowing lifts what there is, and lasts', () => {
    const w = guarded();
    w.tries(THRESHOLD);
    expect(w.protection.allow('203.0.113.0/24', 'head office')).toMatchObject({ network: '203.0.113.0/24' });
    expect(w.protection.bans()).toEqual([]);
    w.restart();
    expect(w.tries(1000)).toBeNull();
    expect(w.protection.disallow('203.0.113.0/24')).toBe(true);
    expect(w.protection.disallow('203.0.113.0/24')).toBe(false);
    expect(w.tries(THRESHOLD)).not.toBeNull();
    expect(w.protection.allow('not a network', null)).toBeNull();
  });
});

describe('by hand', () => {
  test('a ban holds from everything until it is lifted', () => {
    const w = guarded();
    const ban = w.protection.banByHand({ kind: 'address', subject: ATTACKER, service: 'all' }, null, 'note') as Ban;
    w.wait(400 * 24 * 60 * MINUTE);
    w.restart();
    expect(w.protection.bannedUntil('sip', ATTACKER)).toBeNull();
    expect(w.protection.bannedUntil('api', ATTACKER)).toBeNull();
    expect(w.protection.lift(ban.id)).toBe(true);
    expect(w.protection.lift(ban.id)).toBe(false);
    expect(w.protection.bannedUntil('sip', ATTACKER)).toBeUndefined();
    w.wait(100);
    expect(w.out()).toEqual([]);
    expect(w.tries(THRESHOLD)).toMatchObject({ times: 1 });
  });

  test('nonsense is no address', () => {
    const w = guarded();
    for (const subject of ['', 'example.com', '10.0.0.0/8', '1.2.3.4; drop']) {
      expect(w.protection.banByHand({ kind: 'address', subject, service: 'all' }, 1000, null)).toBe('not-an-address');
    }
  });
});

test('forged addresses by the million fill no memory and push out no ban made by hand', () => {
  const w = guarded();
  w.protection.banByHand({ kind: 'address', subject: ATTACKER, service: 'all' }, null, null);
  for (let i = 0; i < BANS_AT_MOST + 1000; i++) {
    w.tries(1, { address: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`, reason: 'scanner', isProven: false });
  }
  w.wait(100);
  expect(w.protection.bans().length).toBeLessThanOrEqual(BANS_AT_MOST);
  expect(w.protection.bannedUntil('sip', ATTACKER)).toBeNull();
  expect(w.stored.size).toBeLessThanOrEqual(BANS_AT_MOST);
});
