import type { Client } from '@littlepbx/contract/client';
import { everyPage } from '@littlepbx/contract/client';
import { type Command, Option } from 'commander';
import { UserError } from '../connection.ts';
import { time } from '../output.ts';
import { given, jsonOption, printDone, printList, printOne, type Session, withExamples, yesOrNo } from '../session.ts';

interface Settings {
  json?: true;
  email: string;
  name?: string;
  org?: string;
  role: 'admin' | 'viewer' | 'user';
  extension?: string;
  language?: 'en' | 'ru';
  operator?: true;
}

const orgOption = () => new Option('--org <org>', 'short name or id of the organization');
const roleOption = () =>
  new Option('--role <role>', 'what it may do there').choices(['admin', 'viewer', 'user']).default('admin');
const languageOption = () => new Option('--language <code>', 'of pages and mails').choices(['en', 'ru']);

export function userCommand(program: Command, s: Session): void {
  const user = withExamples(
    program.command('user').description('persons who log in to the pages'),
    'user create --operator --email olga@example.com',
    'user create --org acme --email bob@example.com --name "Bob Williams"',
    'user invite bob@example.com --org acme --role viewer',
    'user reset-password bob@example.com',
  );

  user
    .command('list')
    .description('list all, or those of one organization')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const client = s.client(command);
      const { org } = o;
      if (org !== undefined) {
        const rows = await everyPage((query) => client.listOrganizationUsers({ params: { org }, query }));
        const columns = [
          ['EMAIL', (r: (typeof rows)[number]) => r.email],
          ['NAME', (r: (typeof rows)[number]) => r.name],
          ['ROLE', (r: (typeof rows)[number]) => r.role],
          ['SUSPENDED', (r: (typeof rows)[number]) => r.isSuspended],
          ['JOINED', (r: (typeof rows)[number]) => time(r.joinedAt)],
        ] as const;
        return printList(s, rows, columns, o.json);
      }
      const rows = await everyPage((query) => client.listUsers({ query }));
      const columns = [
        ['EMAIL', (r: (typeof rows)[number]) => r.email],
        ['NAME', (r: (typeof rows)[number]) => r.name],
        ['OPERATOR', (r: (typeof rows)[number]) => r.isOperator],
        ['ORGANIZATIONS', (r: (typeof rows)[number]) => r.memberships.map((m) => `${m.slug}:${m.role}`).join(',')],
        ['CODE', (r: (typeof rows)[number]) => r.hasTwoFactor],
        ['SUSPENDED', (r: (typeof rows)[number]) => r.isSuspended],
      ] as const;
      return printList(s, rows, columns, o.json);
    });
  user
    .command('create')
    .description('make one; the password is printed, once')
    .requiredOption('--email <address>', 'e-mail address, which is the login')
    .option('--name <name>', 'name for people; left out: the first part of the address')
    .option('--operator', 'may do all, in every organization')
    .addOption(orgOption())
    .addOption(roleOption())
    .option('--extension <number>', 'of a user: whose calls, voicemail and phones')
    .addOption(languageOption())
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      if (!o.operator && o.org === undefined) throw new UserError('say --operator, or --org ORG of whose user it is');
      const made = await s.client(command).createUser({
        body: {
          email: o.email,
          name: o.name ?? o.email.split('@')[0]!,
          ...given({
            language: o.language,
            isOperator: o.operator,
            memberships:
              o.org === undefined ? undefined : [{ org: o.org, role: o.role, ...given({ extension: o.extension }) }],
          }),
        },
      });
      printDone(s, `created ${made.email}\npassword: ${made.password}`, made, o.json);
    });
  user
    .command('invite <email>')
    .description('mail a link to join an organization; without a mail server it is printed')
    .requiredOption('--org <org>', 'short name or id of the organization')
    .addOption(roleOption())
    .option('--extension <number>', 'of a user: whose calls, voicemail and phones')
    .addOption(languageOption())
    .addOption(jsonOption())
    .action(async (email: string, o: Settings & { org: string }, command: Command) => {
      const body = { email, role: o.role, ...given({ language: o.language, extension: o.extension }) };
      const sent = await s.client(command).invite({ params: { org: o.org }, body });
      const how =
        sent.link === null ? 'a mail goes out' : `send this link, good for 7 days and for once:\n${sent.link}`;
      printDone(s, `invited ${sent.email}; ${how}`, sent, o.json);
    });
  user
    .command('update <email>')
    .description('change one; acts at once')
    .option('--name <name>', 'name for people')
    .option('--operator <yes|no>', 'may do all, in every organization', yesOrNo)
    .option('--suspended <yes|no>', 'is logged out and cannot log in', yesOrNo)
    .option('--no-code', 'asks for no code at login: phone and recovery codes were lost')
    .addOption(jsonOption())
    .action(
      async (
        email: string,
        o: { name?: string; operator?: boolean; suspended?: boolean; code: boolean; json?: true },
        command: Command,
      ) => {
        const client = s.client(command);
        const params = { user: await idOf(client, email) };
        const change = given({ name: o.name, isOperator: o.operator, isSuspended: o.suspended });
        const body = o.code ? change : { ...change, hasTwoFactor: false as const };
        printOne(s, await client.updateUser({ params, body }), o.json);
      },
    );
  user
    .command('reset-password <email>')
    .description('make a new password and print it, once; all sessions end')
    .addOption(jsonOption())
    .action(async (email: string, o: { json?: true }, command: Command) => {
      const client = s.client(command);
      const made = await client.resetUserPassword({ params: { user: await idOf(client, email) } });
      printDone(s, `new password of ${made.email}: ${made.password}`, made, o.json);
    });
  user
    .command('delete <email>')
    .description('delete one, with all memberships; at once')
    .action(async (email: string, _o: unknown, command: Command) => {
      const client = s.client(command);
      await client.deleteUser({ params: { user: await idOf(client, email) } });
      s.output.out(`deleted ${email}`);
    });
}

async function idOf(client: Client, email: string): Promise<string> {
  const { items } = await client.listUsers({ query: { email } });
  if (!items[0]) throw new UserError(`nobody has the address ${email}`);
  return items[0].id;
}
