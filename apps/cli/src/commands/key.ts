import { SCOPES, type Scope } from '@littlepbx/contract';
import { everyPage } from '@littlepbx/contract/client';
import { type Command, InvalidArgumentError } from 'commander';
import { time } from '../output.ts';
import { given, jsonOption, list, printList, printOne, type Session, withExamples } from '../session.ts';

interface Settings {
  org?: string;
  json?: true;
  scopes?: Scope[];
}

const scopes = (text: string): Scope[] =>
  list(text).map((name) => {
    const scope = SCOPES.find((known) => known === name);
    if (!scope) throw new InvalidArgumentError(`Known are ${SCOPES.join(', ')}.`);
    return scope;
  });

export function keyCommand(program: Command, s: Session): void {
  const key = withExamples(
    program.command('key').description("API keys of an organization; without --org the operator's"),
    'key list --org acme',
    'key create Reporting --org acme --scopes calls:read',
    'key delete 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10',
  );

  key
    .command('list')
    .description('list all')
    .option('--org <org>', 'short name or id of the organization')
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const client = s.client(command);
      const { org } = o;
      const rows = await everyPage((query) =>
        org === undefined ? client.listOperatorKeys({ query }) : client.listKeys({ params: { org }, query }),
      );
      printList(
        s,
        rows,
        [
          ['ID', (r) => r.id],
          ['NAME', (r) => r.name],
          ['SCOPES', (r) => summary(r.scopes)],
          ['CREATED', (r) => time(r.createdAt)],
          ['LAST USED', (r) => time(r.lastUsedAt)],
        ],
        o.json,
      );
    });
  key
    .command('create <name>')
    .description('create one and print its token, once')
    .option('--org <org>', 'short name or id of the organization')
    .option('--scopes <list>', 'what it may do; all that you may when left out', scopes)
    .addOption(jsonOption())
    .action(async (name: string, o: Settings, command: Command) => {
      const client = s.client(command);
      const body = { name, ...given({ scopes: o.scopes }) };
      const made =
        o.org === undefined
          ? await client.createOperatorKey({ body })
          : await client.createKey({ params: { org: o.org }, body });
      printOne(s, made, o.json);
    });
  key
    .command('delete <id>')
    .description('delete one; it is void at once')
    .action(async (id: string, _o: Settings, command: Command) => {
      await s.client(command).deleteKey({ params: { key: id } });
      s.output.out(`deleted ${id}`);
    });
}

/** All of them do not fit a line. */
function summary(scopes: Scope[]): string {
  if (scopes.length === SCOPES.length) return 'all';
  return scopes.length <= 3 ? scopes.join(',') : `${scopes.length} of ${SCOPES.length}`;
}
