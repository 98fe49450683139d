import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.ts';

/**
 * Holds an exclusive lock on a file while `work` runs. The lock belongs to a child (`flock FILE cat`) that ends with its
 * stdin, so it goes away however this process dies. `onWait` is called when somebody else has it.
 */
export async function withLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const holder = spawn('flock', ['--exclusive', path, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const failed = new Promise<never>((_, reject) => {
    holder.once('error', () => reject(new Failure('flock (Debian package util-linux) is needed and is not there.')));
    holder.once('exit', () => reject(new Failure(`The lock ${path} could not be taken.`)));
  });
  failed.catch(() => {});
  const hint = setTimeout(onWait, 300);
  try {
    // `cat` gives the line back once it has been started, that is: once the lock is ours.
    holder.stdin.write('\n');
    await Promise.race([once(holder.stdout, 'data'), failed]);
    clearTimeout(hint);
    return await work();
  } finally {
    clearTimeout(hint);
    holder.stdin.end();
  }
}
