import type { Command } from 'commander';
import { json as asJson, length, money, table, time } from '../output.ts';
import { jsonOption, orgOption, type Session, withExamples } from '../session.ts';

export function usageCommand(program: Command, s: Session): void {
  const usage = withExamples(
    program.command('usage').description('what calls to the outside have used'),
    'usage show --org acme',
  );
  usage
    .command('show')
    .description('of the present hour and day, with the caps')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (o: { org: string; json?: true }, command: Command) => {
      const now = await s.client(command).getUsage({ params: { org: o.org } });
      if (o.json) return s.output.out(asJson(now));
      const rows = [
        { who: 'all, this hour', ...now.hour },
        { who: 'all, today', ...now.day },
        ...now.extensions.map((e) => ({ who: `${e.extension ?? e.extensionId}, today`, ...e.day })),
      ];
      const what = (id: string, value: number) =>
        id.startsWith('minutes') ? length(value) : money(value, now.currency);
      s.output.out(
        [
          table(rows, [
            ['WHO', (r) => r.who],
            ['CALLS', (r) => r.calls],
            ['TALKED', (r) => length(r.duration)],
            [`COST${now.currency ? ` ${now.currency}` : ''}`, (r) => money(r.cost)],
          ]),
          '',
          table(now.caps, [
            ['LIMIT', (r) => r.id + (r.isOffHours ? ', night or weekend' : '')],
            ['USED', (r) => what(r.id, r.used)],
            ['OF', (r) => what(r.id, r.limit)],
          ]),
          ...now.alerts.slice(0, 10).map(
            (a) =>
              `${time(a.at)}  ${a.id}  ${Object.values(a.detail)
                .filter((v) => v !== null && v !== false)
                .join(' ')}`,
          ),
        ].join('\n'),
      );
    });
}
