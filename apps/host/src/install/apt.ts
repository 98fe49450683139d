import { Failure } from '../failure.ts';
import type { Progress } from '../progress.ts';
import { run, which } from '../run.ts';

/** Installs the Debian packages of programs that are not on PATH. `programs`: program to package. */
export async function ensurePrograms(programs: Record<string, string>, progress: Progress): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(programs)) if (!(await which(program))) missing.push(name);
  await installPackages(missing, progress);
}

/** What decodes uploads. A machine may have sox without its MP3 part. */
export async function ensureSoundTools(progress: Progress): Promise<void> {
  const hasSox = (await which('sox')) !== null && / mp3 /.test((await run('sox', ['--help'])).output);
  const missing = hasSox ? [] : ['sox', 'libsox-fmt-mp3'];
  if (!(await which('opusdec'))) missing.push('opus-tools');
  await installPackages(missing, progress);
}

async function installPackages(missing: string[], progress: Progress): Promise<void> {
  if (missing.length === 0) return;
  if (!(await which('apt-get'))) {
    throw new Failure(
      `${missing.join(', ')} is needed, and this machine has no apt-get. Install it and run this again.`,
    );
  }
  progress.note(`installing ${missing.join(' ')} (apt-get)`);
  if ((await aptInstall(missing)).code === 0) return;
  await apt(['update']);
  let result = await aptInstall(missing);
  if (result.code !== 0) {
    // As with the root: a frozen mirror's Release file is past its date.
    await apt(['-o', 'Acquire::Check-Valid-Until=false', 'update']);
    result = await aptInstall(missing);
  }
  if (result.code !== 0) {
    const tail = result.output.trim().split('\n').slice(-4).join('\n  ');
    throw new Failure(`apt-get install ${missing.join(' ')} failed:\n  ${tail}\nPut that right and run this again.`);
  }
}

const aptInstall = (packages: string[]) => apt(['install', '-y', '--no-install-recommends', ...packages]);

function apt(args: string[]) {
  return run('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' } });
}
