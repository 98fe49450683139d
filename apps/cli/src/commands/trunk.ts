import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  given,
  jsonOption,
  list,
  listCommand,
  orgOption,
  orNone,
  passwordIn,
  printDone,
  printOne,
  type Session,
  textIn,
  wholeNumber,
  withExamples,
  yesOrNo,
} from '../session.ts';

type Codec = 'opus' | 'g722' | 'alaw' | 'ulaw';

interface Settings {
  org: string;
  json?: true;
  name?: string;
  host?: string;
  port?: number;
  transport?: 'udp' | 'tcp' | 'tls';
  register?: boolean;
  inbound?: boolean;
  outbound?: boolean;
  username?: string;
  authUsername?: string;
  passwordFile?: string;
  proxy?: string;
  fromUser?: string;
  fromDomain?: string;
  verifyCertificate?: boolean;
  caFile?: string;
  codecs?: Codec[];
  addresses?: string[];
}

const codecs = (text: string): Codec[] =>
  list(text).map((name) => {
    if (name === 'opus' || name === 'g722' || name === 'alaw' || name === 'ulaw') return name;
    throw new InvalidArgumentError('Known are opus, g722, alaw and ulaw.');
  });

const settable = (command: Command): Command =>
  command
    .option('--port <port>', 'port of the carrier', wholeNumber)
    .addOption(new Option('--transport <kind>', 'how to reach it').choices(['udp', 'tcp', 'tls']))
    .option('--register <yes|no>', 'register at the carrier', yesOrNo)
    .option('--inbound <yes|no>', 'calls come in by it', yesOrNo)
    .option('--outbound <yes|no>', 'calls go out by it', yesOrNo)
    .option('--username <user>', 'user at the carrier')
    .option('--auth-username <user>', 'user of the digest, where it differs')
    .option('--password-file <file>', 'file that holds the password; "-" reads it from standard input')
    .option('--proxy <host[:port]>', 'send requests there instead')
    .option('--from-user <user>', 'user in the From header')
    .option('--from-domain <host>', 'domain in the From header')
    .option('--verify-certificate <yes|no>', 'by TLS: whether the carrier must show one for its host', yesOrNo)
    .option('--ca-file <file>', 'authority of its certificate, PEM; "none" for those the machine knows')
    .option('--codecs <list>', 'in order of preference, such as alaw,ulaw', codecs)
    .option('--addresses <list>', 'addresses or CIDRs its calls come from', list);

const membersOf = (o: Settings) =>
  given({
    port: o.port,
    transport: o.transport,
    register: o.register,
    isInbound: o.inbound,
    isOutbound: o.outbound,
    username: orNone(o.username),
    authUsername: orNone(o.authUsername),
    password: o.passwordFile === undefined ? undefined : passwordIn(o.passwordFile),
    outboundProxy: orNone(o.proxy),
    fromUser: orNone(o.fromUser),
    fromDomain: orNone(o.fromDomain),
    verifyCertificate: o.verifyCertificate,
    certificateAuthority: o.caFile === undefined ? undefined : o.caFile === 'none' ? null : textIn(o.caFile),
    codecs: o.codecs,
    addresses: o.addresses,
  });

function warn(s: Session, { transport, verifyCertificate }: { transport: string; verifyCertificate: boolean }): void {
  if (transport !== 'tls' || verifyCertificate) return;
  s.output.err(
    'warning: the certificate of this carrier is not verified: whoever gets in between can listen and place calls.\n' +
      '         Better: --verify-certificate yes, with --ca-file where its authority is a private one.',
  );
}

export function trunkCommand(program: Command, s: Session): void {
  const trunk = withExamples(
    program.command('trunk').description('connections to carriers; changes act at once'),
    'trunk list --org acme',
    'trunk create --org acme --name "Carrier A" --host sip.carrier.example --register yes \\\n      --username acme-01 --password-file secret.txt',
    'trunk create --org acme --name "Carrier B" --host 192.0.2.10 --addresses 192.0.2.10,192.0.2.11',
  );

  listCommand(trunk, s, 'list all, with the state of their registration', (client, input) => client.listTrunks(input), [
    ['ID', (r) => r.id],
    ['NAME', (r) => r.name],
    ['HOST', (r) => (r.port === null ? r.host : `${r.host}:${r.port}`)],
    ['IN', (r) => r.isInbound],
    ['OUT', (r) => r.isOutbound],
    ['STATE', (r) => r.registration?.state ?? (r.register ? 'unknown' : 'by address')],
  ]);
  trunk
    .command('show <id>')
    .description('show one')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (id: string, o: Settings, command: Command) => {
      printOne(s, await s.client(command).getTrunk({ params: { org: o.org, trunk: id } }), o.json);
    });
  settable(
    trunk
      .command('create')
      .description('create one')
      .addOption(orgOption())
      .requiredOption('--name <name>', 'what it is called')
      .requiredOption('--host <host>', 'host name or address of the carrier'),
  )
    .addOption(jsonOption())
    .action(async (o: Settings & { name: string; host: string }, command: Command) => {
      const made = await s
        .client(command)
        .createTrunk({ params: { org: o.org }, body: { name: o.name, host: o.host, ...membersOf(o) } });
      printDone(s, `created ${made.id}`, made, o.json);
      warn(s, made);
    });
  settable(
    trunk
      .command('update <id>')
      .description('change one')
      .addOption(orgOption())
      .option('--name <name>', 'what it is called')
      .option('--host <host>', 'host name or address of the carrier'),
  )
    .addOption(jsonOption())
    .action(async (id: string, o: Settings, command: Command) => {
      const body = { ...given({ name: o.name, host: o.host }), ...membersOf(o) };
      const now = await s.client(command).updateTrunk({ params: { org: o.org, trunk: id }, body });
      printDone(s, `changed ${now.id}`, now, o.json);
      warn(s, now);
    });
  trunk
    .command('delete <id>')
    .description('delete one')
    .addOption(orgOption())
    .action(async (id: string, o: Settings, command: Command) => {
      await s.client(command).deleteTrunk({ params: { org: o.org, trunk: id } });
      s.output.out(`deleted ${id}`);
    });
}
