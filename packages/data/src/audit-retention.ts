import pg from 'pg';

/** How long the audit log is kept. Milliseconds: three years. */
export const AUDIT_KEPT_FOR = 3 * 365 * 86_400_000;

/**
 * Deletes what is older from the audit log.
 * @param ownerUrl connection of the owner of the tables: nobody else may
 * @param olderThan milliseconds
 * @returns how many entries went
 */
export async function pruneAudit(ownerUrl: string, olderThan = AUDIT_KEPT_FOR): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    // A superuser is not the owner.
    await client.query(
      `SELECT set_config('role', tableowner, true), set_config('app.operator', 'on', true),
         set_config('app.audit_retention', 'on', true)
       FROM pg_tables WHERE schemaname = 'public' AND tablename = 'audit'`,
    );
    const { rowCount } = await client.query('DELETE FROM audit WHERE at < $1', [new Date(Date.now() - olderThan)]);
    await client.query('COMMIT');
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
