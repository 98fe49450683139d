import { type AllowedNetwork, type Ban, type BanStore, Protection } from '@littlepbx/core/protection/protection';
import { systemClock as clock, ids } from '../../clock.ts';

/** The real thing, in memory. */
export function fakeProtection(): Protection {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return new Protection({ store: memoryStore(), enforcer: { enforce() {} }, carriers: () => [], clock, ids, log });
}

function memoryStore(): BanStore {
  const bans = new Map<string, Ban>();
  const allowed = new Map<string, AllowedNetwork>();
  let honeypots: string[] | null = null;
  return {
    bans: () => [...bans.values()],
    putBan: (ban) => void bans.set(ban.id, ban),
    removeBans(gone) {
      for (const id of gone) bans.delete(id);
    },
    allowed: () => [...allowed.values()],
    putAllowed: (entry) => void allowed.set(entry.network, entry),
    removeAllowed: (network) => void allowed.delete(network),
    honeypots: () => honeypots,
    setHoneypots(usernames) {
      honeypots = usernames;
    },
  };
}
