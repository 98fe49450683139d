import { resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { LOG_NAMES, type LogName } from './commands/logs.ts';
import { type TestOptions, TIERS, type Tier, USUAL_TIERS } from './commands/test.ts';
import type { UpgradeOptions } from './commands/upgrade.ts';
import { Failure, messageOf } from './failure.ts';
import { defaultData, parseNetworks, parsePort, parsePortRange, type UpFlags } from './install/installation.ts';
import { SERVICE_NAMES, type ServiceName } from './processes/services.ts';
import { FETCHED, type FetchedLanguage } from './sounds/folder.ts';

// A strict umask of the caller would make an isolated root that its unprivileged users cannot read.
process.umask(0o022);

/** Commander shows what is wrong with an option's value, and its usage. */
function parsed<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}

const port = parsed(parsePort);
const seconds = parsed((text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 3600) throw new Failure('Give seconds, 1 to 3600.');
  return value;
});
const wholeNumber = parsed((text: string) => {
  if (!/^\d{1,9}$/.test(text)) throw new Failure('Give a whole number.');
  return text;
});
const ipOrName = parsed((text: string) => {
  if (!/^[A-Za-z0-9.:-]*$/.test(text)) throw new Failure(`'${text}' is no address.`);
  return text;
});

const httpUrl = parsed((text: string) => {
  if (!/^(https?:\/\/[A-Za-z0-9.:[\]-]+)?$/.test(text))
    throw new Failure(`'${text}' is no address like https://pbx.example.com.`);
  return text;
});

const program = new Command('littlepbx').description('LittlePBX on this machine').showHelpAfterError();

function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--data <dir>', 'folder of the installation', (text) => resolve(text), defaultData());
}

/** Where an installation listens, and what it uses. */
function withSettings(on: Command): Command {
  return on
    .option('--web-port <n>', 'API and documentation (8080)', port)
    .option('--web-host <ip>', 'address the API listens on (0.0.0.0)', ipOrName)
    .option('--sip-port <n>', 'SIP by UDP and TCP (5060)', port)
    .option('--sip-tls-port <n>', 'SIP by TLS (5061)', port)
    .option('--sip-carrier-tls-port <n>', 'SIP by TLS with carriers whose certificate is verified (5062)', port)
    .option('--sip-bind <ip>', 'address SIP and media listen on (0.0.0.0)', ipOrName)
    .option('--rtp-ports <a-b>', 'UDP ports for media (10000-19999)', parsed(parsePortRange))
    .option('--rtp-timeout-in-s <n>', 'no media for this long ends a call (60)', seconds)
    .option(
      '--public-address <ip>',
      'address that phones and carriers outside see, when it is not of this machine',
      ipOrName,
    )
    .option('--public-url <url>', 'where people reach the pages, for links in mails: https://pbx.example.com', httpUrl)
    .option('--pg-port <n>', 'own PostgreSQL, on 127.0.0.1 (54320)', port)
    .option('--ari-port <n>', "the engine's ARI, on 127.0.0.1 (8088)", port)
    .option('--ami-port <n>', "the engine's AMI, on 127.0.0.1 (5038)", port)
    .option('--database-url <url>', "owner's URL of a database to use instead of an own PostgreSQL ('' = own again)")
    .addOption(
      new Option('--log-personal-data <how>', 'numbers, names and addresses in the log (plain)').choices([
        'plain',
        'hashed',
        'removed',
      ]),
    )
    .option('--asterisk <auto|path>', 'an Asterisk >= 22.10.1 to use; auto: one on PATH, else an isolated one')
    .option(
      '--webhook-networks <cidrs>',
      "what organizations' webhooks may call beyond the public internet: 10.0.0.0/8,… ('' = nothing)",
      parsed(parseNetworks),
    )
    .option('--firewall', 'keep banned addresses out by nftables (default)')
    .option('--no-firewall', 'leave the nftables of this machine alone: the engine refuses banned addresses itself');
}

withSettings(
  command('up', 'install what is missing, start everything, wait until it is ready')
    .option('--demo', 'fill in two organizations with phones, numbers and trunks', false)
    .option('--detach', 'run in the background', false),
)
  .addHelpText('after', '\nPorts and addresses are remembered: the next `up` needs no flags.')
  .action(async ({ data, demo, detach, ...flags }: UpFlags & { data: string; demo: boolean; detach: boolean }) => {
    const { up } = await import('./commands/up.ts');
    await up({ data, demo, detach, flags });
  });

