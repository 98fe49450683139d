import type { EngineDirectory, EngineQueue } from '@littlepbx/engine/directory';

/** To read them costs the engine a walk over them all. Milliseconds. */
const AGE = 5_000;

/** The engine's queues, of up to five seconds ago. While it is away there are none. */
export function recentQueues(directory: Pick<EngineDirectory, 'queues'>): () => Promise<EngineQueue[]> {
  let readAt = Number.NEGATIVE_INFINITY;
  let all: Promise<EngineQueue[]> = Promise.resolve([]);
  return () => {
    const now = performance.now();
    if (now - readAt > AGE) {
      readAt = now;
      all = directory.queues().catch(() => []);
    }
    return all;
  };
}
