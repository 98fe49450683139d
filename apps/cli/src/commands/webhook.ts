import { WEBHOOK_EVENTS, type WebhookAnswer } from '@littlepbx/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { time } from '../output.ts';
import {
  given,
  jsonOption,
  list,
  listCommand,
  orgOption,
  printDone,
  printList,
  printOne,
  type Session,
  withExamples,
  yesOrNo,
} from '../session.ts';

interface Settings {
  org: string;
  json?: true;
  url?: string;
  events?: WebhookAnswer['events'];
  description?: string;
  active?: boolean;
}

const events = (text: string): WebhookAnswer['events'] =>
  list(text).map((name) => {
    const event = WEBHOOK_EVENTS.find((known) => known === name);
    if (!event) throw new InvalidArgumentError(`Known are ${WEBHOOK_EVENTS.join(', ')}.`);
    return event;
  });

export function webhookCommand(program: Command, s: Session): void {
  const webhook = withExamples(
    program.command('webhook').description('programs of an organization that are told what happens'),
    'webhook list --org acme',
    'webhook create https://crm.example.com/hooks --org acme --events call-ended,voicemail-arrived',
    'webhook update 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --org acme --active no',
    'webhook log 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --org acme',
  );
  listCommand(webhook, s, 'list all', (client, input) => client.listWebhooks(input), [
    ['ID', (r) => r.id],
    ['URL', (r) => r.url],
    ['EVENTS', (r) => r.events.join(',')],
    ['ACTIVE', (r) => (r.isActive ? 'yes' : (r.disabledReason ?? 'no'))],
    ['FAILING SINCE', (r) => time(r.failingSince)],
  ]);
  webhook
    .command('create <url>')
    .description('create one and print its secret, once')
    .addOption(orgOption())
    .requiredOption('--events <list>', 'what it is told', events)
    .option('--description <text>', 'what it is for')
    .addOption(jsonOption())
    .action(async (url: string, o: Settings, command: Command) => {
      const body = { url, events: o.events!, ...given({ description: o.description }) };
      printOne(s, await s.client(command).createWebhook({ params: { org: o.org }, body }), o.json);
    });
  webhook
    .command('update <id>')
    .description('change one, at once')
    .addOption(orgOption())
    .option('--url <url>', 'where to')
    .option('--events <list>', 'what it is told', events)
    .option('--description <text>', 'what it is for')
    .option('--active <yes|no>', 'whether anything is sent', yesOrNo)
    .addOption(jsonOption())
    .action(async (id: string, o: Settings, command: Command) => {
      const body = given({ url: o.url, events: o.events, description: o.description, isActive: o.active });
      printOne(s, await s.client(command).updateWebhook({ params: { org: o.org, webhook: id }, body }), o.json);
    });
  webhook
    .command('secret <id>')
    .description('replace its secret and print the new one, once; the former one is good for 24 hours more')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (id: string, o: Settings, command: Command) => {
      printOne(s, await s.client(command).replaceWebhookSecret({ params: { org: o.org, webhook: id } }), o.json);
    });
  webhook
    .command('test <id>')
    .description('send a test message; see its log for what becomes of it')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (id: string, o: Settings, command: Command) => {
      const sent = await s.client(command).testWebhook({ params: { org: o.org, webhook: id } });
      printDone(s, `queued ${sent.id}`, sent, o.json);
    });
  webhook
    .command('log <id>')
    .description('what was sent last, newest first')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (id: string, o: Settings, command: Command) => {
      const params = { org: o.org, webhook: id };
      const { items } = await s.client(command).listWebhookDeliveries({ params, query: { limit: 50 } });
      printList(
        s,
        items,
        [
          ['ID', (r) => r.id],
          ['EVENT', (r) => r.event],
          ['HAPPENED', (r) => time(r.occurredAt)],
          ['STATE', (r) => r.state],
          ['TRIES', (r) => r.attempts],
          ['ANSWER', (r) => r.fault ?? r.responseStatus],
          ['NEXT', (r) => time(r.nextAttemptAt)],
        ],
        o.json,
      );
    });
  webhook
    .command('message <id> <delivery>')
    .description('what one of its messages says')
    .addOption(orgOption())
    .action(async (id: string, delivery: string, o: Settings, command: Command) => {
      const params = { org: o.org, webhook: id, delivery };
      printOne(s, await s.client(command).getWebhookMessage({ params }), true);
    });
  webhook
    .command('resend <id> <delivery>')
    .description('send one of its messages again')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (id: string, delivery: string, o: Settings, command: Command) => {
      const params = { org: o.org, webhook: id, delivery };
      printDone(s, `queued ${delivery}`, await s.client(command).resendWebhookDelivery({ params }), o.json);
    });
  webhook
    .command('delete <id>')
    .description('delete one, with its log')
    .addOption(orgOption())
    .action(async (id: string, o: Settings, command: Command) => {
      await s.client(command).deleteWebhook({ params: { org: o.org, webhook: id } });
      s.output.out(`deleted ${id}`);
    });
}
