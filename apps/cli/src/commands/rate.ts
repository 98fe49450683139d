import { readFileSync } from 'node:fs';
import { everyPage } from '@littlepbx/contract/client';
import { type Command, Option } from 'commander';
import { UserError } from '../connection.ts';
import { money } from '../output.ts';
import { given, jsonOption, orgOption, printDone, printList, type Session, withExamples } from '../session.ts';

interface Settings {
  org: string;
  trunk: string;
  json?: true;
  prefix?: string;
  currency: string;
  dryRun?: true;
}

export function rateCommand(program: Command, s: Session): void {
  const rate = withExamples(
    program.command('rate').description('what carriers ask for calls; changes act at once'),
    'rate import deck.csv --org acme --trunk 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --currency EUR --dry-run',
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
    .command('delete')
    .description("delete a trunk's")
    .addOption(orgOption())
    .addOption(trunkOption())
    .action(async ({ org, trunk }: Settings, command: Command) => {
      await s.client(command).deleteRates({ params: { org, trunk } });
      s.output.out('deleted');
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read the rates: ${(error as Error).message}`);
  }
}
