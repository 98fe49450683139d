/**
 * Overload: past its ceiling the engine queues instead of refusing, and every caller waits for seconds. So the number of
 * calls in set-up (from their arrival until their INVITEs are out, or they end) is limited here; the rest get 503.
 *
 *     normal ── more than `standing` in set-up, without a break, for `STANDING` ──> overloaded
 *     overloaded ── nobody refused for `CALM` ──> normal
 *
 * By Little's law the number in set-up is the rate times the time each takes: at the ceiling of two cores (210 calls/s) twice
 * the unloaded 8 ms are 3 calls, and 100 would be half a second. A burst is no overload: fifty phones that dial at once are
 * all served within half a second, so only a queue that stands is cut down to `target`, and `max` is a safety.
 *
 * While there is no room, the engine itself refuses new calls before they cost anything: a refusal by the brain costs about
 * a quarter of a whole set-up. It lets them in again as soon as there is room: opening at half of it only made them wait
 * for each other. An organization that runs into its calls per second is shut out the same way, alone, for `ORG_SHUT`.
 * The gate in the engine opens by itself when the brain dies (`Engine.shed` takes a time, not a state).
 */
import type { Engine } from '@littlepbx/engine/port';
import type { Clock } from '../ports.ts';
import type { OrganizationId } from '../tenancy/organization.ts';

/** Calls in set-up. */
export interface SetupLimits {
  /** More than these are a queue, which may stand for a moment. At least `target`. */
  standing: number;
  /** What a standing queue is cut down to. */
  target: number;
  /** More are refused even in a burst. */
  max: number;
}

/** Milliseconds, all of them. */
const STANDING = 100;
const CALM = 1000;
const SHUT_FOR = 3000;
const ORG_SHUT = 250;
/** Refusals of one organization within a second, each of them recorded, before it is shut out unrecorded. */
const ORG_REFUSALS = 20;

export class Admission {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #limits: SetupLimits;
  #inSetup = 0;
  /** When no more than `standing` were in set-up last. */
  #roomyAt = 0;
  /** Of an overload: when somebody was refused last; null in normal times. */
  #refusedAt: number | null = null;
  #isShut = false;
  #refusals = new Map<OrganizationId, { since: number; count: number; isShut: boolean }>();

  constructor(engine: Engine, clock: Clock, limits: SetupLimits) {
    this.#engine = engine;
    this.#clock = clock;
    this.#limits = limits;
  }

  get inSetup(): number {
    return this.#inSetup;
  }

  /** False: there is no room, and the call gets 503. */
  begin(): boolean {
    const now = this.#clock.now();
    const limit = this.#limit(now);
    if (this.#inSetup >= limit) {
      this.#refusedAt = now;
      this.#shut();
      return false;
    }
    this.beginAlways();
    if (this.#refusedAt !== null && this.#inSetup >= limit) this.#shut();
    return true;
  }

  /** An emergency call is always let in, and still counts. */
  beginAlways(): void {
    if (this.#inSetup < this.#limits.standing) this.#roomyAt = this.#clock.now();
    this.#inSetup += 1;
  }

  end(): void {
    this.#inSetup -= 1;
    if (this.#inSetup <= this.#limits.standing) this.#roomyAt = this.#clock.now();
    if (this.#isShut && this.#inSetup < this.#limits.target) {
      this.#isShut = false;
      this.#shed(null, 0);
    }
  }

  /** How many there may be now. */
  #limit(now: number): number {
    const { standing, target, max } = this.#limits;
    if (this.#refusedAt !== null && now - this.#refusedAt > CALM) this.#refusedAt = null;
    if (this.#inSetup > standing && now - this.#roomyAt > STANDING) this.#refusedAt ??= now;
    return this.#refusedAt === null ? max : target;
  }

  /** An organization was refused for its calls per second; past a point the engine refuses it by itself. */
  refusedForRate(id: OrganizationId): void {
    const now = this.#clock.now();
    let r = this.#refusals.get(id);
    if (!r || now - r.since >= 1000) {
      r = { since: now, count: 0, isShut: r?.isShut ?? false };
      this.#refusals.set(id, r);
    }
    r.count += 1;
    if (r.count < ORG_REFUSALS || r.isShut) return;
    r.isShut = true;
    this.#shed(id, now + SHUT_FOR);
    this.#clock.after(ORG_SHUT, () => {
      this.#refusals.delete(id);
      this.#shed(id, 0);
    });
  }

  #shut(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    // What the gate refuses is not seen here, and counts as refused all the same.
    this.#refusedAt = this.#clock.now();
    this.#shed(null, this.#clock.now() + SHUT_FOR);
    this.#clock.after(SHUT_FOR - 1000, () => {
      // Still full after two seconds: what fills it is stuck, and `SHUT_FOR` must not open the gate under it.
      if (!this.#isShut) return;
      this.#isShut = false;
      if (this.#inSetup >= this.#limits.target) this.#shut();
      else this.#shed(null, 0);
    });
  }

  #shed(org: OrganizationId | null, until: number): void {
    // Lost with the connection: then the engine has no gate either, its variables are set anew by the next shut.
    this.#engine.shed(org, until).catch(() => {});
  }
}
