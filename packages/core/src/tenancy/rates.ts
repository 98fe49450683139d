/** Rate decks: what a trunk's carrier asks for calls. The operator's, imported whole, and at once in effect. */
import { parse } from 'csv-parse/sync';
import type { Rate } from '../spending/rates.ts';
import { type Access, KEY_PATTERN, missing, ok, pageOf, refuse } from './access.ts';
import type { Administration } from './administration.ts';
import { staleRefusal } from './stale.ts';
import { Complaints } from './validation.ts';

const MOST_RATES = 50_000;
const MOST_COMPLAINTS = 50;
const COLUMNS = ['prefix', 'price_per_minute', 'increment', 'setup_fee'] as const;
/** 100,000 of the currency. */
const MOST_MONEY = 100_000_000_000;

/**
 * An amount as people write it, in millionths; null when it is none, or finer than that. Never by way of a float:
 * 0.1 + 0.2 is no money.
 */
export function toMicros(text: string): number | null {
  const match = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!match?.[1]) return null;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

const byPrefix = (a: Rate, b: Rate): number => (a.prefix < b.prefix ? -1 : 1);

/** Lines are counted as an editor does, the heading being 1. */
function parseRates(c: Complaints, csv: string): Rate[] {
  let lines: { record: Record<string, string>; info: { lines: number } }[];
  try {
    lines = parse(csv, {
      bom: true,
      columns: (heading: string[]) => heading.map((name) => name.trim().toLowerCase()),
      delimiter: [',', ';'],
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as never;
  } catch (error) {
    c.add('csv', `is no CSV: ${(error as Error).message}`);
    return [];
  }
  if (lines.length === 0) c.add('csv', 'holds no rate');
  if (lines.length > MOST_RATES) c.add('csv', `must hold at most ${MOST_RATES} rates`);
  const missing = ['prefix', 'price_per_minute'].filter((name) => lines[0] && !(name in lines[0].record));
  for (const name of missing) c.add('csv', `has no column ${name}; known are ${COLUMNS.join(', ')}`);
  if (c.fields.length > 0) return [];
  const seen = new Map<string, number>();
  const rates: Rate[] = [];
  for (const { record, info } of lines) {
    if (c.fields.length >= MOST_COMPLAINTS) break;
    const rate = rateOf(c, record, info.lines);
    const before = seen.get(rate.prefix);
    if (before !== undefined) c.add(`csv.${info.lines}.prefix`, `${rate.prefix} stands in line ${before} already`);
    seen.set(rate.prefix, info.lines);
    rates.push(rate);
  }
  return rates.sort(byPrefix);
}

function rateOf(c: Complaints, record: Record<string, string>, line: number): Rate {
  const prefix = (record.prefix ?? '').replace(/^\+/, '');
  if (!/^[1-9]\d{0,14}$/.test(prefix)) c.add(`csv.${line}.prefix`, 'must be 1 to 15 digits, the country code first');
  const money = (name: 'price_per_minute' | 'setup_fee', text: string) => {
    const micros = toMicros(text);
    if (micros === null || micros > MOST_MONEY) {
      c.add(`csv.${line}.${name}`, 'must be an amount such as 0.012, of at most 6 decimals');
    }
    return micros ?? 0;
  };
  const increment = /^(\d{1,4})\/(\d{1,4})$/.exec(record.increment || '60/60');
  const [first, next] = [Number(increment?.[1]), Number(increment?.[2])];
  if (!(first >= 1 && first <= 3600 && next >= 1 && next <= 3600)) {
    c.add(`csv.${line}.increment`, 'must be seconds such as 60/60 or 1/1');
  }
  return {
    prefix,
    pricePerMinute: money('price_per_minute', record.price_per_minute ?? ''),
    setupFee: money('setup_fee', record.setup_fee || '0'),
    firstIncrementInS: first,
    incrementInS: next,
  };
}

type UseCases = Pick<Administration, 'listRates' | 'importRates' | 'setRate' | 'deleteRate' | 'deleteRates'>;

export function rateUseCases(access: Access): UseCases {
  const { clock } = access.ports;
  const write = { scope: 'trunks:write', operatorOnly: true, write: true } as const;
  return {
    listRates: (actor, org, trunk, { prefix = '', ...page }) =>
      access.inOrganization(actor, org, { scope: 'trunks:read', operatorOnly: true }, async (stores, row) => {
        const found = await stores.trunks.get(row.id, trunk);
        if (!found) return missing('trunk', trunk);
        const deck = await stores.rates.get(row.id, found.id);
        const listed = await pageOf(
          page,
          KEY_PATTERN.digits,
          async ({ after, limit }) =>
            (deck?.rates ?? [])
              .filter((rate) => rate.prefix.startsWith(prefix) && (after === null || rate.prefix > after))
              .slice(0, limit),
          (rate) => rate.prefix,
          (rates) => rates,
        );
        if (!listed.ok) return listed;
        const { currency = null, importedAt = null, rates = [] } = deck ?? {};
        return ok({ ...listed.value, currency, importedAt, count: rates.length });
      }),

    importRates: (actor, org, trunk, { currency, csv, isDryRun = false }) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const found = await stores.trunks.get(row.id, trunk);
        if (!found) return missing('trunk', trunk);
        const c = new Complaints();
        if (!/^[A-Z]{3}$/.test(currency)) c.add('currency', 'must be three capital letters (ISO 4217)');
        const rates = parseRates(c, csv);
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        if (!isDryRun) {
          await stores.rates.replace(row.id, found.id, { currency, importedAt: clock.now(), rates });
          effects.changed = true;
        }
        return ok({ currency, count: rates.length, isDryRun });
      }),

    setRate: (actor, org, trunk, prefix, { currency, expected, ...price }) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const found = await stores.trunks.get(row.id, trunk);
        if (!found) return missing('trunk', trunk);
        const deck = await stores.rates.get(row.id, found.id);
        const c = new Complaints();
        const inUse = deck?.currency ?? currency;
        if (inUse === undefined) c.add('currency', 'must be given');
        else if (currency !== undefined && currency !== inUse)
          c.add('currency', `must be ${inUse}, as of all its rates`);
        const before = deck?.rates.find((rate) => rate.prefix === prefix);
        if (!before && (deck?.rates.length ?? 0) >= MOST_RATES)
          c.add('prefix', `must hold at most ${MOST_RATES} rates`);
        const invalid = c.refusal();
        if (invalid || inUse === undefined) return refuse(invalid!);
        const thing = { organizationId: row.id, resource: 'rate-deck', resourceId: found.id };
        const stale = before && (await staleRefusal<Omit<Rate, 'prefix'>>(stores, thing, before, price, expected));
        if (stale) return stale;
        const rate = { prefix, ...price };
        const rates = [...(deck?.rates ?? []).filter((other) => other.prefix !== prefix), rate].sort(byPrefix);
        await stores.rates.replace(row.id, found.id, { currency: inUse, importedAt: clock.now(), rates });
        effects.changed = true;
        return ok(rate);
      }),

    deleteRate: (actor, org, trunk, prefix) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const found = await stores.trunks.get(row.id, trunk);
        if (!found) return missing('trunk', trunk);
        const deck = await stores.rates.get(row.id, found.id);
        const rates = deck?.rates.filter((rate) => rate.prefix !== prefix);
        if (!deck || !rates || rates.length === deck.rates.length) return missing('rate', prefix);
        if (rates.length === 0) {
          return refuse({
            id: 'in-use',
            message: 'it is the last one: delete all rates, so that calls cost nothing known',
          });
        }
        await stores.rates.replace(row.id, found.id, { currency: deck.currency, importedAt: clock.now(), rates });
        effects.changed = true;
        return ok(null);
      }),

    deleteRates: (actor, org, trunk) =>
      access.inOrganization(actor, org, write, async (stores, row, effects) => {
        const found = await stores.trunks.get(row.id, trunk);
        if (!found) return missing('trunk', trunk);
        if (!(await stores.rates.get(row.id, found.id))) return missing('rate deck of the trunk', found.name);
        await stores.rates.delete(row.id, found.id);
        effects.changed = true;
        return ok(null);
      }),
  };
}
