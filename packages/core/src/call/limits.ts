/**
 * Live limits per organization: calls in progress and new calls per second (token bucket that holds one second's
 * worth). Counted here and nowhere else.
 */
import type { Clock } from '../ports.ts';
import type { Organization, OrganizationId } from '../tenancy/organization.ts';

interface Usage {
  calls: number;
  tokens: number;
  refilledAt: number;
}

export type LimitRefusal = 'too-many-calls' | 'too-many-calls-per-second';

export class Limits {
  readonly #clock: Clock;
  readonly #usage = new Map<OrganizationId, Usage>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a place for one more call, or says which limit it would break. Give it back by `release`. */
  admit(organization: Organization): 'ok' | LimitRefusal {
    const { concurrentCalls, callsPerSecond } = organization.limits;
    const usage = this.#of(organization.id, callsPerSecond);
    if (usage.calls >= concurrentCalls) return 'too-many-calls';
    if (!this.takeRate(organization)) return 'too-many-calls-per-second';
    usage.calls += 1;
    return 'ok';
  }

  /** Takes one of this second's calls; false when there is none left. */
  takeRate(organization: Organization): boolean {
    const { callsPerSecond } = organization.limits;
    const usage = this.#of(organization.id, callsPerSecond);
    const now = this.#clock.now();
    const refill = ((now - usage.refilledAt) / 1000) * callsPerSecond;
    usage.tokens = Math.min(Math.max(1, callsPerSecond), usage.tokens + refill);
    usage.refilledAt = now;
    if (callsPerSecond <= 0 || usage.tokens < 1) return false;
    usage.tokens -= 1;
    return true;
  }

  /** Counts a call that no limit may stop: emergency, or adopted after a restart. */
  count(id: OrganizationId): void {
    this.#of(id, 0).calls += 1;
  }

  release(id: OrganizationId): void {
    const usage = this.#usage.get(id);
    if (usage && usage.calls > 0) usage.calls -= 1;
  }

  inProgress(id: OrganizationId): number {
    return this.#usage.get(id)?.calls ?? 0;
  }

  #of(id: OrganizationId, tokens: number): Usage {
    let usage = this.#usage.get(id);
    if (!usage) {
      usage = { calls: 0, tokens: Math.max(1, tokens), refilledAt: this.#clock.now() };
      this.#usage.set(id, usage);
    }
    return usage;
  }
}
