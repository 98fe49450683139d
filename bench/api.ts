/**
 * What the API costs above its database: requests per second against the same statements, sent by as many clients straight to
 * Postgres. Which statements those are, Postgres' own log tells of one request of each kind.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import { type Installation, until } from './kit/installation.ts';
import { inParallel, populate } from './kit/population.ts';
import { type Measurement, times } from './kit/report.ts';
import { median, ratioOfPairs } from './kit/statistics.ts';

/** Each asks about an organization of its own: changes of one wait for each other. */
const CLIENTS = 8;
const KINDS = ['read', 'list', 'write'] as const;
type Kind = (typeof KINDS)[number];

const WORDS: Record<Kind, string> = {
  read: 'One extension read',
  list: 'A list of 50 extensions read',
  write: 'One extension changed',
};

const OPERATIONS: Record<Kind, string> = { read: 'getExtension', list: 'listExtensions', write: 'updateExtension' };

interface Statement {
  text: string;
  values: (string | null)[];
}
/** What one client sends again and again, by turns. */
type Turns = Statement[][];

export function api(context: Context): Promise<Measurement> {
  const { isQuick, say } = context;
  const rounds = isQuick ? 2 : 8;
  const span = isQuick ? 500 : 2000;
  return withInstallation(
    context,
    async (installation) => {
      await populate(installation, { organizations: CLIENTS, extensionsEach: 50 });
      const orgs = Array.from({ length: CLIENTS }, (_, i) => `bench-${i + 1}`);
      const { client } = installation;
      /** Two turns of a change, so that each changes something. */
      const requests: Record<Kind, (org: string) => (() => Promise<unknown>)[]> = {
        read: (org) => [() => client.getExtension({ params: { org, extension: '1001' } })],
        list: (org) => [() => client.listExtensions({ params: { org }, query: { limit: 50 } })],
        write: (org) =>
          ['102', '103'].map(
            (name) => () => client.updateExtension({ params: { org, extension: '1001' }, body: { name } }),
          ),
      };
      const straight = await connections(installation);
      const figures: Measurement['figures'] = [];
      const data: Record<string, unknown> = {};
      try {
        for (const kind of KINDS) {
          const asked = orgs.map(requests[kind]);
          // Prepared, cached and warm, as it is after a minute of use.
          await rate(asked, span);
          const turns: Turns[] = [];
          for (const requestsOf of asked)
            turns.push(await recorded(installation, straight.admin, OPERATIONS[kind], requestsOf));
          const sent = turns.map((ofClient, i) =>
            ofClient.map((statements) => () => replay(straight.clients[i]!, statements)),
          );
          await rate(sent, span);
          const seen: Record<'api' | 'pg', number[]> = { api: [], pg: [] };
          for (let i = 0; i < rounds; i++) {
            await untilQuiet();
            const order = ['api', 'pg'] as const;
            for (const arm of i % 2 ? order.toReversed() : order) {
              seen[arm].push(await rate(arm === 'api' ? asked : sent, span));
            }
          }
          const ratio = ratioOfPairs(seen.api, seen.pg);
          const statements = turns[0]![0]!.length;
          say(
            `${kind}: ${median(seen.api).toFixed(0)}/s, straight ${median(seen.pg).toFixed(0)}/s, ${statements} statements`,
          );
          figures.push(
            { what: `${WORDS[kind]}: API / straight to Postgres`, value: times(ratio) },
            {
              what: '… a second; statements each',
              value: `${median(seen.api).toFixed(0)} and ${median(seen.pg).toFixed(0)}; ${statements}`,
            },
          );
          data[kind] = { seen, statements: turns[0]![0]!.map(({ text }) => text) };
        }
      } finally {
        await straight.close();
      }
      return {
        title: `API against its own statements sent straight to Postgres, ${CLIENTS} clients at once`,
        figures,
        notes: [
          'What the log tells of one request: the look-up of its key, then its transaction. Both arms are asked by one Node, which shares two processors with brain and Postgres: of the API it also writes and reads HTTP and checks answers. Statements are sent one after the other on one connection, by the brain’s role under row-level security.',
          'A change goes into the draft, and what the audit log notes of it is announced to the brain in both arms.',
        ],
        data,
      };
    },
    false,
  );
}

