import type { Log } from '@littlepbx/core/ports';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type Job, type JobKind, type JobOutcome, type JobWorker, startJobWorker } from './job-worker.ts';
import { jobStore } from './stores/jobs.ts';
import { createTestInstallation, type TestInstallation } from './testing/installation.ts';

/** Milliseconds. */
const PATIENCE = 30_000;
/** A worker that the machine keeps from running for two thirds of this loses its job. */
const LEASE = 2_000;
let t: TestInstallation;
const workers: JobWorker[] = [];
const clock = {
  now: Date.now,
  after(delay: number, fn: () => void) {
    const timer = setTimeout(fn, delay);
    return () => clearTimeout(timer);
  },
};
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  t = await createTestInstallation();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await t.db.asOperator((trx) => trx.deleteFrom('job').execute());
});
afterAll(() => t.close());

function worker(
  run: (job: Job) => Promise<JobOutcome>,
  o: Partial<JobKind> & { lease?: number; pollEvery?: number } = {},
): JobWorker {
  const { lease = 60_000, pollEvery = 10, ...rest } = o;
  const kind: JobKind = { concurrency: 2, retries: [10, 10], ...rest, run };
  const started = startJobWorker({ db: t.db, clock, log, kinds: { test: kind }, pollEvery, lease });
  workers.push(started);
  return started;
}

const queue = (n: number, organizationId: string | null = null): Promise<string> =>
  t.db.asOperator((trx) => jobStore(trx).add({ kind: 'test', organizationId, payload: { n } }));
const left = () => t.db.asOperator((trx) => jobStore(trx).list('test', { after: null, limit: 100 }));
const numberOf = ({ payload }: Pick<Job, 'payload'>): number => (payload as { n: number }).n;

it('does each job once, however many workers there are', async () => {
  const done: number[] = [];
  const run = async (job: Job): Promise<JobOutcome> => {
    done.push(numberOf(job));
    return { kind: 'done' };
  };
  for (let n = 0; n < 40; n += 1) await queue(n);
  for (let n = 0; n < 3; n += 1) worker(run);
  await vi.waitFor(async () => expect(await left()).toEqual([]), PATIENCE);
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

it('goes on as soon as one is done, however seldom it looks by itself', async () => {
  const { id } = await t.organization('eager');
  for (let n = 0; n < 12; n += 1) await queue(n, id);
  worker(async () => ({ kind: 'done' }), { perOrganization: 2, pollEvery: 10 * PATIENCE });
  await vi.waitFor(async () => expect(await left()).toEqual([]), PATIENCE);
});

it('tries again what did not work, and in the end gives up and keeps it', async () => {
  const tried: number[] = [];
  worker(async (job) => {
    tried.push(numberOf(job));
    if (numberOf(job) === 1) return { kind: 'never', reason: 'no such mailbox' };
    throw new Error('away');
  });
  await queue(1);
  const away = await queue(2);
  await vi.waitFor(async () => expect((await left()).every((job) => job.failedAt !== null)).toBe(true), PATIENCE);
  expect(tried.filter((n) => n === 1)).toHaveLength(1);
  expect(tried.filter((n) => n === 2)).toHaveLength(3);
  expect((await left()).map((job) => job.lastError)).toEqual(['no such mailbox', 'away']);
  expect(await t.db.asOperator((trx) => jobStore(trx).count('test'))).toEqual({ waiting: 0, failed: 2 });
  await t.db.asOperator((trx) => jobStore(trx).retry('test', away));
  await vi.waitFor(() => expect(tried.filter((n) => n === 2)).toHaveLength(6), PATIENCE);
});

it('what a dead worker had taken is done by the next one; one that is slow keeps its own', async () => {
  const tried: string[] = [];
  let release = (): void => {};
  // Dead as far as anybody can tell: it neither ends nor holds on.
  worker(
    (job) =>
      new Promise((resolve) => {
        tried.push(`first ${numberOf(job)}`);
        release = () => resolve({ kind: 'done' });
      }),
    { lease: LEASE },
  );
  await queue(7);
  await vi.waitFor(() => expect(tried).toEqual(['first 7']), PATIENCE);
  const second = worker(
    async (job) => {
      tried.push(`second ${numberOf(job)}`);
      return { kind: 'done' };
    },
    { lease: LEASE },
  );
  // It renews its lease: after more than one the job is still its own.
  await new Promise((resolve) => setTimeout(resolve, 1.5 * LEASE));
  expect(tried).toEqual(['first 7']);
  await second.stop();
  workers.length = 1;
  const stopped = workers[0]!.stop(0);
  await stopped;
  worker(async (job) => {
    tried.push(`third ${numberOf(job)}`);
    return { kind: 'later', reason: 'still to do' };
  });
  await vi.waitFor(() => expect(tried).toContain('third 7'), PATIENCE);
  // The first one comes back to life, and ends nothing that another has taken since.
  release();
  await vi.waitFor(() => expect(tried.filter((text) => text === 'third 7')).toHaveLength(2), PATIENCE);
  await vi.waitFor(async () => expect((await left()).map((job) => job.lastError)).toEqual(['still to do']), PATIENCE);
});

it('an organization with a thousand jobs does not keep another waiting', async () => {
  const [loud, quiet] = [await t.organization('loud'), await t.organization('quiet')];
  await t.db.asOperator(async (trx) => {
    for (let n = 0; n < 300; n += 1) {
      await jobStore(trx).add({ kind: 'test', organizationId: loud.id, payload: { n } });
    }
  });
  await queue(1, quiet.id);
  const order: (string | null)[] = [];
  worker(
    async (job) => {
      order.push(job.organizationId);
      return { kind: 'done' };
    },
    { concurrency: 2 },
  );
  await vi.waitFor(() => expect(order).toContain(quiet.id), PATIENCE);
  expect(order.indexOf(quiet.id)).toBeLessThan(2);
});

it('an organization whose jobs never end takes no more than its places, and the others go on', async () => {
  const [stuck, brisk] = [await t.organization('stuck'), await t.organization('brisk')];
  for (let n = 0; n < 5; n += 1) await queue(n, stuck.id);
  const begun: (string | null)[] = [];
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  worker(
    async (job) => {
      begun.push(job.organizationId);
      if (job.organizationId === stuck.id) await released;
      return { kind: 'done' };
    },
    { concurrency: 4, perOrganization: 2 },
  );
  await vi.waitFor(() => expect(begun).toEqual([stuck.id, stuck.id]), PATIENCE);
  for (let n = 0; n < 5; n += 1) await queue(n, brisk.id);
  await vi.waitFor(() => expect(begun.filter((id) => id === brisk.id)).toHaveLength(5), PATIENCE);
  expect(begun.filter((id) => id === stuck.id)).toHaveLength(2);
  release();
  await vi.waitFor(async () => expect(await left()).toEqual([]), PATIENCE);
});

it('a transaction that fails leaves no job behind', async () => {
  const failing = t.db.asOperator(async (trx) => {
    await jobStore(trx).add({ kind: 'test', organizationId: null, payload: {} });
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await left()).toEqual([]);
});
