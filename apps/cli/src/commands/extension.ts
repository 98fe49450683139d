import type { SpokenLanguage } from '@littlepbx/contract';
import type { Command } from 'commander';
import { UserError } from '../connection.ts';
import { table } from '../output.ts';
import {
  callsOption,
  given,
  jsonOption,
  languageOption,
  listCommand,
  orgOption,
  orNone,
  printDone,
  printOne,
  type Session,
  textIn,
  wholeNumber,
  withExamples,
  yesOrNo,
} from '../session.ts';

interface Settings {
  org: string;
  json?: true;
  name?: string;
  number?: string;
  ring?: number;
  doNotDisturb?: boolean;
  always?: string;
  busy?: string;
  unanswered?: string;
  outbound?: string;
  language?: SpokenLanguage | 'none';
}

const settable = (command: Command): Command =>
  command
    .option('--ring <seconds>', 'how long its devices ring', wholeNumber)
    .option('--do-not-disturb <yes|no>', 'its devices do not ring; callers get what they get when it is busy', yesOrNo)
    .option('--always <number>', 'forward every call; "none" for none')
    .option('--busy <number>', 'forward when busy; "none" for none')
    // Not `--no-answer`: commander reads `--no-…` as a negation.
    .option('--unanswered <number>', 'forward when nobody answers; "none" for none')
    .option('--outbound <number>', 'own number shown to the outside; "none" for the default')
    .addOption(languageOption(`of what it hears; "none" for the organization's`, 'none'));

const membersOf = (o: Settings) =>
  given({
    ringTimeInS: o.ring,
    doNotDisturb: o.doNotDisturb,
    forwardAlways: orNone(o.always),
    forwardBusy: orNone(o.busy),
    forwardNoAnswer: orNone(o.unanswered),
    outboundNumber: orNone(o.outbound),
    language: o.language === 'none' ? null : o.language,
  });

export function extensionCommand(program: Command, s: Session): void {
  const extension = withExamples(
    program.command('extension').description("extensions; changes wait in the draft for 'apply'"),
    'extension list --org acme',
    'extension create 101 --org acme --name "Alice Johnson" --ring 25',
    'extension update 101 --org acme --unanswered 102',
    'extension import staff.csv --org acme --dry-run',
    'extension export --org acme > staff.csv',
    'apply --org acme',
  );

  listCommand(extension, s, 'list all', (client, input) => client.listExtensions(input), [
    ['NUMBER', (r) => r.number],
    ['NAME', (r) => r.name],
    ['RING', (r) => `${r.ringTimeInS} s`],
    ['DO NOT DISTURB', (r) => (r.doNotDisturb ? 'yes' : '')],
    ['ALWAYS', (r) => r.forwardAlways],
    ['BUSY', (r) => r.forwardBusy],
    ['NO ANSWER', (r) => r.forwardNoAnswer],
    ['OUTBOUND', (r) => r.outboundNumber],
    ['LANGUAGE', (r) => r.language],
  ]);
  extension
    .command('show <extension>')
    .description('show one')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (number: string, o: Settings, command: Command) => {
      const found = await s.client(command).getExtension({ params: { org: o.org, extension: number } });
      printOne(s, found, o.json);
    });
  settable(
    extension
      .command('create <number>')
      .description('create one')
      .addOption(orgOption())
      .requiredOption('--name <name>', 'name of the person or place'),
  )
    .addOption(jsonOption())
    .action(async (number: string, o: Settings & { name: string }, command: Command) => {
      const made = await s
        .client(command)
        .createExtension({ params: { org: o.org }, body: { number, name: o.name, ...membersOf(o) } });
      printDone(s, `created ${made.number}; live after: littlepbx apply --org ${o.org}`, made, o.json);
    });
  settable(
    extension
      .command('update <extension>')
      .description('change one')
      .addOption(orgOption())
      .option('--name <name>', 'name of the person or place')
      .option('--number <number>', 'another number'),
  )
    .addOption(jsonOption())
    .action(async (number: string, o: Settings, command: Command) => {
      const now = await s.client(command).updateExtension({
        params: { org: o.org, extension: number },
        body: { ...given({ name: o.name, number: o.number }), ...membersOf(o) },
      });
      printDone(s, `changed ${now.number}; live after: littlepbx apply --org ${o.org}`, now, o.json);
    });
  extension
    .command('import <file>')
    .description('bring many from a table (CSV, UTF-8), all or none; "-" reads standard input')
    .addOption(orgOption())
    .option('--dry-run', 'only say what would be done, and which lines are bad')
    .option('--update', 'also change extensions that are there')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nTitles: number, name, ringTimeInS, doNotDisturb, forwardAlways, forwardBusy, forwardNoAnswer, outboundNumber, language,\ndids, devices, voicemailEmail, voicemailPin.\nPasswords of devices that it makes are printed this once.',
    )
    .action(async (file: string, o: Settings & { dryRun?: true; update?: true }, command: Command) => {
      const report = await s.client(command).importExtensions({
        params: { org: o.org },
        body: { csv: textIn(file), isDryRun: o.dryRun ?? false, mayUpdate: o.update ?? false },
      });
      const { lines, created, changed, unchanged, problems, devices } = report;
      const said = [
        ...problems.map(({ line, column, reason }) => `line ${line}${column === null ? '' : `, ${column}`}: ${reason}`),
        problems.length > 0
          ? `${problems.length} problems in ${lines} lines; nothing would be imported`
          : `${created} ${o.dryRun ? 'would be ' : ''}created, ${changed} changed, ${unchanged} unchanged` +
            (o.dryRun ? '' : `; live after: littlepbx apply --org ${o.org}`),
      ];
      if (devices.length > 0) {
        const credentials = table(devices, [
          ['EXTENSION', (d) => d.extension],
          ['DEVICE', (d) => d.name],
          ['USERNAME', (d) => d.username],
          ['PASSWORD', (d) => d.password],
        ]);
        said.push('', credentials);
      }
      printDone(s, said.join('\n'), report, o.json);
      if (problems.length > 0) throw new UserError('nothing was changed');
    });
  extension
    .command('export')
    .description('print all as a table (CSV), as import reads it')
    .addOption(orgOption())
    .action(async (o: Settings, command: Command) => {
      const { csv } = await s.client(command).exportExtensions({ params: { org: o.org } });
      s.output.out(csv.trimEnd());
    });
  extension
    .command('delete <extension>')
    .description('delete one')
    .addOption(orgOption())
    .action(async (number: string, o: Settings, command: Command) => {
      await s.client(command).deleteExtension({ params: { org: o.org, extension: number } });
      s.output.out(`deleted ${number}; live after: littlepbx apply --org ${o.org}`);
    });
  extension
    .command('suspend <extension>')
    .description('its phones register no more and call nobody but emergency services; at once')
    .addOption(orgOption())
    .addOption(callsOption('end'))
    .option('--reason <text>', 'why')
    .addOption(jsonOption())
    .action(async (name: string, o: Suspending, command: Command) => {
      const now = await s.client(command).suspendExtension({
        params: { org: o.org, extension: name },
        body: { calls: o.calls, ...given({ reason: o.reason }) },
      });
      printDone(s, `suspended ${name}`, now, o.json);
    });
  extension
    .command('unsuspend <extension>')
    .description('take a suspension back; at once')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (name: string, o: Suspending, command: Command) => {
      const now = await s.client(command).unsuspendExtension({ params: { org: o.org, extension: name } });
      printDone(s, `unsuspended ${name}`, now, o.json);
    });
}

interface Suspending {
  org: string;
  calls: 'end' | 'keep';
  reason?: string;
  json?: true;
}
