/**
 * The engine's caches of devices, credentials and contacts' places (`sorceryConf`). A row that changed is expired once its
 * transaction is committed, so the next request reads the new one, and again a moment later: a request that read the old row
 * just before the commit may have put it into the cache just after the first time.
 */
import { type Ami, AmiError } from './ami.ts';
import { CACHED_TABLES } from './conf/pjsip.ts';
import type { CachedObject } from './config-file.ts';

/** Longer than any look-up in the file takes. Milliseconds. */
const AGAIN_AFTER = 500;
const RETRY_INTERVAL = 1000;
/** A change waits no longer for an engine that does not answer. Milliseconds. */
const PATIENCE = 1000;
/** From here on emptying the caches is cheaper than naming the objects. */
const MANY = 300;

export class ObjectCaches {
  readonly #ami: Pick<Ami, 'action'>;
  readonly #onWarning: (message: string, cause: unknown) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isAllStale = false;
  #isClosed = false;

  constructor(ami: Pick<Ami, 'action'>, onWarning: (message: string, cause: unknown) => void) {
    this.#ami = ami;
    this.#onWarning = onWarning;
  }

  /** Resolves when the engine will look these up anew, or after a second at most: it is then told as soon as it listens. */
  async expire(objects: CachedObject[]): Promise<void> {
    if (objects.length === 0) return;
    if (objects.length > MANY) return this.expireAll();
    this.#after(AGAIN_AFTER, () => void this.#try(() => this.#expireEach(objects)));
    await this.#inTime(this.#try(() => this.#expireEach(objects)));
  }

  async expireAll(): Promise<void> {
    this.#after(AGAIN_AFTER, () => void this.#try(() => this.#expireCaches()));
    await this.#inTime(this.#try(() => this.#expireCaches()));
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  async #expireEach(objects: CachedObject[]): Promise<void> {
    // Any answer will do: `Error` is also said of an object that is not in the cache.
    await Promise.all(
      objects.map(({ cache, id }) => this.#ami.action('SorceryMemoryCacheExpireObject', { Cache: cache, Object: id })),
    );
  }

  async #expireCaches(): Promise<void> {
    await Promise.all(
      Object.values(CACHED_TABLES).map((cache) => this.#ami.action('SorceryMemoryCacheExpire', { Cache: cache })),
    );
  }

  /** What could not be expired by name is expired with all others later. */
  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      if (!(cause instanceof AmiError)) throw cause;
      if (this.#isAllStale || this.#isClosed) return;
      this.#isAllStale = true;
      this.#onWarning('engine not told of changed devices, trying again', cause);
      this.#after(RETRY_INTERVAL, () => void this.#retry());
    }
  }

  async #retry(): Promise<void> {
    this.#isAllStale = false;
    await this.#try(() => this.#expireCaches());
  }

  async #inTime(work: Promise<void>): Promise<void> {
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const cancel = this.#after(PATIENCE, resolve);
    await Promise.race([work, isLate]);
    cancel();
  }

  #after(delay: number, fn: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      fn();
    }, delay);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }
}
