import { readFileSync } from 'node:fs';
import { everyPage } from '@littlepbx/contract/client';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../connection.ts';
import { money } from '../output.ts';
import { amount, given, jsonOption, orgOption, printDone, printList, type Session, withExamples } from '../session.ts';

interface Settings {
  org: string;
  trunk: string;
  json?: true;
  prefix?: string;
  currency: string;
  dryRun?: true;
}

interface SetSettings extends Omit<Settings, 'currency'> {
  perMinute: number;
  increment: ReturnType<typeof increments>;
  setupFee: number;
  currency?: string;
}

export function rateCommand(program: Command, s: Session): void {
  const rate = withExamples(
    program.command('rate').description('what carriers ask for calls; changes act at once'),
    'rate import deck.csv --org acme --trunk 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --currency EUR --dry-run',
    'rate set 4420 --org acme --trunk 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --per-minute 0.012 --increment 60/1',
    'rate list --org acme --trunk 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --prefix 44',
  );
  const trunkOption = () => new Option('--trunk <id>', 'trunk').makeOptionMandatory();

  rate
    .command('list')
    .description('list them by prefix')
    .addOption(orgOption())
    .addOption(trunkOption())
    .option('--prefix <digits>', 'only those that begin so')
    .addOption(jsonOption())
    .action(async ({ org, trunk, prefix, json }: Settings, command: Command) => {
      const client = s.client(command);
      const rows = await everyPage((query) =>
        client.listRates({ params: { org, trunk }, query: { ...query, ...given({ prefix }) } }),
      );
      printList(
        s,
        rows,
        [
          ['PREFIX', (r) => r.prefix],
          ['PER MINUTE', (r) => money(r.pricePerMinute)],
          ['INCREMENT', (r) => `${r.firstIncrementInS}/${r.incrementInS}`],
          ['SETUP FEE', (r) => money(r.setupFee)],
        ],
        json,
      );
    });
  rate
    .command('import <file>')
    .description('replace a trunk\'s by those of a CSV file; "-" reads standard input')
    .addOption(orgOption())
    .addOption(trunkOption())
    .requiredOption('--currency <code>', 'three capital letters')
    .option('--dry-run', 'only say whether it could be imported')
    .addOption(jsonOption())
    .action(async (file: string, { org, trunk, currency, dryRun, json }: Settings, command: Command) => {
      const done = await s.client(command).importRates({
        params: { org, trunk },
        body: { currency, csv: textOf(file), ...(dryRun ? { isDryRun: true } : {}) },
      });
      printDone(s, dryRun ? `${done.count} rates could be imported` : `imported ${done.count} rates`, done, json);
    });
  rate
    .command('set <prefix>')
    .description('add one or replace it; the others stay')
    .addOption(orgOption())
    .addOption(trunkOption())
    .requiredOption('--per-minute <amount>', 'price', amount)
    .option('--increment <first/next>', 'seconds that are begun are charged in', increments, increments('60/60'))
    .option('--setup-fee <amount>', 'for each answered call', amount, 0)
    .option('--currency <code>', 'three capital letters; of the first rate of a trunk')
    .addOption(jsonOption())
    .action(async (prefix: string, o: SetSettings, command: Command) => {
      const set = await s.client(command).setRate({
        params: { org: o.org, trunk: o.trunk, prefix: digits(prefix) },
        body: { pricePerMinute: o.perMinute, setupFee: o.setupFee, ...o.increment, ...given({ currency: o.currency }) },
      });
      printDone(s, `set ${set.prefix}: ${money(set.pricePerMinute)} a minute`, set, o.json);
    });
  rate
    .command('delete [prefix]')
    .description("delete one, or without a prefix all of a trunk's")
    .addOption(orgOption())
    .addOption(trunkOption())
    .action(async (prefix: string | undefined, { org, trunk }: Settings, command: Command) => {
      const client = s.client(command);
      if (prefix === undefined) await client.deleteRates({ params: { org, trunk } });
      else await client.deleteRate({ params: { org, trunk, prefix: digits(prefix) } });
      s.output.out(prefix === undefined ? 'deleted' : `deleted ${prefix}`);
    });
}

/** As carriers write it: `60/1`. */
function increments(text: string): { firstIncrementInS: number; incrementInS: number } {
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  if (!match) throw new InvalidArgumentError('Must be two numbers of seconds such as 60/60 or 60/1.');
  return { firstIncrementInS: Number(match[1]), incrementInS: Number(match[2]) };
}

/** People write a country code with a plus. */
const digits = (prefix: string): string => prefix.replace(/^\+/, '');

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read the rates: ${(error as Error).message}`);
  }
}
