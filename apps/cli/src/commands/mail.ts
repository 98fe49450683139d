import { everyPage } from '@littlepbx/contract/client';
import { type Command, Option } from 'commander';
import { time } from '../output.ts';
import {
  given,
  jsonOption,
  orNone,
  passwordIn,
  printDone,
  printList,
  printOne,
  type Session,
  wholeNumber,
  withExamples,
  yesOrNo,
} from '../session.ts';

interface Settings {
  json?: true;
  host: string;
  from: string;
  port?: number;
  security?: 'tls' | 'starttls' | 'none';
  verifyCertificate?: boolean;
  username?: string;
  passwordFile?: string;
  fromName?: string;
  to: string;
}

export function mailCommand(program: Command, s: Session): void {
  const mail = withExamples(
    program.command('mail').description("how e-mail goes out; the operator's"),
    'mail set --host smtp.example.com --username pbx --password-file password.txt --from pbx@example.com',
    'mail test --to me@example.com',
    'mail list',
  );

  mail
    .command('show')
    .description('the mail server, and how much waits')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const state = await s.client(command).getMail();
      if (o.json || state.server === null) {
        return printDone(s, 'no mail server is set: mails are dropped', state, o.json);
      }
      const { server, ...counts } = state;
      printOne(s, { ...server, ...counts }, false);
    });
  mail
    .command('set')
    .description('set the mail server')
    .requiredOption('--host <host>', 'name or address')
    .requiredOption('--from <address>', 'address that mails come from')
    .option('--port <n>', '465, 587 or 25 by --security when left out', wholeNumber)
    .addOption(new Option('--security <how>', 'starttls when left out').choices(['tls', 'starttls', 'none']))
    .option('--verify-certificate <yes|no>', 'no takes any certificate', yesOrNo)
    .option('--username <name>', 'none takes it away')
    .option('--password-file <file>', 'file that holds the password, "-" standard input; it stays when left out')
    .option('--from-name <name>', 'name that mails come from')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const password = o.passwordFile === undefined ? undefined : passwordIn(o.passwordFile);
      const set = await s.client(command).setMailServer({
        body: {
          host: o.host,
          fromAddress: o.from,
          ...given({
            port: o.port,
            security: o.security,
            verifyCertificate: o.verifyCertificate,
            username: orNone(o.username),
            password,
            fromName: o.fromName,
          }),
        },
      });
      printDone(s, `mail goes out by ${set.host}:${set.port}`, set, o.json);
    });
  mail
    .command('remove')
    .description('send no mail any more; what waits is dropped')
    .action(async (_o: Settings, command: Command) => {
      await s.client(command).removeMailServer();
      s.output.out('no mail goes out any more');
    });
  mail
    .command('test')
    .description('send a test mail now')
    .requiredOption('--to <address>', 'who gets it')
    .action(async (o: Settings, command: Command) => {
      await s.client(command).testMail({ body: { to: o.to } });
      s.output.out(`the mail server took a mail to ${o.to}`);
    });
  mail
    .command('list')
    .description('mails that wait, and those that were given up')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const client = s.client(command);
      const rows = await everyPage((query) => client.listMails({ query }));
      printList(
        s,
        rows,
        [
          ['ID', (r) => r.id],
          ['QUEUED', (r) => time(r.createdAt)],
          ['TO', (r) => r.to.join(', ')],
          ['SUBJECT', (r) => r.subject],
          ['TRIED', (r) => r.attempts],
          ['NEXT', (r) => (r.failedAt === null ? time(r.nextAttemptAt) : 'given up')],
          ['ERROR', (r) => r.lastError],
        ],
        o.json,
      );
    });
  mail
    .command('retry <id>')
    .description('try a mail again at once')
    .action(async (id: string, _o: Settings, command: Command) => {
      await s.client(command).retryMail({ params: { mail: id } });
      s.output.out(`mail ${id} is tried again`);
    });
  mail
    .command('delete <id>')
    .description('drop a mail')
    .action(async (id: string, _o: Settings, command: Command) => {
      await s.client(command).deleteMail({ params: { mail: id } });
      s.output.out(`dropped mail ${id}`);
    });
}
