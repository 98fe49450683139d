import { rotateLogs } from './logs.ts';
import { isAlive, type ProcessId, readPidFile, signal, workedFor, writePidFile } from './process-id.ts';
import { Pulse } from './pulse.ts';
import type { Service } from './services.ts';

/** One line about what happened, with a time in front, for `supervisor.log` or the terminal. */
export type Say = (text: string) => void;

/** Milliseconds. */
const TICK = 100;
/** After so many early ends in a row. The first two cost nothing: a brain killed twice is back twice within 2 s. */
const BACK_OFF = [0, 0, 0, 250, 500, 1000, 2000, 5000];
/** A process that lived this long did not end early. */
const HEALTHY_LIFE = 2000;
/** Longest wait for one that had answered: callers wait for it, and its start takes long enough by itself. */
const ANSWERED_BACK_OFF = 250;
const LOG_CHECK = 10_000;

/** Keeps one process running: adopts it when it runs already, starts it again when it has ended or hangs. */
export class Keeper {
  readonly service: Service;
  readonly #say: Say;
  readonly #isWatchOnly: boolean;
  #id: ProcessId | null = null;
  /** Whether the pid file names it: a full disk takes none. Null: no, and that was said. */
  #isWrittenDown: boolean | null = true;
  /** Times are of the clock that nobody sets: a silent brain is told from one whose machine's clock was set back. */
  #startedAt = 0;
  #failures = 0;
  #startAgainAt = 0;
  #pulse = new Pulse(0);
  #asking = false;
  #askedAt = 0;
  #isReleased = false;

  /** @param isWatchOnly somebody else starts the process and writes its pid file */
  constructor(service: Service, say: Say, isWatchOnly = false) {
    this.service = service;
    this.#say = say;
    this.#isWatchOnly = isWatchOnly;
  }

  get isRunning(): boolean {
    return this.#id !== null && isAlive(this.#id);
  }

  /** Adopts what the pid file names, or starts anew. */
  begin(): void {
    this.#find();
    if (!this.#id && !this.#isWatchOnly) this.#start();
  }

  #find(): void {
    this.#id = readPidFile(this.service.pidFile);
    if (!this.#id) return;
    this.#say(`${this.service.name}: found running (pid ${this.#id.pid})`);
    this.#startedAt = performance.now();
    this.#pulse = new Pulse(this.#startedAt);
  }

  #start(): void {
    const { id, exited } = this.service.start();
    this.#id = id;
    this.#isWrittenDown = false;
    this.#startedAt = performance.now();
    this.#pulse = new Pulse(this.#startedAt);
    this.#say(`${this.service.name}: started (pid ${id.pid})`);
    this.#writeDown();
    // Sooner than the next tick; and it takes the zombie away.
    exited.then(() => this.#id === id && this.tick()).catch(() => {});
  }

  #writeDown(): void {
    try {
      writePidFile(this.service.pidFile, this.#id!);
      this.#isWrittenDown = true;
    } catch (error) {
      // Tried again with the next tick. It must not count as not started, or another one would be started beside it.
      if (this.#isWrittenDown !== null) this.#say(`${this.service.name}: its pid file was not written: ${error}`);
      this.#isWrittenDown = null;
    }
  }

  /** From now on the process may end. */
  release(): void {
    this.#isReleased = true;
  }

  /** Looks after the process; called every 100 ms. */
  tick(): void {
    if (this.#isReleased) return;
    const now = performance.now();
    if (this.#id && !this.#isWrittenDown) this.#writeDown();
    if (this.#id && !isAlive(this.#id)) {
      const life = now - this.#startedAt;
      this.#failures = life >= HEALTHY_LIFE ? 0 : this.#failures + 1;
      const backOff = BACK_OFF[Math.min(this.#failures, BACK_OFF.length - 1)] ?? 0;
      const delay = this.#pulse.hasAnswered ? Math.min(backOff, ANSWERED_BACK_OFF) : backOff;
      const next = this.#isWatchOnly ? 'systemd starts it again' : `starting it again in ${delay} ms`;
      this.#say(`${this.service.name}: ended after ${Math.round(life / 1000)} s; ${next}`);
      this.#id = null;
      this.#startAgainAt = now + delay;
    }
    if (!this.#id && this.#isWatchOnly) this.#find();
    else if (!this.#id && now >= this.#startAgainAt) {
      try {
        this.#start();
      } catch (error) {
        this.#failures += 1;
        this.#startAgainAt = now + 5000;
        this.#say(`${this.service.name}: could not be started: ${error}`);
      }
    }
    this.#checkLiveness(now);
  }

  /** The keeper itself did not run for a while (machine asleep or overloaded): silence meanwhile proves nothing. */
  forgiveSilence(): void {
    this.#pulse.forgive(performance.now());
  }

  #checkLiveness(now: number): void {
    const { livenessUrl } = this.service;
    if (!livenessUrl || !this.#id) return;
    const id = this.#id;
    const silence = this.#pulse.hungFor(now, () => workedFor(id));
    if (silence !== null) {
      this.#say(`${this.service.name}: silent for ${Math.floor(silence / 1000)} s; killing it (pid ${id.pid})`);
      signal(id, 'SIGKILL');
      this.#pulse = new Pulse(now);
      return;
    }
    if (this.#asking || now - this.#askedAt < this.#pulse.askEvery(now)) return;
    this.#asking = true;
    this.#askedAt = now;
    fetch(livenessUrl, { signal: AbortSignal.timeout(1000), headers: { connection: 'close' } })
      .then(async (response) => {
        await response.body?.cancel();
        if (this.#id === id) this.#pulse.answered(performance.now());
      })
      .catch(() => {})
      .finally(() => {
        this.#asking = false;
      });
  }
}

/**
 * Ends a process by the service's signals, each with its patience. Resolves when it is gone. Its pid file stays, and names
 * nobody any more: a supervisor may write the next one's into it at any moment, which nobody else may remove.
 */
export async function stopService(service: Service): Promise<boolean> {
  const id = readPidFile(service.pidFile);
  if (!id) return false;
  for (const step of service.stopSignals) {
    signal(id, step.signal);
    // A stopped process (SIGSTOP) gets a polite signal only when it goes on.
    if (step.signal !== 'SIGKILL') signal(id, 'SIGCONT');
    const deadline = performance.now() + step.patience;
    while (isAlive(id) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    if (!isAlive(id)) break;
  }
  return true;
}

/** Looks after all keepers until aborted. `daily` runs once a day. */
export async function keepAll(
  keepers: Keeper[],
  logFolders: string[],
  daily: () => Promise<void>,
  stop: AbortSignal,
  say: Say,
): Promise<void> {
  let last = performance.now();
  let logsChecked = 0;
  let dayOf = last;
  while (!stop.aborted) {
    const now = performance.now();
    if (now - last > 1000) for (const keeper of keepers) keeper.forgiveSilence();
    last = now;
    for (const keeper of keepers) keeper.tick();
    if (now - logsChecked > LOG_CHECK) {
      logsChecked = now;
      try {
        rotateLogs(logFolders);
      } catch (error) {
        say(`logs could not be rotated: ${error}`);
      }
    }
    if (now - dayOf > 86_400_000) {
      dayOf = now;
      await daily().catch((error: unknown) => say(`daily work failed: ${error}`));
    }
    await new Promise((resolve) => setTimeout(resolve, TICK));
  }
}
