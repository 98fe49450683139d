import type { Cdr, FinishedCall } from '@littlepbx/core/call/record';
import type { CallStore } from '@littlepbx/core/tenancy/stores';
import type { CallFilter } from '@littlepbx/core/tenancy/views';
import { type Expression, type ExpressionBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { patternOf } from './search.ts';

function cdrOf(row: Selectable<Database['cdr']>): Cdr {
  return {
    id: row.id,
    organizationId: row.organization_id,
    direction: row.direction as Cdr['direction'],
    from: row.from_number,
    fromName: row.from_name,
    to: row.to_number,
    fromExtension: row.from_extension,
    answeredBy: row.answered_by,
    did: row.did,
    trunkId: row.trunk_id,
    result: row.result as Cdr['result'],
    reason: row.reason as Cdr['reason'],
    blame: row.blame as Cdr['blame'],
    startedAt: row.started_at.getTime(),
    answeredAt: row.answered_at?.getTime() ?? null,
    endedAt: row.ended_at.getTime(),
    ringDuration: row.ring_duration,
    talkDuration: row.talk_duration,
    revision: row.revision,
    handledBy: row.handled_by as Cdr['handledBy'],
    cost: row.cost,
    currency: row.currency,
  };
}

function columnsOf(cdr: Cdr): Selectable<Database['cdr']> {
  return {
    id: cdr.id,
    organization_id: cdr.organizationId,
    direction: cdr.direction,
    from_number: cdr.from,
    from_name: cdr.fromName,
    to_number: cdr.to,
    from_extension: cdr.fromExtension,
    answered_by: cdr.answeredBy,
    handed_on_by: cdr.handedOnBy ?? [],
    did: cdr.did,
    trunk_id: cdr.trunkId,
    result: cdr.result,
    reason: cdr.reason,
    blame: cdr.blame,
    started_at: new Date(cdr.startedAt),
    answered_at: cdr.answeredAt === null ? null : new Date(cdr.answeredAt),
    ended_at: new Date(cdr.endedAt),
    ring_duration: Math.round(cdr.ringDuration),
    talk_duration: Math.round(cdr.talkDuration),
    revision: cdr.revision,
    handled_by: cdr.handledBy,
    // Missing in records of an older brain.
    cost: cdr.cost ?? 0,
    currency: cdr.currency ?? null,
  };
}

const AT_EXTENSION = ['from_extension', 'to_number', 'answered_by'] as const;
const SEARCHED = ['from_number', 'from_name', 'to_number', 'answered_by', 'did'] as const;
/** Of those, what may be an extension of which no name is recorded. */
const HOLDERS = ['to_number', 'answered_by'] as const;

/** What a filter asks of a call. */
function fits({ from, to, extension, own, search, named = [], since, until, result, direction }: CallFilter) {
  return (eb: ExpressionBuilder<Database, 'cdr'>) => {
    const all: Expression<SqlBool>[] = [];
    if (from !== undefined) all.push(eb('from_number', '=', from));
    if (to !== undefined) all.push(eb('to_number', '=', to));
    for (const one of [extension, own]) {
      if (one === undefined) continue;
      const handedOn = eb(sql<string>`${one}`, '=', sql<string>`ANY (handed_on_by)`);
      all.push(eb.or([...AT_EXTENSION.map((column) => eb(column, '=', one)), handedOn]));
    }
    if (search !== undefined) {
      const pattern = patternOf(search);
      const searched = SEARCHED.filter((column) => own === undefined || column !== 'answered_by');
      const holders = named.length === 0 ? [] : HOLDERS.filter((column) => searched.includes(column));
      all.push(
        eb.or([
          ...searched.map((column) => eb(column, 'ilike', pattern)),
          ...holders.map((column) => eb(column, '=', sql<string>`ANY (${named})`)),
        ]),
      );
    }
    if (since !== undefined) all.push(eb('started_at', '>=', new Date(since)));
    if (until !== undefined) all.push(eb('started_at', '<', new Date(until)));
    if (result !== undefined) all.push(eb('result', '=', result));
    if (direction !== undefined) all.push(eb('direction', '=', direction));
    return eb.and(all);
  };
}

export function callStore(trx: Transaction): CallStore {
  return {
    async list(organizationId, filter, { after, limit }) {
      let query = trx
        .selectFrom('cdr')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where(fits(filter))
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit);
      if (after !== null) {
        const colon = after.indexOf(':');
        const at = new Date(Number(after.slice(0, colon)));
        query = query.where(sql<boolean>`(started_at, id) < (${at}, ${after.slice(colon + 1)})`);
      }
      return (await query.execute()).map(cdrOf);
    },
    async period(from, to, timeZone) {
      // Midnight may be missing on a day when clocks change; Postgres then takes what comes after it.
      const { rows } = await sql<{ since: Date; until: Date }>`
        SELECT ${from}::date::timestamp AT TIME ZONE z.name AS since, (${to}::date + 1)::timestamp AT TIME ZONE z.name AS until
        FROM pg_timezone_names z WHERE z.name = ${timeZone}`.execute(trx);
      const found = rows[0];
      return found ? { since: found.since.getTime(), until: found.until.getTime() } : null;
    },
    async export(organizationId, { timeZone, ...filter }, after, limit) {
      let query = trx
        .selectFrom('cdr')
        .selectAll()
        .select(sql<string>`to_char(started_at AT TIME ZONE ${timeZone}, 'YYYY-MM-DD HH24:MI:SS')`.as('startedLocal'))
        .where('organization_id', '=', organizationId)
        .where(fits(filter))
        .orderBy('started_at')
        .orderBy('id')
        .limit(limit);
      if (after !== null) {
        const colon = after.indexOf(':');
        const at = new Date(Number(after.slice(0, colon)));
        query = query.where(sql<boolean>`(started_at, id) > (${at}, ${after.slice(colon + 1)})`);
      }
      return (await query.execute()).map((row) => ({ cdr: cdrOf(row), startedLocal: row.startedLocal }));
    },
    async totals(organizationId, { since, until }) {
      const rows = await trx
        .selectFrom('cdr')
        .select((eb) => [
          'direction',
          eb.fn.countAll<number>().as('calls'),
          eb.fn.count<number>('answered_at').as('answered'),
          sql<number>`coalesce(sum(talk_duration), 0)::bigint`.as('talkDuration'),
        ])
        .where('organization_id', '=', organizationId)
        .where('started_at', '>=', new Date(since))
        .where('started_at', '<', new Date(until))
        .groupBy('direction')
        .orderBy('direction')
        .execute();
      const costs = await trx
        .selectFrom('cdr')
        .select(['currency', sql<number>`sum(cost)::bigint`.as('cost')])
        .where('organization_id', '=', organizationId)
        .where('started_at', '>=', new Date(since))
        .where('started_at', '<', new Date(until))
        .where('currency', 'is not', null)
        .groupBy('currency')
        .orderBy('currency')
        .execute();
      return {
        totals: rows.map((row) => ({ ...row, direction: row.direction as Cdr['direction'] })),
        costs: costs.map(({ currency, cost }) => ({ currency: currency!, cost })),
      };
    },
    async get(organizationId, id) {
      const row = await trx
        .selectFrom('cdr')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row) return null;
      const trace = await trx
        .selectFrom('call_trace')
        .select('steps')
        .where('organization_id', '=', organizationId)
        .where('call_id', '=', id)
        .executeTakeFirst();
      return { cdr: cdrOf(row), trace: trace?.steps ?? [] };
    },
  };
}

/** Records that are there already are left as they are, so that sending a batch twice is the same as once. */
export async function insertCalls(trx: Transaction, calls: FinishedCall[]): Promise<void> {
  await trx
    .insertInto('cdr')
    .values(calls.map(({ cdr }) => columnsOf(cdr)))
    .onConflict((c) => c.column('id').doNothing())
    .execute();
  const traces = calls.map(({ cdr, trace }) => ({
    call_id: cdr.id,
    organization_id: cdr.organizationId,
    steps: JSON.stringify(trace),
  }));
  await trx
    .insertInto('call_trace')
    .values(traces)
    .onConflict((c) => c.column('call_id').doNothing())
    .execute();
}
