/** Somebody else's PostgreSQL on loopback: the programs are those of the isolated root (`LITTLEPBX_ROOT`), the data is thrown away. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../phones/index.ts';

const PASSWORD = 'of-the-superuser';

/** As `postgres` inside of the root, with the folder at `/mnt`. */
const INSIDE = `
set -e
root=$1 data=$2
shift 2
mount --rbind /dev "$root/dev"
mount --bind "$data" "$root/mnt"
exec chroot --userspec=postgres:postgres "$root" "$@"
`;

export interface Postgres {
  readonly port: number;
  /** Runs SQL as the superuser, in the database of this name; the lines of the answer. */
  sql(text: string, database?: string): string[];
  stop(): Promise<void>;
}

export async function startPostgres(port: number): Promise<Postgres> {
  const root = process.env.LITTLEPBX_ROOT;
  if (!root) throw new Error('LITTLEPBX_ROOT is not set: run this by ./littlepbx test');
  const [, , uid = '', gid = ''] =
    readFileSync(join(root, 'etc/passwd'), 'utf8')
      .split('\n')
      .find((line) => line.startsWith('postgres:'))
      ?.split(':') ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'h-postgres-'));
  chownSync(folder, Number(uid), Number(gid));
  const bin = `/usr/lib/postgresql/${readdirSync(join(root, 'usr/lib/postgresql'))[0]}/bin`;
  const inside = (...command: string[]) => ['-m', 'sh', '-c', INSIDE, 'sh', root, folder, ...command];
  writeFileSync(join(folder, 'password'), PASSWORD);
  const initdb = ['--pgdata=/mnt/data', '--username=postgres', '--pwfile=/mnt/password', '--auth=scram-sha-256'];
  execFileSync('unshare', inside(`${bin}/initdb`, ...initdb), { stdio: 'pipe' });
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off'];
  const server = spawn(
    'unshare',
    inside(`${bin}/postgres`, '-D', '/mnt/data', ...settings.flatMap((setting) => ['-c', setting])),
    { stdio: 'ignore' },
  );
  const isGone = once(server, 'exit');
  const sql = (text: string, database = 'postgres'): string[] => {
    const args = [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'postgres',
      '-d',
      database,
      '-AtqX',
      '-v',
      'ON_ERROR_STOP=1',
    ];
    return execFileSync(
      'unshare',
      inside('/usr/bin/env', `PGPASSWORD=${PASSWORD}`, `${bin}/psql`, ...args, '-c', text),
      {
        encoding: 'utf8',
        stdio: 'pipe',
      },
    )
      .trim()
      .split('\n');
  };
  let reason = '';
  await eventually(
    () => {
      try {
        return sql('select 1')[0] === '1' ? true : undefined;
      } catch (error) {
        reason = String(error);
        return undefined;
      }
    },
    { within: 20_000, reason: () => `PostgreSQL takes no connections: ${reason}` },
  );
  return {
    port,
    sql,
    async stop() {
      server.kill('SIGINT');
      await isGone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
