import { everyPage } from '@littlepbx/contract/client';
import { type Command, Option } from 'commander';
import { UserError } from '../connection.ts';
import { time } from '../output.ts';
import { given, jsonOption, printDone, printList, type Session, wholeNumber, withExamples } from '../session.ts';

interface Settings {
  json?: true;
  account?: true;
  service?: 'sip' | 'api' | 'all';
  minutes?: number;
  note?: string;
}

const byAccount = () => new Option('--account', 'it is an account, not an address');

/** Who may not try again for a while, who is never banned, and what bans at a touch. */
export function protectionCommands(program: Command, s: Session): void {
  banCommand(program, s);
  allowCommand(program, s);
  honeypotCommand(program, s);
}

function banCommand(program: Command, s: Session): void {
  const ban = withExamples(
    program.command('ban').description('addresses and accounts that are banned'),
    'ban list',
    'ban add 203.0.113.7 --minutes 60 --note "calls from nowhere"',
    'ban lift 203.0.113.7',
  );
  ban
    .command('list')
    .description('list all, newest first')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const client = s.client(command);
      const rows = await everyPage((query) => client.listBans({ query }));
      printList(
        s,
        rows,
        [
          ['SUBJECT', (r) => r.subject],
          ['KIND', (r) => r.kind],
          ['FROM', (r) => (r.service === 'all' ? 'sip, api' : r.service)],
          ['REASON', (r) => r.reason],
          ['TIMES', (r) => r.times],
          ['SINCE', (r) => time(r.since)],
          ['UNTIL', (r) => (r.until === null ? 'lifted' : time(r.until))],
          ['NOTE', (r) => r.note],
        ],
        o.json,
      );
    });
  ban
    .command('add <address>')
    .description('ban one at once')
    .addOption(byAccount())
    .addOption(new Option('--service <which>', 'what it is kept from').choices(['sip', 'api', 'all']))
    .option('--minutes <n>', 'for so long; until it is lifted when left out', wholeNumber)
    .option('--note <text>', 'why')
    .addOption(jsonOption())
    .action(async (subject: string, o: Settings, command: Command) => {
      const durationInS = o.minutes === undefined ? undefined : o.minutes * 60;
      const body = {
        ...(o.account ? { account: subject } : { address: subject }),
        ...given({ service: o.service, durationInS, note: o.note }),
      };
      const made = await s.client(command).createBan({ body });
      printDone(s, `banned ${made.subject}`, made, o.json);
    });
  ban
    .command('lift <subject>')
    .description('lift all bans of an address, a network or an account, or the ban with this id')
    .action(async (subject: string, _o: Settings, command: Command) => {
      const client = s.client(command);
      const all = await everyPage((query) => client.listBans({ query }));
      const names = [subject, `${subject}/32`];
      const found = all.filter((b) => names.includes(b.subject) || b.id === subject);
      if (found.length === 0) throw new UserError(`${subject} is not banned`);
      for (const { id } of found) await client.liftBan({ params: { ban: id } });
      s.output.out(`lifted ${found.map((b) => b.subject).join(', ')}`);
    });
}

function allowCommand(program: Command, s: Session): void {
  const allow = withExamples(
    program.command('allow').description("networks that are never banned, beside carriers' addresses"),
    'allow list',
    'allow add 198.51.100.0/24 --note "head office"',
    'allow remove 198.51.100.0/24',
  );
  allow
    .command('list')
    .description('list all')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const client = s.client(command);
      const rows = await everyPage((query) => client.listAllowed({ query }));
      printList(
        s,
        rows,
        [
          ['NETWORK', (r) => r.network],
          ['SINCE', (r) => time(r.since)],
          ['NOTE', (r) => r.note],
        ],
        o.json,
      );
    });
  allow
    .command('add <network>')
    .description('never ban it; bans in it are lifted')
    .option('--note <text>', 'whose it is')
    .addOption(jsonOption())
    .action(async (network: string, o: Settings, command: Command) => {
      const made = await s.client(command).allowNetwork({ body: { network, ...given({ note: o.note }) } });
      printDone(s, `allowed ${made.network}`, made, o.json);
    });
  allow
    .command('remove <network>')
    .description('judge it as all others')
    .action(async (network: string, _o: Settings, command: Command) => {
      await s.client(command).disallowNetwork({ params: { network } });
      s.output.out(`removed ${network}`);
    });
}

function honeypotCommand(program: Command, s: Session): void {
  const honeypot = withExamples(
    program.command('honeypot').description('usernames that nobody has, whose touch bans'),
    'honeypot list',
    'honeypot add reception',
    'honeypot remove 100',
  );
  honeypot
    .command('list')
    .description('list all')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const client = s.client(command);
      const rows = await everyPage((query) => client.listHoneypots({ query }));
      printList(s, rows, [['USERNAME', (r) => r.username]], o.json);
    });
  honeypot
    .command('add <username>')
    .description('ban whoever tries it')
    .action(async (username: string, _o: Settings, command: Command) => {
      const made = await s.client(command).addHoneypot({ body: { username } });
      s.output.out(`added ${made.username}`);
    });
  honeypot
    .command('remove <username>')
    .description('make it an unknown account as any other')
    .action(async (username: string, _o: Settings, command: Command) => {
      await s.client(command).removeHoneypot({ params: { username } });
      s.output.out(`removed ${username}`);
    });
}
