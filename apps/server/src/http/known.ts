import type { Log } from '@littlepbx/core/ports';

/** What the engine knows, or nothing: a list is worth showing while the engine is away. */
export async function known<V>(
  ask: () => Promise<ReadonlyMap<string, V>>,
  log: Log,
  event: string,
): Promise<ReadonlyMap<string, V>> {
  try {
    return await ask();
  } catch (error) {
    log.warn(event, { error: error instanceof Error ? error.message : String(error) });
    return new Map();
  }
}
