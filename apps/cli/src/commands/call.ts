import { join } from 'node:path';
import { type CdrAnswer, RESULTS } from '@littlepbx/contract';
import { type Client, everyPage } from '@littlepbx/contract/client';
import { type Command, Option } from 'commander';
import { UserError } from '../connection.ts';
import { details, length, table, time } from '../output.ts';
import {
  given,
  jsonOption,
  moment,
  orgOption,
  printDone,
  printList,
  printOne,
  type Session,
  wholeNumber,
  withExamples,
} from '../session.ts';
import { download, printFiles } from './file.ts';

const DIRECTIONS = ['internal', 'inbound', 'outbound'] as const;

interface Settings {
  org: string;
  json?: true;
}
interface Filter extends Settings {
  live?: true;
  all?: true;
  limit: number;
  from?: string;
  to?: string;
  extension?: string;
  search?: string;
  since?: number;
  until?: number;
  result?: (typeof RESULTS)[number];
  direction?: (typeof DIRECTIONS)[number];
}

export function callCommand(program: Command, s: Session): void {
  const call = withExamples(
    program.command('call').description('past calls with their explanation, and calls in progress'),
    'call list --org acme --since 2026-01-31 --result no-answer',
    'call list --org acme --live',
    'call show 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --org acme',
    'call recordings 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --org acme --to .',
    'call hangup 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --org acme',
  );

  call
    .command('list')
    .description('list past calls, newest first; with --live those in progress')
    .addOption(orgOption())
    .option('--live', 'calls in progress')
    .option('--from <number>', 'by this caller')
    .option('--to <number>', 'to this number')
    .option('--extension <number>', 'placed by, dialled to or answered by this extension')
    .option('--search <text>', 'with this in a number or name')
    .option('--since <time>', 'began at or after', moment)
    .option('--until <time>', 'began before', moment)
    .addOption(new Option('--result <result>', 'that ended so').choices(RESULTS))
    .addOption(new Option('--direction <direction>', 'of this kind').choices(DIRECTIONS))
    .option('--limit <n>', 'how many at most', wholeNumber, 200)
    .option('--all', 'all there are')
    .addOption(jsonOption())
    .action(async (o: Filter, command: Command) => {
      const client = s.client(command);
      if (o.live) return printLive(s, client, o);
      printList(
        s,
        await past(client, o),
        [
          ['STARTED', (r) => time(r.startedAt)],
          ['FROM', (r) => r.from],
          ['TO', (r) => r.to],
          ['ANSWERED BY', (r) => (r.result === 'answered' ? r.answeredBy : null)],
          ['RESULT', (r) => r.result],
          ['REASON', (r) => r.reason],
          ['TALK', (r) => length(r.talkDuration)],
          ['ID', (r) => r.id],
        ],
        o.json,
      );
    });
  call
    .command('show <id>')
    .description('explain a past call step by step')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (id: string, o: Settings, command: Command) => {
      const found = await s.client(command).getCall({ params: { org: o.org, call: id } });
      const steps = table(found.trace, [
        ['AFTER', (step) => `${((step.at - found.cdr.startedAt) / 1000).toFixed(3)} s`],
        ['STEP', (step) => step.step],
        ['DETAIL', (step) => (step.detail ? details(step.detail).replace(/ *\n/g, ', ').replace(/ {2,}/g, ' ') : '')],
      ]);
      printDone(s, `${details(found.cdr)}\n\n${steps}`, found, o.json);
    });
  call
    .command('export')
    .description('print all calls of some days as CSV, for bills; with --json their sums')
    .addOption(orgOption())
    .requiredOption('--from <day>', 'first day, such as 2026-10-01')
    .requiredOption('--to <day>', 'last day')
    .option('--time-zone <name>', 'whose days, such as Europe/London (that of the organization)')
    .addOption(jsonOption())
    .action(async (o: Settings & { from: string; to: string; timeZone?: string }, command: Command) => {
      const client = s.client(command);
      const input = { params: { org: o.org }, query: { from: o.from, to: o.to, ...given({ timeZone: o.timeZone }) } };
      if (o.json) return printOne(s, await client.callTotals(input), true);
      const answer = await client.exportCalls(input);
      const whole = (answer.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream());
      let rest = '';
      for await (const text of whole) {
        const end = (rest + text).lastIndexOf('\r\n');
        if (end >= 0) s.output.out((rest + text).slice(0, end));
        rest = end >= 0 ? (rest + text).slice(end + 2) : rest + text;
      }
    });
  call
    .command('hangup <id>')
    .description('end a call in progress for everybody in it')
    .addOption(orgOption())
    .action(async (id: string, o: Settings, command: Command) => {
      await s.client(command).hangUpCall({ params: { org: o.org, call: id } });
      s.output.out(`hung up ${id}`);
    });
  call
    .command('transfer <id>')
    .description('connect the caller of a call in progress to somebody else')
    .addOption(orgOption())
    .requiredOption('--to <number>', 'extension or outside number')
    .action(async (id: string, o: Settings & { to: string }, command: Command) => {
      await s.client(command).transferCall({ params: { org: o.org, call: id }, body: { to: o.to } });
      s.output.out(`transferred ${id} to ${o.to}`);
    });
  call
    .command('record <id>')
    .description('start to record a call in progress, or stop')
    .addOption(orgOption())
    .option('--stop', 'stop')
    .action(async (id: string, o: Settings & { stop?: true }, command: Command) => {
      const action = o.stop ? 'stop' : 'start';
      await s.client(command).recordCall({ params: { org: o.org, call: id }, body: { action } });
      s.output.out(o.stop ? `stopped recording ${id}` : `recording ${id}`);
    });
  call
    .command('recordings <id>')
    .description('list the recordings of a call; with --to write them to files')
    .addOption(orgOption())
    .option('--to <folder>', 'folder to write them to')
    .addOption(jsonOption())
    .action(async (id: string, o: Settings & { to?: string }, command: Command) => {
      const client = s.client(command);
      const { items } = await client.listFiles({ params: { org: o.org }, query: { call: id, kind: 'recording' } });
      if (o.to === undefined) return printFiles(s, items, o.json);
      for (const file of items) {
        s.output.out(`wrote ${await download(client, o.org, file.id, join(o.to, `${file.id}.wav`))}`);
      }
      if (items.length === 0) s.output.out('none');
    });
}

