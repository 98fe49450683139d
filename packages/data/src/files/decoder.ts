/**
 * Runs a program on what a stranger sent, as if it were taken over by it: with limits on processor time, memory, open files
 * and output, after the calls' work (nice), and where the kernel lets us, in namespaces of its own, in which there is no
 * network, the brain's and the engine's folders are empty, no other process can be looked into, and no right is left to
 * undo that.
 */
import { spawn } from 'node:child_process';

/** From start to end. Milliseconds. */
const PATIENCE = 60_000;
const NAMESPACES = ['unshare', '--user', '--map-root-user', '--mount', '--net'];
/** Empties each folder up to `--`, gives up every right and becomes the rest. A script of ours: what it is given are words. */
const EMPTIED = `
while [ "$1" != -- ]; do mount -t tmpfs none "$1" || exit 1; shift; done
shift
exec setpriv --no-new-privs --bounding-set -all --inh-caps -all -- "$@"
`;

export class Decoder {
  readonly #limits: string[];
  #around: string[] = [];

  /** @param limits arguments of prlimit */
  constructor(limits: string[]) {
    this.#limits = limits;
  }

  /**
   * Hides the folders from what is run from now on.
   * @returns false where the kernel does not let us: some containers forbid namespaces
   */
  async hide(folders: string[]): Promise<boolean> {
    const around = [...NAMESPACES, 'sh', '-c', EMPTIED, 'sh', ...folders, '--'];
    const isPossible = folders.length > 0 && (await ended(around.concat('true'))) === 0;
    this.#around = isPossible ? around : [];
    return isPossible;
  }

  /** False when the program could not make sense of it, or ran into a limit. */
  async run(program: string, ...args: string[]): Promise<boolean> {
    const code = await ended(['nice', '-n', '10', 'prlimit', ...this.#limits, ...this.#around, program, ...args]);
    // 127, 126: prlimit or the program is not there. Our fault, not the uploader's.
    if (code === 127 || code === 126) throw new Error(`${program} is not installed: run ./littlepbx up again`);
    return code === 0;
  }
}

function ended([program = '', ...args]: string[]): Promise<number | null> {
  const child = spawn(program, args, {
    stdio: 'ignore',
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}
