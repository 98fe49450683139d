import { openAsBlob } from 'node:fs';
import type { SpokenLanguage } from '@littlepbx/contract';
import { everyPage } from '@littlepbx/contract/client';
import type { Command } from 'commander';
import { UserError } from '../connection.ts';
import { json, time } from '../output.ts';
import {
  callsOption,
  given,
  jsonOption,
  languageOption,
  list,
  orNone,
  printDone,
  printList,
  printPriced,
  type Session,
  wholeNumber,
  withExamples,
} from '../session.ts';

interface Settings {
  json?: true;
  name?: string;
  country?: string;
  calls?: number;
  rate?: number;
  storage?: number;
  keepRecordings?: number;
  keepVoicemail?: number;
  countries?: string[];
  defaultNumber?: string;
  timeZone?: string;
  alertMailTo?: string[];
  language?: SpokenLanguage;
  extensions?: string[];
  numbers?: string[];
  adminKey?: true;
  admin?: string;
  maxExtensions?: number;
  maxDevices?: number;
  maxNumbers?: number;
  maxKeys?: number;
}

/** Quotas that were named; undefined when none was. */
function quotasOf(o: Settings) {
  const quotas = given({
    extensions: o.maxExtensions,
    devices: o.maxDevices,
    numbers: o.maxNumbers,
    keys: o.maxKeys,
  });
  return Object.keys(quotas).length > 0 ? quotas : undefined;
}

