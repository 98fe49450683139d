import type { Command } from 'commander';
import {
  given,
  jsonOption,
  listCommand,
  orgOption,
  orNone,
  printDone,
  printOne,
  type Session,
  withExamples,
} from '../session.ts';

interface Settings {
  org: string;
  json?: true;
  extension?: string;
}

export function numberCommand(program: Command, s: Session): void {
  const number = withExamples(
    program.command('number').description('numbers of the public network (DIDs) and where they lead'),
    'number list --org acme',
    'number create +442079460100 --org acme --extension 101',
    'number update +442079460100 --org acme --extension 102',
    'apply --org acme',
  );

  listCommand(number, s, 'list all', (client, input) => client.listNumbers(input), [
    ['NUMBER', (r) => r.number],
    ['LEADS TO', (r) => r.appliedExtension],
    ['AFTER APPLY', (r) => r.extension],
  ]);
  number
    .command('show <number>')
    .description('show one')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (name: string, o: Settings, command: Command) => {
      printOne(s, await s.client(command).getNumber({ params: { org: o.org, number: name } }), o.json);
    });
  number
    .command('create <number>')
    .alias('assign')
    .description('assign one to an organization')
    .addOption(orgOption())
    .option('--extension <number>', 'extension it shall lead to; "none" for none')
    .addOption(jsonOption())
    .action(async (name: string, o: Settings, command: Command) => {
      const made = await s
        .client(command)
        .assignNumber({ params: { org: o.org }, body: { number: name, ...given({ extension: orNone(o.extension) }) } });
      const hint = made.extension === null ? '' : `; leads to ${made.extension} after: littlepbx apply --org ${o.org}`;
      printDone(s, `assigned ${made.number} to ${o.org}${hint}`, made, o.json);
    });
  number
    .command('update <number>')
    .alias('route')
    .description('where it leads, in the draft')
    .addOption(orgOption())
    .requiredOption('--extension <number>', 'extension it shall lead to; "none" for none')
    .addOption(jsonOption())
    .action(async (name: string, o: Settings, command: Command) => {
      const now = await s
        .client(command)
        .routeNumber({ params: { org: o.org, number: name }, body: { extension: orNone(o.extension) ?? null } });
      const to = now.extension ?? 'nowhere';
      printDone(s, `${now.number} leads to ${to} after: littlepbx apply --org ${o.org}`, now, o.json);
    });
  number
    .command('delete <number>')
    .alias('release')
    .description('take one from an organization; acts at once')
    .addOption(orgOption())
    .action(async (name: string, o: Settings, command: Command) => {
      await s.client(command).releaseNumber({ params: { org: o.org, number: name } });
      s.output.out(`released ${name}`);
    });
}
