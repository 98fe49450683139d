import type { DatabaseSync } from 'node:sqlite';
import type { OrganizationCache } from '@littlepbx/core/ports';
import { DEFAULT_LIMITS, type Organization } from '@littlepbx/core/tenancy/organization';
import type { Cipher } from '../cipher.ts';

/** Organizations as last read from Postgres; trunk passwords are encrypted as they are there. */
export function createOrganizationCache(db: DatabaseSync, cipher: Cipher): OrganizationCache {
  const put = db.prepare(
    'INSERT INTO organization (id, content) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET content = excluded.content',
  );
  const forget = db.prepare('DELETE FROM organization WHERE id = ?');
  const all = db.prepare('SELECT content FROM organization ORDER BY id');

  /** Base64 in place of the password. */
  const sealed = (organization: Organization): string =>
    JSON.stringify({
      ...organization,
      trunks: organization.trunks.map((trunk) => ({
        ...trunk,
        password: trunk.password && cipher.encrypt(trunk.id, trunk.password).toString('base64'),
      })),
    });

  const opened = (content: string): Organization => {
    const organization = JSON.parse(content) as Organization;
    const trunks = organization.trunks.map((trunk) => ({
      ...trunk,
      password: trunk.password && cipher.decrypt(trunk.id, Buffer.from(trunk.password, 'base64')),
    }));
    // An older brain knew less of them; Postgres is asked next.
    const { limits, timeZone = 'UTC', language = 'en', controls = [], rateDecks = [] } = organization;
    return {
      ...organization,
      trunks,
      timeZone,
      language,
      controls,
      rateDecks,
      limits: { ...DEFAULT_LIMITS, ...limits },
    };
  };

  function inTransaction(fn: () => void): void {
    db.exec('BEGIN IMMEDIATE');
    try {
      fn();
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    load: () => (all.all() as { content: string }[]).map((row) => opened(row.content)),
    save: (organizations) =>
      inTransaction(() => {
        for (const organization of organizations) put.run(organization.id, sealed(organization));
      }),
    remove: (ids) =>
      inTransaction(() => {
        for (const id of ids) forget.run(id);
      }),
  };
}
