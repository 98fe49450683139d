/**
 * What an organization called, for its bill: every call of some days of its calendar, oldest first, as CSV; and the sums.
 * It is read part by part, so that a year takes no more memory than an hour, and no transaction lasts.
 */
import { stringify } from 'csv-stringify/sync';
import type { Cdr } from '../call/record.ts';
import { type Access, ok, refuseField } from './access.ts';
import type { Actor } from './actor.ts';
import type { Administration } from './administration.ts';
import { withNamed } from './calls.ts';
import { neutral } from './extension-csv.ts';
import type { Outcome } from './outcome.ts';
import type { ExportedCall, OrganizationRow, StoreSet } from './stores.ts';
import type { CallPeriod, CallTotals } from './views.ts';

/** Calls in one part. */
const PART = 1_000;
const MAX_DAYS = 400;
const DAY = 86_400_000;
const MILLION = 1_000_000;

/** What is exported: of one organization, some days by one clock. */
interface Part {
  id: string;
  /** Milliseconds since the epoch. */
  since: number;
  until: number;
  timeZone: string;
}

/**
 * Instants are UTC, as ISO 8601; `startedLocal` is what clocks on the wall showed. Durations are whole seconds, begun
 * ones counted. `cost` is what the trunk's rates make of the call, in `currency`; zero without rates.
 */
const COLUMNS: Record<string, (call: ExportedCall) => string | number | null> = {
  id: ({ cdr }) => cdr.id,
  direction: ({ cdr }) => cdr.direction,
  from: ({ cdr }) => cdr.from,
  fromName: ({ cdr }) => cdr.fromName,
  fromExtension: ({ cdr }) => cdr.fromExtension,
  to: ({ cdr }) => cdr.to,
  answeredBy: ({ cdr }) => cdr.answeredBy,
  did: ({ cdr }) => cdr.did,
  trunkId: ({ cdr }) => cdr.trunkId,
  result: ({ cdr }) => cdr.result,
  reason: ({ cdr }) => cdr.reason,
  startedAt: ({ cdr }) => iso(cdr.startedAt),
  startedLocal: ({ startedLocal }) => startedLocal,
  answeredAt: ({ cdr }) => (cdr.answeredAt === null ? null : iso(cdr.answeredAt)),
  endedAt: ({ cdr }) => iso(cdr.endedAt),
  ringInS: ({ cdr }) => Math.ceil(cdr.ringDuration / 1000),
  talkInS: ({ cdr }) => Math.ceil(cdr.talkDuration / 1000),
  cost: ({ cdr }) => (cdr.cost / MILLION).toFixed(6),
  currency: ({ cdr }) => cdr.currency,
};

const iso = (at: number): string => new Date(at).toISOString();

const cellOf = (value: string | number | null): string | number =>
  typeof value === 'string' ? neutral(value) : (value ?? '');

const lines = (rows: (string | number)[][]): string => stringify(rows, { record_delimiter: '\r\n' });

const tell = (calls: ExportedCall[]): string =>
  lines(calls.map((call) => Object.values(COLUMNS).map((cell) => cellOf(cell(call)))));

const keyOf = ({ startedAt, id }: Cdr): string => `${startedAt}:${id}`;

export function callExportUseCases(access: Access): Pick<Administration, 'exportCalls' | 'callTotals'> {
  /** Of days in the calendar of the time zone: the clock change in spring makes one of 23 hours. */
  const within = <T>(
    actor: Actor,
    org: string,
    { from, to, timeZone: asked }: CallPeriod,
    fn: (part: Part, stores: StoreSet, row: OrganizationRow) => Promise<T>,
  ): Promise<Outcome<T>> =>
    access.inOrganization(actor, org, { scope: 'calls:read', deletedToo: true, isLong: true }, async (stores, row) => {
      const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
      if (!(days >= 1)) return refuseField('invalid', 'to', 'must not be before `from`');
      if (days > MAX_DAYS) return refuseField('invalid', 'to', `must be within ${MAX_DAYS} days of \`from\``);
      const timeZone = asked ?? row.timeZone;
      const period = await stores.calls.period(from, to, timeZone);
      if (!period) return refuseField('invalid', 'timeZone', 'must be a time zone, such as Europe/London');
      return ok(await fn({ id: row.id, ...period, timeZone }, stores, row));
    });

  return {
    async exportCalls(actor, org, { from, to, timeZone, ...filter }) {
      const period = { from, to, ...(timeZone === undefined ? {} : { timeZone }) };
      // The first part is read before anything is sent, so that a refusal is a proper answer.
      const first = await within(actor, org, period, async (part, stores, row) => {
        const wanted = { ...part, ...(await withNamed(stores, row, filter)) };
        return { wanted, calls: await stores.calls.export(part.id, wanted, null, PART) };
      });
      if (!first.ok) return first;
      const { wanted } = first.value;
      async function* text(): AsyncGenerator<string> {
        yield lines([Object.keys(COLUMNS)]);
        let { calls } = first.ok ? first.value : { calls: [] };
        for (;;) {
          if (calls.length > 0) yield tell(calls);
          if (calls.length < PART) return;
          const after = keyOf(calls.at(-1)!.cdr);
          calls = await access.ports.stores.withOrganization(wanted.id, (stores) =>
            stores.calls.export(wanted.id, wanted, after, PART),
          );
        }
      }
      return ok(text());
    },

    callTotals: (actor, org, period) =>
      within(
        actor,
        org,
        period,
        async ({ id, since, until, timeZone }, { calls }): Promise<CallTotals> => ({
          since,
          until,
          timeZone,
          ...(await calls.totals(id, { since, until })),
        }),
      ),
  };
}
