import type { Log } from '@littlepbx/core/ports';

/** What the engine knows of each, by name; read one by one, for there may be thousands. */
export type Known<V> = Pick<ReadonlyMap<string, V>, 'get' | 'has'>;

/** What the engine knows, or nothing: a list is worth showing while the engine is away. */
export async function known<V>(ask: () => Promise<Known<V>>, log: Log, event: string): Promise<Known<V>> {
  try {
    return await ask();
  } catch (error) {
    log.warn(event, { error: error instanceof Error ? error.message : String(error) });
    return new Map();
  }
}
