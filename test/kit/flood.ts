/**
 * Somebody with a whole network of his own, who sends as fast as he can. He sits in a network namespace, so that his packets
 * come in as from outside; loopback is on nobody's list of limits.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const NAMESPACE = 'lpbx-flood';
/** Set aside for benchmarks (RFC 2544). */
const HERE = '198.18.7.1';
const FLOODER = '198.18.7.2';

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });

/** Builds his network; what it returns takes it down again. Needs root. */
export function buildFlooder(): () => void {
  remove();
  ip('netns', 'add', NAMESPACE);
  ip('link', 'add', 'lpbx-f0', 'type', 'veth', 'peer', 'name', 'lpbx-f1', 'netns', NAMESPACE);
  ip('address', 'add', `${HERE}/30`, 'dev', 'lpbx-f0');
  ip('link', 'set', 'lpbx-f0', 'up');
  ip('-n', NAMESPACE, 'address', 'add', `${FLOODER}/30`, 'dev', 'lpbx-f1');
  ip('-n', NAMESPACE, 'link', 'set', 'lpbx-f1', 'up');
  return remove;
}

export interface Flooded {
  sent: number;
  answered: number;
}

/**
 * @param rate requests a second, OPTIONS
 * @param phone registers from the same address first, as in an office where somebody has gone mad
 */
export async function flood(
  sipPort: number,
  rate: number,
  seconds: number,
  phone: { username: string; password: string },
): Promise<Flooded> {
  const sender = fileURLToPath(new URL('flood-sender.ts', import.meta.url));
  const args = [HERE, String(sipPort), String(rate), String(seconds), FLOODER, phone.username, phone.password];
  const child = spawn('ip', ['netns', 'exec', NAMESPACE, process.execPath, sender, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (data) => {
    said += data;
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`the flood ended with ${code}`);
  return JSON.parse(said) as Flooded;
}

function remove(): void {
  try {
    ip('netns', 'delete', NAMESPACE);
  } catch {
    // It was not there. Its link goes with it.
  }
}
