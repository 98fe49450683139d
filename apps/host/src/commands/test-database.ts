import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureFolder, ROOT } from '../files.ts';
import { ensureCluster, superuserUrl, waitForPostgres, writePostgresConf } from '../install/database.ts';
import { pathsOf, withFlags } from '../install/installation.ts';
import { ensureSecrets } from '../install/secrets.ts';
import type { Users } from '../install/users.ts';
import { stopService } from '../processes/keeper.ts';
import { readPidFile, writePidFile } from '../processes/process-id.ts';
import { dbService } from '../processes/services.ts';

/** Runs `work` with the superuser's URL of a Postgres of its own, which is gone afterwards. */
export async function withTestPostgres<T>(root: string, users: Users, work: (url: string) => Promise<T>): Promise<T> {
  const paths = pathsOf(mkdtempSync(join(tmpdir(), 'littlepbx-test-db-')));
  for (const folder of [paths.data, paths.log, paths.run]) ensureFolder(folder, 0o700, ROOT);
  const secrets = ensureSecrets(paths, undefined);
  const installation = withFlags(null, { pgPort: await freePort() });
  const db = dbService({ paths, users, root });
  // The test's own Ctrl-C ends it; we stay to clean up.
  const stay = () => {};
  process.on('SIGINT', stay).on('SIGTERM', stay);
  try {
    await ensureCluster(root, paths, users, secrets);
    // Nothing in it survives the test, so nothing needs to reach the disk.
    const speed = ['fsync = off', 'synchronous_commit = off', 'full_page_writes = off', 'max_connections = 200'];
    writePostgresConf(paths, users, installation, speed);
    writePidFile(db.pidFile, db.start().id);
    await waitForPostgres(installation, secrets, db.logFile, () => readPidFile(db.pidFile) === null);
    return await work(superuserUrl(installation, secrets));
  } finally {
    await stopService(db);
    rmSync(paths.data, { recursive: true, force: true });
    process.off('SIGINT', stay).off('SIGTERM', stay);
  }
}

/** A TCP port that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
