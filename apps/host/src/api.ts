/** What `GET /api/v1/health/ready` answers. */
export interface Health {
  ready: boolean;
  version: string;
  engine: { name: string; version: string | null; connected: boolean };
  db: { connected: boolean; version: string | null };
  orgs: number;
  calls: number;
  registrations: number;
}

/** State of a running brain, null when it does not answer within 2 s. */
export async function readHealth(web: string): Promise<Health | null> {
  try {
    const response = await fetch(`${web}/api/v1/health/ready`, {
      signal: AbortSignal.timeout(2000),
      headers: { connection: 'close' },
    });
    const body = (await response.json()) as Partial<Health>;
    return typeof body.ready === 'boolean' ? (body as Health) : null;
  } catch {
    return null;
  }
}
