/**
 * Overload: past its ceiling the engine queues instead of refusing, and every caller waits for seconds. So the number of
 * calls in set-up (from their arrival until something rings, or they end) is limited here; the rest get 503.
 *
 *      open ── in set-up reaches the limit ──> shut ── falls to half ──> open
 *
 * While shut, the engine itself refuses new calls before they cost anything: a refusal by the brain costs about a
 * quarter of a whole set-up, so at twice the ceiling refusals alone would eat a third of the machine. An organization
 * that runs into its calls per second is shut out the same way, alone, for `ORG_SHUT`. The gate in the engine opens
 * by itself when the brain dies (`Engine.shed` takes a time, not a state).
 */
import type { Engine } from '@littlepbx/engine/port';
import type { Clock } from '../ports.ts';
import type { OrganizationId } from '../tenancy/organization.ts';

const SHUT_FOR = 3000;
const ORG_SHUT = 250;
/** Refusals of one organization within a second, each of them recorded, before it is shut out unrecorded. */
const ORG_REFUSALS = 20;

export class Admission {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #maxInSetup: number;
  #inSetup = 0;
  #isShut = false;
  #refusals = new Map<OrganizationId, { since: number; count: number; isShut: boolean }>();

  constructor(engine: Engine, clock: Clock, maxInSetup: number) {
    this.#engine = engine;
    this.#clock = clock;
    this.#maxInSetup = maxInSetup;
  }

  get inSetup(): number {
    return this.#inSetup;
  }

  /** False: there is no room, and the call gets 503. */
  begin(): boolean {
    if (this.#inSetup >= this.#maxInSetup) {
      this.#shut();
      return false;
    }
    this.#inSetup += 1;
    if (this.#inSetup >= this.#maxInSetup) this.#shut();
    return true;
  }

  /** An emergency call is always let in, and still counts. */
  beginAlways(): void {
    this.#inSetup += 1;
  }

  end(): void {
    this.#inSetup -= 1;
    if (this.#isShut && this.#inSetup <= this.#maxInSetup / 2) {
      this.#isShut = false;
      this.#shed(null, 0);
    }
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
    this.#shed(null, this.#clock.now() + SHUT_FOR);
    this.#clock.after(SHUT_FOR - 1000, () => {
      // Still full after two seconds: what fills it is stuck, and `SHUT_FOR` must not open the gate under it.
      if (!this.#isShut) return;
      this.#isShut = false;
      if (this.#inSetup >= this.#maxInSetup) this.#shut();
      else this.#shed(null, 0);
    });
  }

  #shed(org: OrganizationId | null, until: number): void {
    // Lost with the connection: then the engine has no gate either, its variables are set anew by the next shut.
    this.#engine.shed(org, until).catch(() => {});
  }
}