/** Requests per second, each client by turns. */
async function rate(clients: (() => Promise<unknown>)[][], span: number): Promise<number> {
  let done = 0;
  const began = performance.now();
  await inParallel(clients.length, clients, async (turns) => {
    for (let i = 0; performance.now() - began < span; i++) {
      await turns[i % turns.length]!();
      done++;
    }
  });
  return (done * 1000) / (performance.now() - began);
}

async function replay(client: pg.Client, statements: Statement[]): Promise<void> {
  for (const { text, values } of statements) await client.query(text, values);
}

async function connections({ data, pgPort }: Installation) {
  const secrets = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as Record<string, string>;
  const open = async (user: string, password: string | undefined) => {
    const client = new pg.Client({ host: '127.0.0.1', port: pgPort, user, password, database: 'littlepbx' });
    await client.connect();
    return client;
  };
  const admin = await open('postgres', secrets.dbSuperuser);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => open('littlepbx_app', secrets.dbApp)));
  return {
    admin,
    clients,
    close: () => Promise.all([admin, ...clients].map((client) => client.end())),
  };
}

/** The statements of each request, from the log. @param operation of all of them, as the audit log names it */
async function recorded(
  installation: Installation,
  admin: pg.Client,
  operation: string,
  requests: (() => Promise<unknown>)[],
): Promise<Turns> {
  const file = join(installation.data, 'log/db.log');
  const set = async (which: 'all' | 'none', length: -1 | 0) => {
    await admin.query(`ALTER SYSTEM SET log_statement = '${which}'`);
    await admin.query(`ALTER SYSTEM SET log_parameter_max_length = ${length}`);
    await admin.query('SELECT pg_reload_conf()');
    // Sessions take it with their next statement, the brain's as well.
    await until('the settings are in force', 5000, async () => {
      const sql = `SELECT setting FROM pg_settings WHERE name = 'log_statement'`;
      const { rows } = await admin.query<{ setting: string }>(sql);
      return rows[0]!.setting === which;
    });
  };
  await set('all', -1);
  const turns: Turns = [];
  for (const request of requests) {
    const from = statSync(file).size;
    let statements: Statement[] = [];
    await request();
    await until(`the log tells of ${operation}`, 5000, () => {
      statements = statementsOf(operation, readFileSync(file).subarray(from).toString());
      return statements.length > 0;
    });
    turns.push(statements);
  }
  await set('none', 0);
  return turns;
}

/** The transaction of this operation in a part of the log, after the look-up of the key; empty when it is not there, or not whole. */
function statementsOf(operation: string, log: string): Statement[] {
  const lookUps: Statement[] = [];
  const open = new Map<string, Statement[]>();
  let last: Statement | null = null;
  for (const entry of log.split(/^(?=\d{4}-\d\d-\d\d )/m)) {
    const [, process = '', level, said = ''] =
      /^\S+ \S+ UTC \[(\d+)\] (\w+): {2}([\s\S]*)$/.exec(entry.trimEnd()) ?? [];
    if (level === 'DETAIL' && last) last.values = valuesIn(said);
    const text = /^(?:statement|execute [^:]*): ([\s\S]*)$/.exec(said)?.[1]?.replaceAll('\n\t', '\n');
    if (level !== 'LOG' || text === undefined) continue;
    last = { text, values: [] };
    if (text.includes('api_key_by_id')) lookUps.push(last);
    if (text === 'BEGIN') open.set(process, []);
    const statements = open.get(process);
    statements?.push(last);
    const isWanted = statements?.some(({ values }) => values[0]?.includes(`"operation":"${operation}"`));
    if (text === 'COMMIT' && isWanted) return [...lookUps.slice(-1), ...statements!];
  }
  return [];
}

/** `Parameters: $1 = 'it''s', $2 = NULL`. */
function valuesIn(detail: string): (string | null)[] {
  return [...detail.matchAll(/\$\d+ = (?:NULL|'((?:[^']|'')*)')/g)].map(([, value]) =>
    value === undefined ? null : value.replaceAll("''", "'"),
  );
}