async function past(client: Client, o: Filter): Promise<CdrAnswer[]> {
  const params = { org: o.org };
  const filter = given({
    from: o.from,
    to: o.to,
    extension: o.extension,
    search: o.search,
    since: o.since,
    until: o.until,
    result: o.result,
    direction: o.direction,
  });
  if (o.all) return everyPage((page) => client.listCalls({ params, query: { ...page, ...filter } }));
  if (o.limit < 1) throw new UserError('--limit: must be at least 1');
  const rows: CdrAnswer[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: Math.min(200, o.limit - rows.length), ...(cursor === null ? {} : { cursor }), ...filter };
    const page: { items: CdrAnswer[]; nextCursor: string | null } = await client.listCalls({ params, query });
    rows.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && rows.length < o.limit);
  return rows;
}

async function printLive(s: Session, client: Client, o: Filter): Promise<void> {
  const { items } = await client.listLiveCalls({ params: { org: o.org } });
  printList(
    s,
    items,
    [
      ['STARTED', (r) => time(r.startedAt)],
      ['FROM', (r) => r.from],
      ['TO', (r) => r.to],
      ['WITH', (r) => r.with],
      ['STATE', (r) => r.state],
      ['FOR', (r) => length(Date.now() - (r.answeredAt ?? r.startedAt))],
      ['RECORDED', (r) => r.isRecorded],
      ['ID', (r) => r.id],
    ],
    o.json,
  );
}