export function orgCommand(program: Command, s: Session): void {
  const org = withExamples(
    program.command('org').description('organizations'),
    'org list',
    'org create acme --name "Acme Ltd" --country GB',
    'org update acme --calls 60 --countries GB,IE',
    'org logo acme logo.png',
    'org suspend acme --calls end',
  );

  org
    .command('list')
    .description('list all organizations')
    .option('--search <text>', 'with this in the name, short name or a number')
    .addOption(jsonOption())
    .action(async ({ search, ...o }: Settings & { search?: string }, command: Command) => {
      const client = s.client(command);
      const filter = search === undefined ? {} : { search };
      const rows = await everyPage((query) => client.listOrganizations({ query: { ...query, ...filter } }));
      printList(
        s,
        rows,
        [
          ['ORG', (r) => r.slug],
          ['NAME', (r) => r.name],
          ['COUNTRY', (r) => r.country],
          ['NUMBERS', (r) => r.numbers.length],
          ['REVISION', (r) => r.appliedRevision],
          ['PENDING', (r) => r.pendingChanges],
          ['SUSPENDED', (r) => r.isSuspended],
          ['DELETED', (r) => (r.deletedAt === null ? null : time(r.deletedAt))],
        ],
        o.json,
      );
    });
  org
    .command('show <org>')
    .description('show one')
    .addOption(jsonOption())
    .action(async (name: string, o: Settings, command: Command) => {
      const client = s.client(command);
      await printPriced(s, client, name, await client.getOrganization({ params: { org: name } }), o.json);
    });
  org
    .command('create <org>')
    .description('create one; ORG is its short name')
    .requiredOption('--name <name>', 'name for people')
    .requiredOption('--country <code>', 'country, two capital letters')
    .option('--calls <n>', 'calls in progress at most', wholeNumber)
    .option('--rate <n>', 'new calls per second at most', wholeNumber)
    .option('--storage <megabytes>', 'sounds it may store', wholeNumber)
    .option('--countries <list>', 'countries its calls may go to', list)
    .option('--time-zone <name>', "zone of its hours and days (its country's), such as Europe/London")
    .addOption(languageOption("of what callers hear from machines, and of mails (its country's, else en)"))
    .option('--max-extensions <n>', 'extensions it may have', wholeNumber)
    .option('--max-devices <n>', 'devices it may have', wholeNumber)
    .option('--max-numbers <n>', 'numbers it may have', wholeNumber)
    .option('--max-keys <n>', 'API keys it may have', wholeNumber)
    .option('--extensions <list>', 'numbers of extensions it starts with, such as 101,102', list)
    .option('--numbers <list>', 'its first numbers; they lead to the first extension', list)
    .option('--alert-mail-to <list>', 'addresses of its admins, who are told of its alerts', list)
    .option('--admin <email>', 'invite its admin, by mail; without a mail server the link is printed')
    .option('--admin-key', 'make a key for its admin; the token is printed this once')
    .addOption(jsonOption())
    .action(async (slug: string, o: Settings & { name: string; country: string }, command: Command) => {
      const limits = limitsOf(o);
      const made = await s.client(command).createOrganization({
        body: {
          slug,
          name: o.name,
          country: o.country,
          ...given({
            limits,
            quotas: quotasOf(o),
            allowedCountries: o.countries,
            hasAdminKey: o.adminKey,
            admin: o.admin === undefined ? undefined : { email: o.admin },
            alertMailTo: o.alertMailTo,
          }),
          ...given({ timeZone: o.timeZone, language: o.language }),
          ...given({ extensions: o.extensions?.map((number) => ({ number, name: `Extension ${number}` })) }),
          ...given({ numbers: o.numbers?.map((number) => ({ number, extension: o.extensions?.[0] ?? null })) }),
        },
      });
      const token = made.adminToken === null ? '' : `\nkey of its admin: ${made.adminToken}`;
      const link = made.adminInvitation?.link ? `\nlink for its admin: ${made.adminInvitation.link}` : '';
      printDone(s, `created ${made.slug}${token}${link}`, made, o.json);
    });
  org
    .command('update <org>')
    .description('change one; acts at once')
    .option('--name <name>', 'name for people')
    .option('--country <code>', 'country, two capital letters')
    .option('--calls <n>', 'calls in progress at most', wholeNumber)
    .option('--rate <n>', 'new calls per second at most', wholeNumber)
    .option('--storage <megabytes>', 'sounds it may store', wholeNumber)
    .option('--countries <list>', 'countries its calls may go to', list)
    .option('--max-extensions <n>', 'extensions it may have', wholeNumber)
    .option('--max-devices <n>', 'devices it may have', wholeNumber)
    .option('--max-numbers <n>', 'numbers it may have', wholeNumber)
    .option('--max-keys <n>', 'API keys it may have', wholeNumber)
    .option('--keep-recordings <days>', 'call recordings; 0: for ever', wholeNumber)
    .option('--keep-voicemail <days>', 'voicemail messages; 0: for ever', wholeNumber)
    .option('--default-number <number>', 'shown on calls to the outside; "none" for none')
    .option('--alert-mail-to <list>', "addresses of its admins, who are told of its alerts; '' for none", list)
    .option('--time-zone <name>', 'zone of its hours and days, such as Europe/London')
    .addOption(languageOption('of what callers hear from machines, and of mails'))
    .addOption(jsonOption())
    .action(async (name: string, o: Settings, command: Command) => {
      const limits = limitsOf(o);
      const now = await s.client(command).updateOrganization({
        params: { org: name },
        body: given({
          name: o.name,
          country: o.country,
          timeZone: o.timeZone,
          language: o.language,
          defaultNumber: orNone(o.defaultNumber),
          allowedCountries: o.countries,
          alertMailTo: o.alertMailTo,
          retention: someOf({ recordingsInDays: o.keepRecordings, voicemailInDays: o.keepVoicemail }),
          limits,
          quotas: quotasOf(o),
        }),
      });
      printDone(s, `changed ${now.slug}`, now, o.json);
    });
  org
    .command('logo <org> [file]')
    .description('the logo on its pages: PNG, JPEG or WebP, 256 KiB at most; without a file it is taken away')
    .action(async (name: string, file: string | undefined, _o: Settings, command: Command) => {
      const client = s.client(command);
      const params = { org: name };
      if (file === undefined) await client.removeLogo({ params });
      else {
        const image = await openAsBlob(file).catch((error: Error) => {
          throw new UserError(`cannot read the image: ${error.message}`);
        });
        await client.setLogo({ params, image });
      }
      s.output.out(file === undefined ? `took the logo of ${name} away` : `set the logo of ${name}`);
    });
  org
    .command('suspend <org>')
    .description('no calls but to emergency services; at once')
    .addOption(callsOption('keep'))
    .addOption(jsonOption())
    .action(async (name: string, o: { calls: 'end' | 'keep'; json?: true }, command: Command) => {
      const now = await s.client(command).suspendOrganization({ params: { org: name }, body: { calls: o.calls } });
      printDone(s, `suspended ${now.slug}`, now, o.json);
    });
  org
    .command('unsuspend <org>')
    .description('take a suspension back; at once')
    .addOption(jsonOption())
    .action(async (name: string, o: Settings, command: Command) => {
      const now = await s.client(command).unsuspendOrganization({ params: { org: name } });
      printDone(s, `unsuspended ${now.slug}`, now, o.json);
    });
  org
    .command('delete <org>')
    .description('delete one; for 7 days it can be restored and exported, then it is erased')
    .option('--yes', 'really')
    .option('--end-calls', 'end its calls in progress instead of letting them finish')
    .option('--erase-now', 'with all it owns, its call records too, at once and for ever')
    .action(async (name: string, o: { yes?: true; endCalls?: true; eraseNow?: true }, command: Command) => {
      if (!o.yes) throw new UserError(`this takes ${name} and all that it owns away; add --yes if you mean it`);
      await s.client(command).deleteOrganization({
        params: { org: name },
        query: { confirm: name, ...(o.endCalls ? { calls: 'end' } : {}), ...(o.eraseNow ? { erase: 'now' } : {}) },
      });
      s.output.out(o.eraseNow ? `erased ${name}` : `deleted ${name}; back with: littlepbx org restore ${name}`);
    });
  org
    .command('restore <org>')
    .description('take back a deletion')
    .action(async (name: string, _o: object, command: Command) => {
      const back = await s.client(command).restoreOrganization({ params: { org: name } });
      s.output.out(`${back.slug} is back`);
    });
  org
    .command('export <org>')
    .description('print all that is known of one as JSON, without secrets; its calls: littlepbx call export')
    .action(async (name: string, _o: object, command: Command) => {
      s.output.out(json(await s.client(command).exportOrganization({ params: { org: name } })));
    });
}

/** Undefined when none is named. */
function limitsOf(o: Settings) {
  const limits = given({
    concurrentCalls: o.calls,
    callsPerSecond: o.rate,
    storageBytes: o.storage === undefined ? undefined : o.storage * 1024 ** 2,
  });
  return Object.keys(limits).length > 0 ? limits : undefined;
}

function someOf<T extends object>(members: T) {
  const named = given(members);
  return Object.keys(named).length > 0 ? named : undefined;
}
