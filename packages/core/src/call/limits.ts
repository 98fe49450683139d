/**
 * Live limits per organization: calls in progress and new calls per second. Counted here and nowhere else. What calls to
 * the outside may use, and the limits of single extensions, stand in `spending/`.
 */
import type { Clock } from '../ports.ts';
import type { Organization, OrganizationId } from '../tenancy/organization.ts';
import { TokenBucket } from './token-bucket.ts';

interface Usage {
  calls: number;
  rate: TokenBucket;
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
    const usage = this.#of(organization.id);
    if (usage.calls >= organization.limits.concurrentCalls) return 'too-many-calls';
    if (!this.takeRate(organization)) return 'too-many-calls-per-second';
    usage.calls += 1;
    return 'ok';
  }

  /** Takes one of this second's calls; false when there is none left. */
  takeRate(organization: Organization): boolean {
    return this.#of(organization.id).rate.take(organization.limits.callsPerSecond, this.#clock.now());
  }

  /** Counts a call that no limit may stop: emergency, or adopted after a restart. */
  count(id: OrganizationId): void {
    this.#of(id).calls += 1;
  }

  release(id: OrganizationId): void {
    const usage = this.#usage.get(id);
    if (usage && usage.calls > 0) usage.calls -= 1;
  }

  inProgress(id: OrganizationId): number {
    return this.#usage.get(id)?.calls ?? 0;
  }

  #of(id: OrganizationId): Usage {
    let usage = this.#usage.get(id);
    if (!usage) {
      usage = { calls: 0, rate: new TokenBucket() };
      this.#usage.set(id, usage);
    }
    return usage;
  }
}
