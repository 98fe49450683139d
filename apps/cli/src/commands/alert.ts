import type { AlertAnswer } from '@littlepbx/contract';
import { type Command, Option } from 'commander';
import { UserError } from '../connection.ts';
import { time } from '../output.ts';
import {
  given,
  jsonOption,
  list,
  orNone,
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
  mailTo?: string[];
  language?: 'en' | 'ru';
  webhook?: string;
  allowPrivate?: boolean;
  diskFreePercent?: number;
  certificateInDays?: number;
  registrationsDropPercent?: number;
  failedCallsPercent?: number;
  eventLoopLag?: number;
  storageUsedPercent?: number;
  spendLimitPercent?: number;
  backupInDays?: number;
}

export function alertCommand(program: Command, s: Session): void {
  const alert = withExamples(
    program.command('alert').description("what is wrong with the installation, and who is told; the operator's"),
    'alert list',
    'alert set --mail-to operator@example.com --webhook https://alerts.example.com/littlepbx',
    'alert test',
    'alert mute disk-low',
  );

  alert
    .command('list')
    .description('those that stand, then those that are over')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const { items } = await s.client(command).listAlerts();
      printList(
        s,
        items,
        [
          ['SINCE', (r) => time(r.raisedAt)],
          ['UNTIL', (r) => (r.resolvedAt === null ? 'now' : time(r.resolvedAt))],
          ['SEVERITY', (r) => r.severity],
          ['ALERT', (r) => r.kind],
          ['ABOUT', (r) => r.subject],
          [
            'FACTS',
            (r) =>
              Object.entries(r.facts)
                .map(([name, value]) => `${name} ${value}`)
                .join(', '),
          ],
          ['TOLD', (r) => time(r.toldAt)],
        ],
        o.json,
      );
    });
  alert
    .command('show')
    .description('how alerts are told, and from when on')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      printOne(s, await s.client(command).getAlertSettings(), o.json);
    });
  alert
    .command('set')
    .description('change how alerts are told; what is left out stays')
    .option('--mail-to <list>', "addresses; '' for no mail", list)
    .addOption(new Option('--language <language>', 'of the mails').choices(['en', 'ru']))
    .option('--webhook <url>', 'where they are posted, signed; none takes it away')
    .option('--allow-private <yes|no>', 'whether the webhook may lead to this machine or a private network', yesOrNo)
    .option('--disk-free-percent <n>', 'less free than this', wholeNumber)
    .option('--certificate-in-days <n>', 'ends sooner than this', wholeNumber)
    .option('--registrations-drop-percent <n>', 'so many gone within five minutes', wholeNumber)
    .option('--failed-calls-percent <n>', 'so many of ten minutes failed', wholeNumber)
    .option('--event-loop-lag <ms>', 'later than this', wholeNumber)
    .option('--storage-used-percent <n>', "so much of an organization's storage is used", wholeNumber)
    .option('--spend-limit-percent <n>', 'so much of a spending limit is used', wholeNumber)
    .option('--backup-in-days <n>', 'the last backup is older than this', wholeNumber)
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const thresholds = given({
        diskFreePercent: o.diskFreePercent,
        certificateInDays: o.certificateInDays,
        registrationsDropPercent: o.registrationsDropPercent,
        failedCallsPercent: o.failedCallsPercent,
        eventLoopLag: o.eventLoopLag,
        storageUsedPercent: o.storageUsedPercent,
        spendLimitPercent: o.spendLimitPercent,
        backupInDays: o.backupInDays,
      });
      const body = given({
        mailTo: o.mailTo,
        language: o.language,
        webhookUrl: orNone(o.webhook),
        isPrivateAllowed: o.allowPrivate,
        thresholds: Object.keys(thresholds).length > 0 ? thresholds : undefined,
      });
      printOne(s, await s.client(command).updateAlertSettings({ body }), o.json);
    });
  alert
    .command('test')
    .description('send a test by mail and webhook now')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const { items } = await s.client(command).testAlerts();
      if (items.length === 0)
        throw new UserError('nobody is told: littlepbx alert set, and littlepbx mail set for mails');
      printList(
        s,
        items,
        [
          ['CHANNEL', (r) => r.channel],
          ['SENT', (r) => r.isSent],
          ['REASON', (r) => r.reason],
        ],
        o.json,
      );
    });
  for (const [verb, isMute] of [
    ['mute', true],
    ['unmute', false],
  ] as const) {
    alert
      .command(`${verb} <alert>`)
      .description(isMute ? 'list it, and tell nobody' : 'tell of it again')
      .addOption(jsonOption())
      .action(async (kind: AlertAnswer['kind'], o: Settings, command: Command) => {
        const client = s.client(command);
        const { muted: before } = await client.getAlertSettings();
        const others = before.filter((other) => other !== kind);
        const { muted } = await client.updateAlertSettings({ body: { muted: isMute ? [...others, kind] : others } });
        printDone(s, `muted: ${muted.join(', ') || 'none'}`, { muted }, o.json);
      });
  }
}
