/**
 * Who has tried in vain lately, and who has got in. Counts only, kept for minutes in memory: a brain that starts anew
 * begins to count anew, its bans stay.
 */

/** Milliseconds. */
export const WINDOW = 10 * 60_000;
/** A registration is renewed within 10 minutes (`maximum_expiration`). Milliseconds. */
export const GOOD_FOR = 15 * 60_000;
/** Of each kind; beyond, those that were quiet longest are forgotten. */
const KEPT = 20_000;

interface Try {
  at: number;
  account: string | null;
  points: number;
}

export class Offences {
  /** By key of the ban they lead to; the one touched last is last. */
  readonly #tries = new Map<string, Try[]>();
  /** Last good authentication by key, then account. */
  readonly #good = new Map<string, Map<string, number>>();

  /** @returns points within the window, this one included */
  add(key: string, account: string | null, points: number, now: number): number {
    const tries = (this.#tries.get(key) ?? []).filter((t) => t.at > now - WINDOW);
    tries.push({ at: now, account, points });
    this.#tries.delete(key);
    this.#tries.set(key, tries);
    if (this.#tries.size > KEPT) this.#tries.delete(this.#tries.keys().next().value!);
    return tries.reduce((sum, t) => sum + t.points, 0);
  }

  /** Notes where somebody tried. @returns from how many places within the window, this one included */
  addPlace(key: string, place: string, now: number): number {
    const before = this.#tries.get(key)?.filter((t) => t.account !== place);
    if (before) this.#tries.set(key, before);
    return this.add(key, place, 1, now);
  }

  forget(key: string): void {
    this.#tries.delete(key);
  }

  /** Somebody who mistyped and then got it right has not guessed. */
  succeeded(key: string, account: string, now: number): void {
    const tries = this.#tries.get(key)?.filter((t) => t.account !== account);
    if (tries?.length) this.#tries.set(key, tries);
    else this.#tries.delete(key);
    const accounts = this.#good.get(key) ?? new Map<string, number>();
    accounts.set(account, now);
    this.#good.delete(key);
    this.#good.set(key, accounts);
    if (this.#good.size > KEPT) this.#good.delete(this.#good.keys().next().value!);
  }

  /** Whether anybody has authenticated from there lately. */
  isGood(key: string, now: number): boolean {
    const accounts = this.#good.get(key);
    if (!accounts) return false;
    for (const [account, at] of accounts) if (at <= now - GOOD_FOR) accounts.delete(account);
    if (accounts.size === 0) this.#good.delete(key);
    return accounts.size > 0;
  }
}
