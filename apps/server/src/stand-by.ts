/**
 * A new brain beside the old one, before an upgrade hands over: all code is loaded, the settings are right, and the
 * database as it is now was read once. It touches neither the engine nor the journal until SIGUSR2 says that the old one
 * is gone; so taking over costs a connection instead of a start.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Log } from '@littlepbx/core/ports';
import { Cipher, OrganizationLoader, TenantDb } from '@littlepbx/data';

/** Resolves when it is our turn. `file` is written once we could take over; the host waits for it. */
export async function standBy(file: string, databaseUrl: string, masterKey: Buffer, log: Log): Promise<void> {
  // Before the file: the host may answer at once.
  const ourTurn = once(process, 'SIGUSR2');
  // A process that only waits for a signal has nothing to do, says Node, and ends.
  const stay = setInterval(() => {}, 60_000);
  const db = new TenantDb({ url: databaseUrl, onIdleError: () => {} });
  const organizations = await new OrganizationLoader(db, new Cipher(masterKey)).loadOrganizations();
  await db.close();
  writeFileSync(file, `${process.pid}\n`, { mode: 0o600 });
  log.info('brain-stands-by', { organizations: organizations.length });
  await ourTurn;
  clearInterval(stay);
  log.info('brain-takes-over');
}
