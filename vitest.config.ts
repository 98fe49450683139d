import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that need something real carry the tier in their name: `ring.conformance.test.ts`. All others are unit tests. */
const TIERS = ['db', 'conformance', 'e2e', 'chaos', 'torture', 'soak', 'reliability', 'screens'] as const;

/** Vitest leaves one to itself, which on two is half. */
const ALL_CORES = '100%';
const ignored = ['**/node_modules/**', 'bench/results/**'];

/** Tests wait for phones, timers and processes more than they compute. With an installation that runs already there is one. */
const AT_ONCE = process.env.LITTLEPBX_E2E_DATA || process.env.LITTLEPBX_CHAOS_DATA ? 1 : 2;

/** A short file that takes a minute: were it the last, the other worker would have nothing to do. */
const LONG = /\/sip\.torture\.test\.ts$/;

/** Larger files first, as Vitest has it, and before them those that take long. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** A tier of tests that need engines. Files that run at once have an installation each. */
const tier = (
  name: (typeof TIERS)[number],
  testTimeout: number,
  hookTimeout: number,
  groupOrder: number,
  more: { globalSetup?: string[]; maxConcurrency?: number; maxWorkers?: number } = {},
) => ({
  test: {
    maxWorkers: 1,
    ...more,
    name,
    include: [`**/*.${name}.test.ts`],
    exclude: ignored,
    testTimeout,
    hookTimeout,
    // A page on a loaded machine; as long as `PATIENCE` of the phones.
    expect: { poll: { timeout: 15_000 } },
    sequence: { groupOrder },
  },
});
const installations = { globalSetup: ['test/kit/global-setup.ts'] };

export default defineConfig({
  test: {
    // Every tier exists from the start, its first test may come later.
    passWithNoTests: true,
    teardownTimeout: 30_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, ...TIERS.map((tier) => `**/*.${tier}.test.ts`)],
          testTimeout: 30_000,
          maxWorkers: ALL_CORES,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude: ignored,
          testTimeout: 90_000,
          // A file's first hook makes its database from the template.
          hookTimeout: 60_000,
          maxWorkers: ALL_CORES,
          sequence: { groupOrder: 2 },
        },
      },
      tier('conformance', 90_000, 120_000, 3, { maxConcurrency: 3 }),
      // Each test brings its own organizations, so tests of a file may run side by side.
      tier('e2e', 180_000, 600_000, 4, { ...installations, maxWorkers: AT_ONCE, maxConcurrency: 12 }),
      tier('chaos', 240_000, 600_000, 5, { maxWorkers: AT_ONCE }),
      // As long as was asked for: the number of messages or calls is the bound.
      tier('torture', 7_200_000, 600_000, 6, { ...installations, maxWorkers: AT_ONCE }),
      tier('soak', 7_200_000, 600_000, 7, installations),
      tier('reliability', 600_000, 600_000, 8),
      tier('screens', 600_000, 600_000, 9, installations),
    ],
  },
});
