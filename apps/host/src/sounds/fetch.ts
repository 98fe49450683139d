/**
 * Fetches the sounds of a language: Debian's package, from the isolated root's own sources and checked by its keys, taken
 * apart and not installed. So the root stays as it was made, and engines that run hear the new sounds at once.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../failure.ts';
import { INSIDE, machineHome } from '../install/installation.ts';
import { bringLists, isolatedApt } from '../install/isolated-apt.ts';
import { withLock } from '../lock.ts';
import { ensureSoundsHome, type FetchedLanguage, hasSounds, noteState, soundsHome } from './folder.ts';

/** One that every package has. */
const PROBE = 'vm-intro.wav';

/**
 * Does nothing when they are there. Several at once fetch one after the other.
 * @param root the isolated root; null: the machine's own apt is asked
 * @param stop breaks it off; nothing is noted then
 * @throws Failure, which is noted beside the sounds too
 */
export async function fetchSounds(
  language: FetchedLanguage,
  root: string | null,
  onPercent: (percent: number) => void,
  stop?: AbortSignal,
): Promise<void> {
  ensureSoundsHome();
  await withLock(
    join(machineHome(), 'sounds.lock'),
    () => {},
    async () => {
      if (hasSounds(language)) return;
      const tell = (percent: number): void => {
        noteState(language, { state: 'fetching', percent, at: Date.now() });
        onPercent(percent);
      };
      tell(0);
      try {
        await fetchNow(language, root ?? '/', tell, stop);
        noteState(language, null);
      } catch (error) {
        const reason = essence(messageOf(error));
        if (stop?.aborted) noteState(language, null);
        else noteState(language, { state: 'failed', reason, at: Date.now() });
        throw new Failure(
          `The sounds of '${language}' could not be fetched: ${reason}\nIs the Debian mirror reachable? Then run the same command again.`,
        );
      }
    },
  );
}

/** What apt says of a fault, without all it did before. */
function essence(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const fault = lines.find((line) => line.startsWith('E: '))?.slice(3);
  return fault ?? lines.slice(-3).join('; ');
}

async function fetchNow(
  language: FetchedLanguage,
  root: string,
  tell: (percent: number) => void,
  stop: AbortSignal | undefined,
): Promise<void> {
  for (const name of readdirSync(machineHome())) {
    // Whatever an interrupted one left behind; nobody else has the lock.
    if (name.startsWith('sounds-')) rmSync(join(machineHome(), name), { recursive: true, force: true });
  }
  const work = mkdtempSync(join(machineHome(), 'sounds-'));
  try {
    const { apt, isolated } = isolatedApt(root, work, { stop });
    mkdirSync(join(work, 'out'));
    const name = `asterisk-core-sounds-${language}-wav`;
    await bringLists(apt);
    tell(10);
    const uris = await apt('download', '--print-uris', name);
    const size = Number(/\.deb\S* (\d+) /.exec(uris)?.[1] ?? 0);
    const watch = setInterval(() => tell(10 + Math.floor((80 * Math.min(bytesOf(work), size)) / (size || 1))), 1000);
    try {
      await apt('download', name);
    } finally {
      clearInterval(watch);
    }
    tell(90);
    const deb = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (!deb) throw new Failure(`apt-get brought no file of ${name}`);
    await isolated('dpkg-deb', '-x', `${INSIDE.fetch}/${deb}`, `${INSIDE.fetch}/out`);
    const sounds = join(work, 'out/usr/share/asterisk/sounds');
    const folder = readdirSync(sounds).find((entry) => existsSync(join(sounds, entry, PROBE)));
    if (!folder) throw new Failure(`${name} has other contents than expected: no ${PROBE} in it`);
    chmodSync(join(sounds, folder), 0o755);
    renameSync(join(sounds, folder), join(soundsHome(), language));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What has come of the package. */
function bytesOf(work: string): number {
  let bytes = 0;
  for (const file of readdirSync(work)) {
    if (file.includes('.deb')) bytes += statSync(join(work, file), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
