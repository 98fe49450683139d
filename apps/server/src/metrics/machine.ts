/** What the brain can see of its machine: room on disk, the certificates that phones are shown, the last backup. */
import { readFile, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import type { BrainSettings } from '../settings.ts';

export interface Disk {
  /** What lies there. */
  name: string;
  free: number;
  total: number;
  /** What has the same number is the same file system. */
  device: number;
}

/** Bytes free for us, by folder; folders on the same file system are all named. */
export async function disks(folders: Readonly<Record<string, string>>): Promise<Disk[]> {
  const found = await Promise.all(
    Object.entries(folders).map(async ([name, path]): Promise<Disk[]> => {
      try {
        const [{ bavail, blocks, bsize }, { dev }] = await Promise.all([statfs(path), stat(path)]);
        return [{ name, free: bavail * bsize, total: blocks * bsize, device: dev }];
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}

/** Milliseconds. */
const LOOK_EVERY = 3_600_000;
const LOOK_AGAIN = 60_000;

export interface Machine {
  disks(): Promise<Disk[]>;
  /** Milliseconds since the epoch, as seen last; null: not known yet. */
  certificateExpiry(): number | null;
  /** When it was made, as the host noted. Milliseconds since the epoch; null: never. */
  lastBackup(): Promise<number | null>;
  close(): void;
}

/** Looks at the certificate now and then: what is served tells more than what lies in a file. */
export function watchMachine(settings: Pick<BrainSettings, 'files' | 'sip'>): Machine {
  const { files, sip } = settings;
  let until: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const look = async (): Promise<void> => {
    const seen =
      (await certificateExpiry('127.0.0.1', sip.tlsPort)) ?? (await certificateExpiry(sip.host, sip.tlsPort));
    until = seen ?? until;
    if (!isClosed) timer = setTimeout(look, seen === null ? LOOK_AGAIN : LOOK_EVERY).unref();
  };
  timer = setTimeout(look, TLS_TIMEOUT).unref();
  const folders = { brain: dirname(files.journal), sounds: files.sounds };
  return {
    disks: () => disks(folders),
    certificateExpiry: () => until,
    lastBackup: () => lastBackup(dirname(files.journal)),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** `apps/host/src/backup/last-backup.ts` writes it. */
async function lastBackup(folder: string): Promise<number | null> {
  try {
    const { createdAt } = JSON.parse(await readFile(join(folder, 'backup.json'), 'utf8')) as { createdAt?: unknown };
    const at = Date.parse(String(createdAt));
    return Number.isNaN(at) ? null : at;
  } catch {
    return null;
  }
}

const TLS_TIMEOUT = 3_000;

/** When the certificate that is served there ends, milliseconds since the epoch; null when nobody answers. */
export function certificateExpiry(host: string, port: number): Promise<number | null> {
  return new Promise((resolve) => {
    // Looked at, not trusted: an expired one must be seen too.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: TLS_TIMEOUT }, () => {
      const until = Date.parse(socket.getPeerCertificate().valid_to);
      resolve(Number.isNaN(until) ? null : until);
      socket.destroy();
    });
    socket.once('error', () => resolve(null));
    socket.once('timeout', () => {
      resolve(null);
      socket.destroy();
    });
  });
}
