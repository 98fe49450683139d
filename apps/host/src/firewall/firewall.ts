/**
 * Keeps the kernel's table equal to what the brain decided. Part of the supervisor, since only root may: the brain writes
 * a file in its own folder, this side reads it when it changes. Without a supervisor the table stays as it is, with its
 * time-outs.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, type FSWatcher, openSync, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Installation, Paths } from '../install/installation.ts';
import { which } from '../run.ts';
import { NO_BANS, parseBans, setsScript, tableName, tableScript } from './table.ts';

type Say = (text: string) => void;

/** Where the brain says who is banned, as the host sees it. */
export function bansFile(paths: Paths): string {
  return join(paths.brain, 'firewall', 'bans.json');
}

/** Looked at again, should a change not have been told. Milliseconds. */
const LOOK_EVERY = 5000;

export class Firewall {
  readonly #paths: Paths;
  readonly #installation: Installation;
  readonly #say: Say;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #applied = '';
  #isWorking = false;
  #isDue = false;

  constructor(paths: Paths, installation: Installation, say: Say) {
    this.#paths = paths;
    this.#installation = installation;
    this.#say = say;
  }

  /** Makes the table, with the bans as they are, and follows them. */
  async start(): Promise<void> {
    const text = this.#read();
    await nft(tableScript(tableName(this.#paths), this.#installation.sip, parseBans(text) ?? NO_BANS, Date.now()));
    this.#applied = text;
    this.#watcher = watch(dirname(bansFile(this.#paths)), () => void this.#follow());
    this.#watcher.on('error', (error) => this.#say(`firewall: bans are looked at every 5 s only: ${error.message}`));
    this.#timer = setInterval(() => void this.#follow(), LOOK_EVERY);
    this.#timer.unref();
  }

  /** Leaves the table as it is to whoever supervises next. */
  leave(): void {
    this.#watcher?.close();
    if (this.#timer) clearInterval(this.#timer);
  }

  /** Takes the table away. */
  async stop(): Promise<void> {
    this.leave();
    await removeTable(this.#paths);
  }

  async #follow(): Promise<void> {
    this.#isDue = true;
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#isDue) {
      this.#isDue = false;
      await this.#bring().catch((error: Error) => this.#say(`firewall: ${error.message}`));
    }
    this.#isWorking = false;
  }

  async #bring(): Promise<void> {
    const text = this.#read();
    if (text === this.#applied) return;
    const state = parseBans(text);
    if (!state) return;
    await nft(setsScript(tableName(this.#paths), state, Date.now()));
    this.#applied = text;
  }

  /** Never through a link: the folder is the brain's, and we are root. */
  #read(): string {
    try {
      const file = openSync(bansFile(this.#paths), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        return readFileSync(file, 'utf8');
      } finally {
        closeSync(file);
      }
    } catch {
      return '';
    }
  }
}

/** Why nftables cannot be used here; null when they can. Tried with a table of the real form, gone again at once. */
export async function firewallFault(): Promise<string | null> {
  if (!(await which('nft'))) return 'the program nft is missing (apt-get install nftables)';
  const name = `littlepbx_probe_${process.pid}`;
  try {
    const sip = { bind: '0.0.0.0', port: 5060, tlsPort: 5061, carrierTlsPort: 5062, publicAddress: null };
    // The hook is left out: nobody's packets pass through it.
    await nft(tableScript(name, sip, NO_BANS, 0).replace(/^type filter hook .*$/m, ''));
    await nft(`delete table inet ${name}\n`);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether the table is in the kernel. */
export async function hasTable(paths: Paths): Promise<boolean> {
  return nft(`list table inet ${tableName(paths)}\n`).then(
    () => true,
    () => false,
  );
}

/** Takes the table out of the kernel; no fault when there is none. */
export async function removeTable(paths: Paths): Promise<void> {
  const name = tableName(paths);
  await nft(`table inet ${name}\ndelete table inet ${name}\n`).catch(() => {});
}

/** Runs a script in one transaction. */
function nft(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let output = '';
    child.stderr.on('data', (data: Buffer) => {
      output += data;
    });
    child.once('error', (error) => reject(new Error(`nft could not be run: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`nft refused: ${output.split('\n')[0] ?? `exit ${code}`}`));
    });
    // A program that ends early closes its end; what it says of it counts.
    child.stdin.on('error', () => {});
    child.stdin.end(script);
  });
}
