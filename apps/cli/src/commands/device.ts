import type { DeviceAnswer } from '@littlepbx/contract';
import { type Command, Option } from 'commander';
import { answering, time } from '../output.ts';
import {
  callsOption,
  given,
  jsonOption,
  listCommand,
  orgOption,
  printDone,
  printOne,
  type Session,
  withExamples,
} from '../session.ts';

interface Settings {
  org: string;
  json?: true;
  extension: string;
  name?: string;
  transport?: 'any' | 'tls';
  digest?: 'md5' | 'sha-256' | 'both';
}

interface Suspending {
  calls: 'end' | 'keep';
  reason?: string;
  json?: true;
}

const transportOption = () =>
  new Option('--transport <kind>', 'any: UDP, TCP or TLS; tls: TLS with SRTP only').choices(['any', 'tls']);

const digestOption = () =>
  new Option('--digest <kind>', 'what it is asked for: md5 (every phone knows it), sha-256, both (md5 first)').choices([
    'md5',
    'sha-256',
    'both',
  ]);

const where = (r: NonNullable<DeviceAnswer['registration']>): string =>
  [`${r.address} by ${r.transport}`, r.userAgent, `until ${time(r.expiresAt)}`, answering(r)]
    .filter(Boolean)
    .join(', ');

export function deviceCommand(program: Command, s: Session): void {
  const device = withExamples(
    program.command('device').description('phones; changes act at once'),
    'device list --org acme',
    'device create --org acme --extension 101 --name "Desk phone" --json',
    'device reset-password k7p2m9x4c1q8 --json',
  );

  listCommand(device, s, 'list all, with where each is registered', (client, input) => client.listDevices(input), [
    ['USERNAME', (r) => r.username],
    ['EXTENSION', (r) => r.extension],
    ['NAME', (r) => r.name],
    ['TRANSPORT', (r) => r.registration?.transport ?? r.transport],
    ['DIGEST', (r) => r.digest],
    ['REGISTERED FROM', (r) => r.registration?.address],
    ['SUSPENDED', (r) => r.suspension?.reason || r.suspension !== null],
    ['USER AGENT', (r) => r.registration?.userAgent],
  ]);
  device
    .command('show <username>')
    .description('show one')
    .addOption(jsonOption())
    .action(async (username: string, o: Settings, command: Command) => {
      const device = await s.client(command).getDevice({ params: { username } });
      printOne(
        s,
        o.json ? device : { ...device, registration: device.registration && where(device.registration) },
        o.json,
      );
    });
  device
    .command('create')
    .description('create one and print its settings, once')
    .addOption(orgOption())
    .requiredOption('--extension <number>', 'extension it rings for')
    .option('--name <name>', 'what it is called')
    .addOption(transportOption())
    .addOption(digestOption())
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const made = await s.client(command).createDevice({
        params: { org: o.org },
        body: { extension: o.extension, ...given({ name: o.name, transport: o.transport, digest: o.digest }) },
      });
      printOne(s, made, o.json);
    });
  device
    .command('update <username>')
    .description('change one')
    .option('--name <name>', 'what it is called')
    .addOption(transportOption())
    .addOption(digestOption())
    .addOption(jsonOption())
    .action(async (username: string, o: Settings, command: Command) => {
      const body = given({ name: o.name, transport: o.transport, digest: o.digest });
      const now = await s.client(command).updateDevice({ params: { username }, body });
      printDone(s, `changed ${now.username}`, now, o.json);
    });
  device
    .command('reset-password <username>')
    .description('make a new password and print the settings, once; the phone must register again')
    .addOption(callsOption('end'))
    .addOption(jsonOption())
    .action(async (username: string, o: Suspending, command: Command) => {
      const body = { calls: o.calls };
      printOne(s, await s.client(command).resetDevicePassword({ params: { username }, body }), o.json);
    });
  device
    .command('suspend <username>')
    .description('it registers no more and calls nobody but emergency services; at once')
    .addOption(callsOption('end'))
    .option('--reason <text>', 'why')
    .addOption(jsonOption())
    .action(async (username: string, o: Suspending, command: Command) => {
      const body = { calls: o.calls, ...given({ reason: o.reason }) };
      const now = await s.client(command).suspendDevice({ params: { username }, body });
      printDone(s, `suspended ${now.username}`, now, o.json);
    });
  device
    .command('unsuspend <username>')
    .description('take a suspension back; at once')
    .addOption(jsonOption())
    .action(async (username: string, o: Settings, command: Command) => {
      const now = await s.client(command).unsuspendDevice({ params: { username } });
      printDone(s, `unsuspended ${now.username}`, now, o.json);
    });
  device
    .command('delete <username>')
    .description('delete one')
    .action(async (username: string, _o: Settings, command: Command) => {
      await s.client(command).deleteDevice({ params: { username } });
      s.output.out(`deleted ${username}`);
    });
}
