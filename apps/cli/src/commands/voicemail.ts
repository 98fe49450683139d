import type { VoicemailMessageAnswer } from '@littlepbx/contract';
import { everyPage } from '@littlepbx/contract/client';
import { type Command, Option } from 'commander';
import { length, time } from '../output.ts';
import {
  given,
  jsonOption,
  orgOption,
  orNone,
  printDone,
  printList,
  printOne,
  type Session,
  wholeNumber,
  withExamples,
  yesOrNo,
} from '../session.ts';
import { writeSound } from './file.ts';

interface Settings {
  org: string;
  json?: true;
}

export function voicemailCommand(program: Command, s: Session): void {
  const voicemail = withExamples(
    program.command('voicemail').description('voicemail boxes of extensions and their messages; changes act at once'),
    'voicemail boxes --org acme',
    'voicemail show 101 --org acme',
    'voicemail set 101 --org acme --email alice@example.com',
    'voicemail reset-pin 101 --org acme',
    'voicemail list 101 --org acme',
    'voicemail download 101 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --org acme --to message.wav',
  );

  voicemail
    .command('boxes')
    .description('list the boxes of all extensions and what waits in them')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const client = s.client(command);
      const rows = await everyPage((page) => client.listVoicemailBoxes({ params: { org: o.org }, query: page }));
      printList(
        s,
        rows,
        [
          ['EXTENSION', (r) => r.extension],
          ['NAME', (r) => r.name],
          ['NEW', (r) => r.newMessages],
          ['OLD', (r) => r.oldMessages],
          ['LATEST', (r) => (r.latestAt === null ? null : time(r.latestAt))],
        ],
        o.json,
      );
    });
  voicemail
    .command('show <extension>')
    .description('show the box')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (extension: string, o: Settings, command: Command) => {
      printOne(s, await s.client(command).getVoicemailBox({ params: { org: o.org, extension } }), o.json);
    });
  voicemail
    .command('set <extension>')
    .description('change the box')
    .addOption(orgOption())
    .option('--pin <digits>', 'PIN of 6 to 20 digits; unlocks the box too')
    .option('--greeting <id>', 'sound that greets; none: the stock greeting')
    .option('--max-message-in-s <seconds>', 'longest message', wholeNumber)
    .option('--email <address>', 'where new messages are told; none: nowhere')
    .option('--attach-sound <yes|no>', 'whether the mail brings the sound', yesOrNo)
    .addOption(jsonOption())
    .action(
      async (
        extension: string,
        o: Settings & {
          pin?: string;
          greeting?: string;
          maxMessageInS?: number;
          email?: string;
          attachSound?: boolean;
        },
        command: Command,
      ) => {
        const body = given({
          pin: o.pin,
          greeting: orNone(o.greeting),
          maxMessageInS: o.maxMessageInS,
          email: orNone(o.email),
          isSoundAttached: o.attachSound,
        });
        const now = await s.client(command).updateVoicemailBox({ params: { org: o.org, extension }, body });
        printDone(s, `changed the box of ${extension}`, now, o.json);
      },
    );
  voicemail
    .command('reset-pin <extension>')
    .description('take the PIN away and unlock the box; the owner chooses a new one at the next *97')
    .addOption(orgOption())
    .action(async (extension: string, o: Settings, command: Command) => {
      await s.client(command).updateVoicemailBox({ params: { org: o.org, extension }, body: { pin: null } });
      s.output.out(`reset the PIN of ${extension}`);
    });
  voicemail
    .command('unlock <extension>')
    .description('open a box that is locked after wrong PINs')
    .addOption(orgOption())
    .action(async (extension: string, o: Settings, command: Command) => {
      await s.client(command).updateVoicemailBox({ params: { org: o.org, extension }, body: { isLocked: false } });
      s.output.out(`unlocked the box of ${extension}`);
    });
  voicemail
    .command('list <extension>')
    .description('list its messages, newest first')
    .addOption(orgOption())
    .addOption(new Option('--only <which>', 'new or old ones').choices(['new', 'old']))
    .addOption(jsonOption())
    .action(async (extension: string, o: Settings & { only?: 'new' | 'old' }, command: Command) => {
      const client = s.client(command);
      const filter = o.only ? { isSaved: o.only === 'old' ? ('true' as const) : ('false' as const) } : {};
      const rows = await everyPage((page) =>
        client.listVoicemailMessages({ params: { org: o.org, extension }, query: { ...page, ...filter } }),
      );
      printMessages(s, rows, o.json);
    });
  voicemail
    .command('download <extension> <id>')
    .description('write one message to a WAV file')
    .addOption(orgOption())
    .option('--to <path>', 'file to make; default: ID.wav')
    .action(async (extension: string, id: string, o: Settings & { to?: string }, command: Command) => {
      const params = { org: o.org, extension, message: id };
      const answer = await s.client(command).downloadVoicemailMessage({ params });
      s.output.out(`wrote ${await writeSound(answer, o.to ?? `${id}.wav`)}`);
    });
  for (const [name, isSaved] of [
    ['save', true],
    ['mark-new', false],
  ] as const) {
    voicemail
      .command(`${name} <extension> <id>`)
      .description(isSaved ? 'mark one message as heard and kept' : 'mark one message as new')
      .addOption(orgOption())
      .action(async (extension: string, id: string, o: Settings, command: Command) => {
        const params = { org: o.org, extension, message: id };
        await s.client(command).updateVoicemailMessage({ params, body: { isSaved } });
        s.output.out(`${isSaved ? 'saved' : 'marked as new'}: ${id}`);
      });
  }
  voicemail
    .command('delete <extension> <id>')
    .description('delete one message for good')
    .addOption(orgOption())
    .action(async (extension: string, id: string, o: Settings, command: Command) => {
      await s.client(command).deleteVoicemailMessage({ params: { org: o.org, extension, message: id } });
      s.output.out(`deleted ${id}`);
    });
}

function printMessages(s: Session, rows: VoicemailMessageAnswer[], asJson: boolean | undefined): void {
  printList(
    s,
    rows,
    [
      ['LEFT', (r) => time(r.createdAt)],
      ['FROM', (r) => r.from],
      ['NAME', (r) => r.fromName],
      ['LENGTH', (r) => length(r.duration)],
      ['STATE', (r) => (r.isSaved ? 'old' : 'new')],
      ['ID', (r) => r.id],
    ],
    asJson,
  );
}
