/**
 * Does the jobs of `stores/jobs.ts`, each at least once:
 *
 *     waiting ── taken, SKIP LOCKED ──> running ── done ──> (deleted)
 *        ^                                 ├── not now, or its worker died ──> waiting, later
 *        └──── by the operator ── failed <─┴── never, or tried too often
 *
 * Fair: of the jobs that are due, an organization's second one comes after everybody's first. Asked for once a second
 * (one indexed query) and not announced by NOTIFY: nothing here is worth more than a second. Whose end makes room has it asked
 * for at once: else an organization with two places would have no more than two jobs a second done.
 */
import type { Clock, Log } from '@littlepbx/core/ports';
import { type JobRow, StoreUnavailable } from '@littlepbx/core/tenancy/stores';
import { sql } from 'kysely';
import type { TenantDb } from './tenant-db.ts';

/** What became of an attempt. A fault that was thrown counts as `later`. */
export type JobOutcome = { kind: 'done' } | { kind: 'later'; reason: string } | { kind: 'never'; reason: string };

export type Job = Pick<JobRow, 'id' | 'organizationId' | 'payload' | 'attempts' | 'createdAt'>;

export interface JobKind {
  /** How many at a time. */
  concurrency: number;
  /** And how many of them of one organization; left out: as many as there are. */
  perOrganization?: number;
  /** Milliseconds before the second, third … attempt; after the last of them it is given up. */
  retries: readonly number[];
  run(job: Job): Promise<JobOutcome>;
}

export interface JobWorkerOptions {
  db: TenantDb;
  clock: Clock;
  log: Log;
  kinds: Record<string, JobKind>;
  /** Milliseconds, each. */
  pollEvery?: number;
  lease?: number;
}

export interface JobWorker {
  /** Takes no more; resolves when those at work have ended, or after `patience` ms. */
  stop(patience?: number): Promise<void>;
}

const POLL_EVERY = 1_000;
/** Jobs that end together make room together. */
const ROOM_AFTER = 10;
const LEASE = 60_000;
/** Failed jobs are kept this long. */
const KEPT_FOR_IN_DAYS = 30;
const CLEAN_EVERY = 3_600_000;
const MAX_ERROR = 500;