program
  .command('supervise', { hidden: true })
  .requiredOption('--data <dir>')
  .option('--watch', 'systemd starts the processes', false)
  .action(async ({ data, watch }: { data: string; watch: boolean }) => {
    const { superviseOnly } = await import('./commands/up.ts');
    const { loadInstalled } = await import('./install/install.ts');
    await superviseOnly(await loadInstalled(data), watch);
  });

command('down', 'stop everything; calls in progress end').action(async ({ data }: { data: string }) => {
  const { down } = await import('./commands/down.ts');
  await down(data);
});

command('restart', 'restart one process; only the engine takes calls with it')
  .addArgument(new Argument('<process>').choices([...SERVICE_NAMES]))
  .option('--drain-in-s <n>', 'the engine: refuse new calls and let those in progress end, for so long', seconds)
  .action(async (name: ServiceName, { data, drainInS }: { data: string; drainInS?: number }) => {
    const { restart } = await import('./commands/down.ts');
    await restart(data, name, drainInS);
  });

command('status', 'what is running; exit 1 unless it is ready')
  .option('--json', 'for programs', false)
  .action(async ({ data, json }: { data: string; json: boolean }) => {
    const { status } = await import('./commands/status.ts');
    process.exitCode = (await status(data, json)) ? 0 : 1;
  });

command('backup', 'everything into one file, while it runs; or --check one')
  .argument('<file>', 'where to; it must not be there yet')
  .option('--encrypt', 'ask for a passphrase and encrypt (age)', false)
  .option('--passphrase-file <file>', 'encrypt with the first line of this file')
  .option('--check', 'read the file instead, and say whether it is whole', false)
  .action(async (file: string, o: { data: string; encrypt: boolean; passphraseFile?: string; check: boolean }) => {
    const { backup, checkBackup } = await import('./commands/backup.ts');
    if (o.check) await checkBackup(resolve(file), o.passphraseFile);
    else await backup({ data: o.data, file: resolve(file), encrypt: o.encrypt, passphraseFile: o.passphraseFile });
  });

withSettings(
  command('restore', 'make an installation of a backup, in an empty --data folder')
    .argument('<file>', 'made by backup')
    .option('--passphrase-file <file>', 'its first line is the passphrase'),
)
  .addHelpText('after', '\nPorts and addresses are those of the backup unless given here. It is not started.')
  .action(
    async (file: string, { data, passphraseFile, ...flags }: UpFlags & { data: string; passphraseFile?: string }) => {
      const { restore } = await import('./commands/restore.ts');
      await restore({ data, file: resolve(file), passphraseFile, flags });
    },
  );

command('uninstall', 'stop it and remove it')
  .option('--yes', 'do not ask before the data is deleted', false)
  .option('--keep-data', 'keep the data folder', false)
  .option('--all', 'also what all installations share: Asterisk and PostgreSQL, Node, users', false)
  .action(async (o: { data: string; yes: boolean; keepData: boolean; all: boolean }) => {
    const { uninstall } = await import('./commands/uninstall.ts');
    await uninstall({ data: o.data, isSure: o.yes, keepData: o.keepData, all: o.all });
  });

command('install-service', 'have systemd run it, from now on and after every boot')
  .option(
    '--name <name>',
    'of the units (littlepbx, or littlepbx-<folder>)',
    parsed((text) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$/.test(text)) throw new Failure('Give letters, digits, - and _.');
      return text;
    }),
  )
  .action(async ({ data, name }: { data: string; name?: string }) => {
    const { installService } = await import('./commands/service.ts');
    await installService(data, name);
  });

command('uninstall-service', 'stop it, and take its systemd units away; data stays').action(
  async ({ data }: { data: string }) => {
    const { uninstallService } = await import('./commands/service.ts');
    await uninstallService(data);
  },
);

program
  .command('prepare', { hidden: true })
  .addArgument(new Argument('<what>').choices(['files', 'database', 'sounds']))
  .requiredOption('--data <dir>')
  .action(async (what: 'files' | 'database' | 'sounds', { data }: { data: string }) => {
    const { prepare } = await import('./commands/service.ts');
    await prepare(data, what);
  });

