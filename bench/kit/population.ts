import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SIP_REALM } from '@littlepbx/engine/directory';
import type { Installation } from './installation.ts';

export interface Line {
  /** Short name of its organization. */
  org: string;
  extension: string;
  username: string;
  password: string;
}

export interface PopulationOptions {
  organizations: number;
  extensionsEach: number;
  /** Short names begin with it. */
  name?: string;
  callsPerSecond?: number;
  /** How long extensions ring; without it as long as ever. */
  ringTimeInS?: number;
}

const AT_ONCE = 6;

/** Organizations with extensions of one phone each, made through the API, applied. */
export async function populate({ client }: Installation, o: PopulationOptions): Promise<Line[]> {
  const slugs = Array.from({ length: o.organizations }, (_, i) => `${o.name ?? 'bench'}-${i + 1}`);
  const lines = new Map<string, Line[]>();
  const ringTime = o.ringTimeInS === undefined ? {} : { ringTimeInS: o.ringTimeInS };
  await inParallel(AT_ONCE, slugs, async (org) => {
    const limits = { concurrentCalls: 100_000, callsPerSecond: o.callsPerSecond ?? 100_000 };
    await client.createOrganization({ body: { slug: org, name: org, country: 'GB', limits } });
    const params = { org };
    const made: Line[] = [];
    for (let i = 0; i < o.extensionsEach; i++) {
      const extension = String(1001 + i);
      await client.createExtension({ params, body: { number: extension, name: `Person ${i + 1}`, ...ringTime } });
      const { username, password } = await client.createDevice({ params, body: { extension } });
      made.push({ org, extension, username, password });
    }
    await client.applyDraft({ params, body: {} });
    lines.set(org, made);
  });
  return slugs.flatMap((org) => lines.get(org) ?? []);
}

/** Runs `work` over all items, so many at a time. */
export async function inParallel<T>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Dialplan context of the other arm. */
const STATIC_CONTEXT = 'bench-static';

/**
 * The other arm: each line once more, on the same engine, the same in everything but its context, which has a plain
 * `Dial()` instead of our dialplan. The rows are invisible to the brain, which looks at those it wrote itself.
 */
export async function addStaticTwins({ data, console }: Installation, lines: readonly Line[]): Promise<Line[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Asterisk's syntax
  const dial = 'PJSIP/${EXTEN}\\,30';
  const said = await console.run(`dialplan add extension _[a-z0-9]!,1,Dial,${dial} into ${STATIC_CONTEXT}`);
  if (!said.includes('added')) throw new Error(`no static dialplan: ${said}`);
  const db = new DatabaseSync(join(data, 'engine/shared/config.sqlite'), { timeout: 5000 });
  const twins = lines.map((line) => ({ ...line, username: `static${line.username.slice(6)}`, org: STATIC_CONTEXT }));
  db.exec('BEGIN IMMEDIATE');
  twins.forEach((twin, i) => {
    const original = lines[i]!.username;
    const digest = (algorithm: string) =>
      createHash(algorithm).update(`${twin.username}:${SIP_REALM}:${twin.password}`).digest('hex');
    copyRow(db, 'ps_endpoints', original, {
      id: twin.username,
      context: STATIC_CONTEXT,
      aors: twin.username,
      auth: twin.username,
    });
    copyRow(db, 'ps_auths', original, {
      id: twin.username,
      username: twin.username,
      password_digest: `MD5:${digest('md5')},SHA-256:${digest('sha256')}`,
    });
    copyRow(db, 'ps_aors', original, { id: twin.username });
  });
  db.exec('COMMIT');
  db.close();
  return twins;
}

function copyRow(db: DatabaseSync, table: string, id: string, changes: Record<string, string>): void {
  const row = db.prepare(`SELECT * FROM ${table} WHERE id = ?`).get(id);
  if (!row) throw new Error(`${id} is not in ${table}`);
  const columns = { ...row, ...changes } as Record<string, string>;
  const names = Object.keys(columns);
  db.prepare(
    `INSERT OR REPLACE INTO ${table} (${names.map((n) => `"${n}"`).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  ).run(...Object.values(columns));
}

/** What the scenarios want of a caller, besides whom to call. */
export function credentials({ username, password }: Line): [string, string] {
  return [username, `[authentication username=${username} password=${password}]`];
}
