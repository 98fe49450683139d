import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../connection.ts';
import {
  amount,
  given,
  jsonOption,
  orgOption,
  printDone,
  printPriced,
  type Session,
  wholeNumber,
  withExamples,
  yesOrNo,
} from '../session.ts';

/** Commander turns a null of a parser into an empty text. */
type Value = number | 'none';

interface Settings {
  org: string;
  extension?: string;
  json?: true;
  calls?: Value;
  rate?: Value;
  minutesPerHour?: Value;
  minutesPerDay?: Value;
  moneyPerHour?: Value;
  moneyPerDay?: Value;
  night?: { fromHour: number; toHour: number };
  weekends?: boolean;
  offPercent?: number;
  newCountryCalls?: number;
  shortCalls?: number;
  parallelCalls?: number;
  moneyPerTenMinutes?: number;
}

const orNone =
  (parse: (text: string) => number) =>
  (text: string): Value =>
    text === 'none' ? text : parse(text);

function hours(text: string): { fromHour: number; toHour: number } {
  const match = /^(\d{1,2})-(\d{1,2})$/.exec(text);
  if (!match || Number(match[1]) > 23 || Number(match[2]) > 23) {
    throw new InvalidArgumentError('Must be two hours from 0 to 23, such as 20-7.');
  }
  return { fromHour: Number(match[1]), toHour: Number(match[2]) };
}

export function limitsCommand(program: Command, s: Session): void {
  const limits = withExamples(
    program.command('limits').description('what calls may use; changes act at once'),
    'limits show --org acme',
    'limits set --org acme --money-per-day 50 --night 20-7 --off-percent 25',
    'limits set --org acme --extension 101 --minutes-per-hour 60',
    'limits set --org acme --extension 101 --minutes-per-hour none',
  );
  const extensionOption = () => new Option('--extension <number>', 'of this extension alone');

  limits
    .command('show')
    .description("show an organization's, or an extension's")
    .addOption(orgOption())
    .addOption(extensionOption())
    .addOption(jsonOption())
    .action(async ({ org, extension, json }: Settings, command: Command) => {
      const client = s.client(command);
      if (extension !== undefined) {
        const limits = await client.getExtensionLimits({ params: { org, extension } });
        return printPriced(s, client, org, limits, json);
      }
      const { limits: own, timeZone } = await client.getOrganization({ params: { org } });
      await printPriced(s, client, org, { ...own, timeZone }, json);
    });
  limits
    .command('set')
    .description('change some; "none" takes an extension\'s away')
    .addOption(orgOption())
    .addOption(extensionOption())
    .option('--calls <n>', 'calls in progress', orNone(wholeNumber))
    .option('--rate <n>', 'new calls per second', orNone(wholeNumber))
    .option('--minutes-per-hour <n>', 'minutes of calls to the outside', orNone(wholeNumber))
    .option('--minutes-per-day <n>', 'the same by the day', orNone(wholeNumber))
    .option('--money-per-hour <amount>', 'cost of calls to the outside', orNone(amount))
    .option('--money-per-day <amount>', 'the same by the day', orNone(amount))
    .option('--night <from-to>', 'hours with lower limits, such as 20-7', hours)
    .option('--weekends <yes|no>', 'lower limits on Saturday and Sunday too', yesOrNo)
    .option('--off-percent <n>', 'what of minutes and money may be used then', wholeNumber)
    .option('--new-country-calls <n>', 'suspend a phone with more calls an hour to a new country', wholeNumber)
    .option('--short-calls <n>', 'suspend a phone with more short calls a minute', wholeNumber)
    .option('--parallel-calls <n>', 'suspend a phone with more calls at once to one prefix', wholeNumber)
    .option('--money-per-ten-minutes <amount>', 'suspend a phone whose calls cost more', amount)
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const { org, extension } = o;
      const offHours = given({ ...o.night, hasWeekends: o.weekends, percent: o.offPercent });
      const anomaly = given({
        callsToNewCountry: o.newCountryCalls,
        shortCallsPerMinute: o.shortCalls,
        parallelCallsToPrefix: o.parallelCalls,
        moneyPerTenMinutes: o.moneyPerTenMinutes,
      });
      const value = (v: Value | undefined) => (v === 'none' ? null : v);
      const caps = given({
        concurrentCalls: value(o.calls),
        callsPerSecond: value(o.rate),
        minutesPerHour: value(o.minutesPerHour),
        minutesPerDay: value(o.minutesPerDay),
        moneyPerHour: value(o.moneyPerHour),
        moneyPerDay: value(o.moneyPerDay),
      });
      const isOfOrganization = Object.keys(offHours).length + Object.keys(anomaly).length > 0;
      if (extension !== undefined) {
        if (isOfOrganization)
          throw new UserError('hours and what is watched are of the organization, not an extension');
        const now = await s.client(command).updateExtensionLimits({ params: { org, extension }, body: caps });
        return printDone(s, `changed limits of ${extension}`, now, o.json);
      }
      const none = Object.entries(caps).find(([, cap]) => cap === null)?.[0];
      if (none !== undefined) throw new UserError(`${none}: an organization always has one`);
      const body = {
        limits: {
          ...(caps as { [K in keyof typeof caps]: number }),
          ...(Object.keys(offHours).length ? { offHours } : {}),
          ...(Object.keys(anomaly).length ? { anomaly } : {}),
        },
      };
      const now = await s.client(command).updateOrganization({ params: { org }, body });
      printDone(s, `changed limits of ${now.slug}`, now.limits, o.json);
    });
}
