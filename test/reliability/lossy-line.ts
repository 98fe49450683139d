/**
 * Phones in a network of their own, whose line to this machine loses packets: a network namespace in which the kernel drops
 * a share of what arrives and of what leaves.
 *
 *     phones 10.66.N.2 ── 10.66.N.1 this machine
 */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

const run = (program: string, args: readonly string[], input?: string): string =>
  execFileSync(program, args, { input, stdio: ['pipe', 'pipe', 'pipe'], encoding: 'utf8' });

export interface Place {
  /** Command that runs another one there. */
  enter: readonly string[];
  /** Address of the phones, and that of this machine as they see it. */
  host: string;
  server: string;
}

export class LossyLine {
  readonly place: Place;
  readonly #namespace: string;

  private constructor(namespace: string, network: string) {
    this.#namespace = namespace;
    this.place = { enter: ['ip', 'netns', 'exec', namespace], host: `${network}.2`, server: `${network}.1` };
  }

  /** Needs root. */
  static open(): LossyLine {
    const n = randomInt(1, 255);
    const [namespace, network] = [`lpbx-loss-${n}`, `10.66.${n}`];
    run('ip', ['netns', 'add', namespace]);
    const line = new LossyLine(namespace, network);
    try {
      run('ip', ['link', 'add', `lpbx-l${n}`, 'type', 'veth', 'peer', 'name', 'line', 'netns', namespace]);
      run('ip', ['address', 'add', `${network}.1/24`, 'dev', `lpbx-l${n}`]);
      run('ip', ['link', 'set', `lpbx-l${n}`, 'up']);
      run('ip', ['-n', namespace, 'address', 'add', `${network}.2/24`, 'dev', 'line']);
      for (const device of ['lo', 'line']) run('ip', ['-n', namespace, 'link', 'set', device, 'up']);
    } catch (error) {
      line[Symbol.dispose]();
      throw error;
    }
    return line;
  }

  /** Loses so many percent of the packets, each way. */
  lose(percent: number): void {
    const drop = (device: string) =>
      `${device} "line" meta l4proto udp counter numgen random mod 1000 < ${10 * percent} counter drop`;
    this.#nft(`
      add table ip loss
      delete table ip loss
      table ip loss {
        chain arriving {
          type filter hook input priority filter
          ${drop('iifname')}
        }
        chain leaving {
          type filter hook output priority filter
          ${drop('oifname')}
        }
      }`);
  }

  /** Packets since `lose`: all, and those that were lost. */
  get counted(): { all: number; lost: number } {
    const counts = [...this.#nft('list table ip loss').matchAll(/packets (\d+)/g)].map(([, count]) => Number(count));
    const [arriving = 0, lostArriving = 0, leaving = 0, lostLeaving = 0] = counts;
    return { all: arriving + leaving, lost: lostArriving + lostLeaving };
  }

  [Symbol.dispose](): void {
    // Its links go with it.
    run('ip', ['netns', 'delete', this.#namespace]);
  }

  #nft(script: string): string {
    return run('ip', ['netns', 'exec', this.#namespace, 'nft', '-f', '-'], script);
  }
}
