import type { Command } from 'commander';
import { Option } from 'commander';
import { json as asJson, length, table } from '../output.ts';
import { given, jsonOption, orgOption, type Session, withExamples } from '../session.ts';

interface Settings {
  org: string;
  from: string;
  to: string;
  timeZone?: string;
  by: 'hour' | 'day';
  csv?: true;
  json?: true;
}

export function statisticsCommand(program: Command, s: Session): void {
  withExamples(
    program
      .command('statistics')
      .description('count past calls, by the hour or day and by extension')
      .addOption(orgOption())
      .requiredOption('--from <day>', 'first day, YYYY-MM-DD')
      .requiredOption('--to <day>', 'last day')
      .option('--time-zone <name>', "whose days and hours; else the organization's own")
      .addOption(new Option('--by <length>', 'a line for each').choices(['hour', 'day']).default('day'))
      .option('--csv', 'print a table for a spreadsheet')
      .addOption(jsonOption()),
    'statistics --org acme --from 2026-10-01 --to 2026-10-31',
    'statistics --org acme --from 2026-10-05 --to 2026-10-05 --by hour --csv > monday.csv',
  ).action(async (o: Settings, command: Command) => {
    const query = { from: o.from, to: o.to, by: o.by, ...given({ timeZone: o.timeZone }) };
    const input = { params: { org: o.org }, query };
    const client = s.client(command);
    if (o.csv) return s.output.out((await (await client.exportStatistics(input)).text()).trimEnd());
    const found = await client.getStatistics(input);
    if (o.json) return s.output.out(asJson(found));
    const { busiestHour } = found;
    const rows = [...found.buckets, { local: 'all', ...found.totals }];
    s.output.out(
      [
        table(rows, [
          ['BEGINS', (r) => r.local.replace('T', ' ')],
          ['CALLS', (r) => r.calls],
          ['ANSWERED', (r) => r.answered],
          ['VOICEMAIL', (r) => r.voicemail],
          ['MISSED', (r) => r.missed],
          ['ABANDONED', (r) => r.abandoned],
          ['FAILED', (r) => r.failed],
          ['TALKED', (r) => length(r.talkDuration)],
        ]),
        '',
        table(found.extensions, [
          ['EXTENSION', (r) => r.extension],
          ['PLACED', (r) => r.placed],
          ['RECEIVED', (r) => r.received],
          ['ANSWERED', (r) => r.answered],
          ['MISSED', (r) => r.missed],
          ['TALKED', (r) => length(r.talkDuration)],
        ]),
        ...(busiestHour
          ? ['', `busiest hour: ${busiestHour.local.replace('T', ' ')}, ${busiestHour.calls} calls`]
          : []),
      ].join('\n'),
    );
  });
}