export function startJobWorker(o: JobWorkerOptions): JobWorker {
  const { db, clock, log, kinds, pollEvery = POLL_EVERY, lease = LEASE } = o;
  /** By kind: attempts under way, by job. */
  const running = new Map<string, Map<string, Job>>(Object.keys(kinds).map((kind) => [kind, new Map()]));
  const work = new Set<Promise<void>>();
  /** Of the next look, when none is under way. */
  let cancel: (() => void) | null = null;
  let hasRoom = false;
  let isStopped = false;
  let isAway = false;
  let renewedAt = clock.now();
  let cleanedAt = 0;

  async function take(kind: string, count: number): Promise<Job[]> {
    // Who is slow takes no place from the others.
    const { perOrganization = Number.MAX_SAFE_INTEGER } = kinds[kind]!;
    const busy: Record<string, number> = {};
    for (const { organizationId } of running.get(kind)!.values()) {
      busy[organizationId ?? ''] = (busy[organizationId ?? ''] ?? 0) + 1;
    }
    const { rows } = await db.asOperator((trx) =>
      sql<{ id: string; organization_id: string | null; payload: unknown; attempts: number; created_at: Date }>`
        UPDATE job SET attempts = attempts + 1, taken_until = now() + ${lease} * interval '1 millisecond'
        WHERE id IN (
          SELECT job.id FROM job JOIN (
            SELECT id, row_number() OVER (PARTITION BY organization_id ORDER BY run_at, id) AS turn FROM job
            WHERE kind = ${kind} AND failed_at IS NULL AND run_at <= now() AND (taken_until IS NULL OR taken_until < now())
          ) due USING (id)
          WHERE failed_at IS NULL AND (taken_until IS NULL OR taken_until < now())
            AND due.turn + coalesce((${JSON.stringify(busy)}::jsonb ->> coalesce(organization_id::text, ''))::integer, 0)
              <= ${perOrganization}
          ORDER BY due.turn, job.run_at LIMIT ${count} FOR UPDATE OF job SKIP LOCKED
        ) RETURNING id, organization_id, payload, attempts, created_at`.execute(trx),
    );
    return rows.map((row) => ({
      id: row.id,
      organizationId: row.organization_id,
      payload: row.payload,
      attempts: row.attempts,
      createdAt: row.created_at.getTime(),
    }));
  }

  /** Ends the attempt, unless the job was taken by somebody else since, or deleted. */
  function settle(kind: string, job: Job, outcome: JobOutcome): Promise<unknown> {
    return db.asOperator(async (trx) => {
      const mine = sql`id = ${job.id} AND attempts = ${job.attempts}`;
      if (outcome.kind === 'done') return sql`DELETE FROM job WHERE ${mine}`.execute(trx);
      const reason = outcome.reason.slice(0, MAX_ERROR);
      const delay = outcome.kind === 'later' ? kinds[kind]!.retries[job.attempts - 1] : undefined;
      if (delay === undefined) {
        log.error('job-failed', {
          kind,
          job: job.id,
          organization: job.organizationId,
          attempts: job.attempts,
          personal: { reason },
        });
        return sql`UPDATE job SET failed_at = now(), taken_until = NULL, last_error = ${reason} WHERE ${mine}`.execute(
          trx,
        );
      }
      log.warn('job-delayed', {
        kind,
        job: job.id,
        organization: job.organizationId,
        retryIn: delay,
        personal: { reason },
      });
      return sql`UPDATE job SET run_at = now() + ${delay} * interval '1 millisecond', taken_until = NULL,
        last_error = ${reason} WHERE ${mine}`.execute(trx);
    });
  }

  async function attempt(kind: string, job: Job): Promise<void> {
    const outcome = await kinds[kind]!.run(job).catch((error: unknown): JobOutcome => {
      if (!(error instanceof StoreUnavailable)) log.error('job-fault', { kind, job: job.id, error: String(error) });
      return { kind: 'later', reason: error instanceof Error ? error.message : String(error) };
    });
    // A mail that was sent must not be sent again because Postgres was away for a moment: the lease is renewed meanwhile.
    while (!isStopped) {
      try {
        await settle(kind, job, outcome);
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await new Promise<void>((resolve) => clock.after(pollEvery, resolve));
      }
    }
    await settle(kind, job, outcome);
  }

  function begin(kind: string, job: Job): void {
    const mine = running.get(kind)!;
    mine.set(job.id, job);
    const done = attempt(kind, job)
      .catch((error: unknown) => log.error('job-not-settled', { kind, job: job.id, error: String(error) }))
      .finally(() => {
        mine.delete(job.id);
        work.delete(done);
        hasRoom = true;
        if (cancel) lookIn(ROOM_AFTER);
      });
    work.add(done);
  }

  async function renew(): Promise<void> {
    const jobs = [...running.values()].flatMap((mine) => [...mine.values()]);
    if (jobs.length === 0 || clock.now() - renewedAt < lease / 3) return;
    const [ids, attempts] = [jobs.map((job) => job.id), jobs.map((job) => job.attempts)];
    // Not those that have just been put off: they would wait for a whole lease.
    await db.asOperator((trx) =>
      sql`UPDATE job SET taken_until = now() + ${lease} * interval '1 millisecond' WHERE taken_until IS NOT NULL
        AND (id, attempts) IN (SELECT * FROM unnest(${ids}::uuid[], ${attempts}::integer[]))`.execute(trx),
    );
    renewedAt = clock.now();
  }

  async function clean(): Promise<void> {
    if (clock.now() - cleanedAt < CLEAN_EVERY) return;
    await db.asOperator((trx) =>
      sql`DELETE FROM job WHERE failed_at < now() - ${KEPT_FOR_IN_DAYS} * interval '1 day'`.execute(trx),
    );
    cleanedAt = clock.now();
  }

  function lookIn(delay: number): void {
    cancel?.();
    cancel = null;
    if (isStopped) return;
    cancel = clock.after(delay, () => {
      cancel = null;
      polling = poll();
    });
  }

  async function poll(): Promise<void> {
    hasRoom = false;
    try {
      await renew();
      for (const [kind, { concurrency }] of Object.entries(kinds)) {
        const room = concurrency - running.get(kind)!.size;
        if (room > 0 && !isStopped) for (const job of await take(kind, room)) begin(kind, job);
      }
      await clean();
      isAway = false;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) log.error('jobs-not-read', { error: String(error) });
      else if (!isAway) log.info('jobs-wait', { reason: error.message });
      isAway = true;
    }
    lookIn(hasRoom && !isAway ? ROOM_AFTER : pollEvery);
  }
  let polling = poll();

  return {
    async stop(patience = 3_000) {
      isStopped = true;
      cancel?.();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, patience);
      });
      await Promise.race([polling.then(() => Promise.all(work)), late]);
      clearTimeout(timer);
    },
  };
}
