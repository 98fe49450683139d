import { defineConfig } from 'vitest/config';

/** Tests that need something real carry the tier in their name: `ring.conformance.test.ts`. All others are unit tests. */
const TIERS = ['db', 'conformance', 'e2e', 'chaos', 'torture', 'soak', 'reliability', 'screens'] as const;

/** Vitest leaves one to itself, which on two is half. */
const ALL_CORES = '100%';
const ignored = ['**/node_modules/**', 'bench/results/**'];

/** Tiers that share one machine's ports, engine or processor run one file after another. */
const oneByOne = (
  name: (typeof TIERS)[number],
  testTimeout: number,
  hookTimeout: number,
  groupOrder: number,
  more: { globalSetup?: string[]; maxConcurrency?: number } = {},
) => ({
  test: {
    ...more,
    name,
    include: [`**/*.${name}.test.ts`],
    exclude: ignored,
    testTimeout,
    hookTimeout,
    maxWorkers: 1,
    sequence: { groupOrder },
  },
});

export default defineConfig({
  test: {
    // Every tier exists from the start, its first test may come later.
    passWithNoTests: true,
    teardownTimeout: 30_000,
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
      oneByOne('conformance', 90_000, 120_000, 3),
      // One installation for all; each test brings its own organizations, so tests of a file may run side by side.
      oneByOne('e2e', 180_000, 600_000, 4, { globalSetup: ['test/kit/global-setup.ts'], maxConcurrency: 12 }),
      oneByOne('chaos', 240_000, 600_000, 5),
      // As long as was asked for: the number of messages or calls is the bound.
      oneByOne('torture', 7_200_000, 600_000, 6, { globalSetup: ['test/kit/global-setup.ts'] }),
      oneByOne('soak', 7_200_000, 600_000, 7, { globalSetup: ['test/kit/global-setup.ts'] }),
      oneByOne('reliability', 600_000, 600_000, 8),
      oneByOne('screens', 600_000, 600_000, 9, { globalSetup: ['test/kit/global-setup.ts'] }),
    ],
  },
});
