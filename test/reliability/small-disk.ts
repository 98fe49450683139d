/**
 * An installation on a disk of its own that can be filled: a file system in memory, seen by nobody but the processes of
 * a mount namespace. It goes with the last of them, so a test that is killed leaves no mount behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Installation, littlepbx, newPorts } from '../kit/installation.ts';

const SCRIPT = 'mount -t tmpfs -o mode=755,size="$2" littlepbx-small-disk "$1" && echo ready && exec sleep infinity';

export class SmallDisk {
  readonly installation: Installation;
  /** As its own processes know it. */
  readonly #folder: string;
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess, folder: string, installation: Installation) {
    this.#holder = holder;
    this.#folder = folder;
    this.installation = installation;
  }

  /** Starts an installation on a disk of so many megabytes. */
  static async start(megabytes: number): Promise<SmallDisk> {
    const folder = mkdtempSync(join(tmpdir(), 'h-small-disk-'));
    const holder = spawn('unshare', ['-m', 'sh', '-c', SCRIPT, 'sh', folder, `${megabytes}m`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', () => holder.kill('SIGKILL'));
    await Promise.race([
      once(holder.stdout!, 'data'),
      once(holder, 'exit').then(() => Promise.reject(new Error('no disk could be mounted: is this root?'))),
    ]);
    const { flags, ...where } = await newPorts();
    const installation = { ...where, data: join(`/proc/${holder.pid}/root`, folder), rtpTimeoutInS: 120 };
    const disk = new SmallDisk(holder, folder, installation);
    await disk.#command('up', '--detach', '--rtp-timeout-in-s', '120', ...flags);
    return disk;
  }

  /** Until not a byte fits any more. */
  fill(): void {
    const file = openSync(this.#ballast, 'w');
    const block = Buffer.alloc(1024 ** 2, 1);
    let size = block.length;
    try {
      while (size > 0) {
        try {
          if (writeSync(file, block, 0, size) < size) size = Math.floor(size / 2);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size = Math.floor(size / 2);
        }
      }
    } finally {
      closeSync(file);
    }
  }

  makeRoom(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** Bytes. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.installation.data);
    return bavail * bsize;
  }

  async stop(): Promise<void> {
    this.makeRoom();
    try {
      await this.#command('uninstall', '--yes', '--keep-data');
    } finally {
      this.#holder.kill('SIGKILL');
      rmdirSync(this.#folder);
    }
  }

  get #ballast(): string {
    return join(this.installation.data, 'ballast');
  }

  async #command(...words: string[]): Promise<void> {
    const enter = ['nsenter', '-t', String(this.#holder.pid), '-m', '--'];
    const { code, out, err } = await littlepbx([...words, '--data', this.#folder], { enter });
    if (code !== 0) throw new Error(`./littlepbx ${words.join(' ')} ended with ${code}:\n${out}\n${err}`);
  }
}