command('upgrade', 'the version in this folder takes over a running installation; calls go on')
  .option('--health-in-s <n>', 'not ready within this time: back to the old version', seconds, 20)
  .option(
    '--engine',
    "the engine too: this version's files and Debian's newest Asterisk, once calls have ended; new ones are refused meanwhile",
    false,
  )
  .option('--keep-packages', 'with --engine: its files alone, no newer Asterisk and PostgreSQL', false)
  .option('--drain-in-s <n>', 'with --engine: how long calls may keep it waiting, then they are ended', seconds, 600)
  .option('--now', 'with --engine: end the calls in progress at once', false)
  .addHelpText(
    'after',
    '\nWith --engine it runs in the folder that runs already, too. Newer packages come into an isolated root of their own ' +
      'beside the old one,\nwhich is gone back to when the engine does not get well, and removed when nobody uses it any more.',
  )
  .action(
    async ({
      now,
      engine,
      drainInS,
      ...o
    }: Omit<UpgradeOptions, 'isEngineToo'> & { engine: boolean; now: boolean }) => {
      if (now && !engine) throw new Failure('--now ends calls for the engine: it goes with --engine.');
      if (o.keepPackages && !engine) throw new Failure("--keep-packages is about the engine's: it goes with --engine.");
      const { upgrade } = await import('./commands/upgrade.ts');
      await upgrade({ ...o, isEngineToo: engine, drainInS: now ? 0 : drainInS });
    },
  );

const sounds = command('sounds', 'languages that machines speak: those that are there, and fetching more').action(
  async () => {
    const { listSounds } = await import('./commands/sounds.ts');
    listSounds();
  },
);
sounds
  .command('install')
  .description('fetch the sounds of languages now; they are fetched by themselves when somebody takes one')
  .addArgument(new Argument('<languages...>').choices([...FETCHED]))
  .action(async (languages: FetchedLanguage[]) => {
    const { installSounds } = await import('./commands/sounds.ts');
    await installSounds(languages);
  });

command('logs', 'what the processes wrote')
  .addArgument(new Argument('[process]').choices([...LOG_NAMES]))
  .option('-f, --follow', 'go on until Ctrl-C', false)
  .option('-n, --lines <n>', 'how many of the last lines of each log', '40')
  .option('--json', 'as they were written: the brain writes JSON', false)
  .action(async (name: LogName | undefined, o: { data: string; follow: boolean; lines: string; json: boolean }) => {
    const { logs } = await import('./commands/logs.ts');
    process.exitCode = await logs(o.data, { name, lines: Number(o.lines) || 40, follow: o.follow, isRaw: o.json });
  });

command('doctor', 'check ports, DNS, clock, disk, versions, NAT; exit 1 when something is failing')
  .option('--json', 'for programs', false)
  .action(async ({ data, json }: { data: string; json: boolean }) => {
    const { doctor } = await import('./commands/doctor.ts');
    process.exitCode = (await doctor(data, json)) ? 0 : 1;
  });

program
  .command('test')
  .description(
    `install the test tools and run tests; tiers: ${TIERS.join(', ')} (default: all but soak, reliability and screens)`,
  )
  .argument('[tiers...]', 'which tiers; what follows `--` goes to vitest')
  .option('--seed <n>', 'torture: which messages (1 with the usual tiers, else a new one)', wholeNumber)
  .option('--count <n>', 'torture: messages (100000); soak: calls (20000)', wholeNumber)
  .option('--from <n>', 'torture: number of the first message', wholeNumber)
  .option('--write', 'soak, reliability: write the figures into docs/reliability.md')
  .action(async (words: string[], options: TestOptions) => {
    const { test } = await import('./commands/test.ts');
    const isTier = (word: string): word is Tier => (TIERS as readonly string[]).includes(word);
    const tiers = words.filter(isTier);
    const rest = words.filter((word) => !isTier(word));
    if (tiers.length === 0 && rest.length > 0) {
      throw new Failure(`There is no tier '${rest[0]}'. Tiers: ${TIERS.join(', ')}. File names come after a tier.`);
    }
    // By its name the torture is whole, and another one each time.
    const isWhole = tiers.includes('torture');
    const chosen: TestOptions = {
      ...(isWhole ? { seed: String(1 + Math.floor(Math.random() * 1e9)), count: '100000' } : {}),
      ...options,
    };
    process.exitCode = (await test(tiers.length > 0 ? tiers : USUAL_TIERS, rest, chosen)) ? 0 : 1;
  });

program
  .command('bench')
  .description('measure; without names everything')
  .argument('[names...]', 'benchmarks (see bench/README.md)')
  .allowUnknownOption()
  .action(async (names: string[]) => {
    const { bench } = await import('./commands/test.ts');
    process.exitCode = await bench(names);
  });

try {
  await program.parseAsync();
} catch (error) {
  // A Failure is for the person at the terminal; anything else is a fault of ours, so its place in the code helps.
  console.error(error instanceof Failure ? `\nlittlepbx: ${error.message}` : error);
  process.exitCode = 1;
}
