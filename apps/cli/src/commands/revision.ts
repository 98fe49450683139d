import type { DraftAnswer, DraftChangeAnswer, RollbackPreviewAnswer } from '@littlepbx/contract';
import type { Command } from 'commander';
import { UserError } from '../connection.ts';
import { table, time } from '../output.ts';
import {
  given,
  jsonOption,
  listCommand,
  orgOption,
  printDone,
  type Session,
  wholeNumber,
  withExamples,
} from '../session.ts';

interface Settings {
  org: string;
  json?: true;
  note?: string;
  whenIdle?: true;
  deadlineInS?: number;
  email?: string;
  lookOnly?: true;
  yes?: true;
}

/** `littlepbx apply`, at the top because it is used all day. */
export function applyCommand(program: Command, s: Session): void {
  withExamples(
    program
      .command('apply')
      .description('publish what waits in the draft; no call in progress is touched')
      .addOption(orgOption())
      .option('--note <text>', 'what it is about, for the history')
      .option('--when-idle', 'as soon as no call is in progress; "revision stop" takes it back')
      .option(
        '--deadline-in-s <seconds>',
        'with --when-idle: then at the latest, calls or not; else an hour',
        wholeNumber,
      )
      .option('--email <address>', 'with --when-idle: who is told when it is done')
      .addOption(jsonOption()),
    'apply --org acme',
    'apply --org acme --note "New sales team"',
    'apply --org acme --when-idle --deadline-in-s 7200 --email alice@example.com',
  ).action(async (o: Settings, command: Command) => {
    if (o.whenIdle) {
      const body = given({ note: o.note, deadlineInS: o.deadlineInS, email: o.email });
      const waiting = await s.client(command).applyWhenIdle({ params: { org: o.org }, body });
      const text = `waits until no call is in progress, at most until ${time(waiting.deadline)}`;
      return printDone(s, text, waiting, o.json);
    }
    const client = s.client(command);
    const changes = o.json ? [] : (await client.getDraft({ params: { org: o.org } })).changes;
    const live = await client.applyDraft({ params: { org: o.org }, body: given({ note: o.note }) });
    printDone(s, `revision ${live.number} is live${byWhom(changes)}`, live, o.json);
  });
}

export function revisionCommand(program: Command, s: Session): void {
  const revision = withExamples(
    program.command('revision').description('what waits to be applied, what was applied, and the way back'),
    'revision diff --org acme',
    'revision discard --org acme',
    'revision stop --org acme',
    'revision list --org acme',
    'revision rollback 3 --org acme --look-only',
    'revision rollback 3 --org acme --yes',
  );

  listCommand(revision, s, 'list what was applied, newest first', (client, input) => client.listRevisions(input), [
    ['REVISION', (r) => r.number],
    ['APPLIED', (r) => time(r.appliedAt)],
    ['BY', (r) => r.appliedBy],
    ['LIVE', (r) => r.isCurrent],
    ['NOTE', (r) => r.note],
  ]);
  revision
    .command('show')
    .argument('<revision>', 'its number', wholeNumber)
    .description('show all that one published')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (number: number, o: Settings, command: Command) => {
      const found = await s.client(command).getRevision({ params: { org: o.org, revision: number } });
      const { extensions, routes } = found.content;
      const numberOf = new Map(extensions.map((e) => [e.id, e.number]));
      printDone(
        s,
        [
          table(extensions, [
            ['EXTENSION', (e) => e.number],
            ['NAME', (e) => e.name],
            ['RING', (e) => `${e.ringTimeInS} s`],
            ['ALWAYS', (e) => e.forwardAlways],
            ['BUSY', (e) => e.forwardBusy],
            ['NO ANSWER', (e) => e.forwardNoAnswer],
          ]),
          table(routes, [
            ['NUMBER', (r) => r.number],
            ['LEADS TO', (r) => numberOf.get(r.extensionId)],
          ]),
        ].join('\n\n'),
        found,
        o.json,
      );
    });
  revision
    .command('diff')
    .description('show what apply would change')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const draft = await s.client(command).getDraft({ params: { org: o.org } });
      printDone(s, [...draft.changes.map(described), ...effect(draft)].join('\n') || 'no changes', draft, o.json);
    });
  revision
    .command('stop')
    .description('stop an apply that waits until no call is in progress')
    .addOption(orgOption())
    .action(async (o: Settings, command: Command) => {
      await s.client(command).stopApply({ params: { org: o.org } });
      s.output.out('no apply waits any more');
    });
  revision
    .command('reset')
    .description('give the draft sensible defaults; live after apply, and discard takes it back')
    .addOption(orgOption())
    .action(async (o: Settings, command: Command) => {
      await s.client(command).resetDraft({ params: { org: o.org } });
      s.output.out('the draft has sensible defaults');
    });
  revision
    .command('discard')
    .description('drop what waits in the draft')
    .addOption(orgOption())
    .action(async (o: Settings, command: Command) => {
      await s.client(command).discardDraft({ params: { org: o.org } });
      s.output.out('the draft is what is applied');
    });
  revision
    .command('rollback')
    .argument('<revision>', 'its number', wholeNumber)
    .description('publish an earlier revision again; no call in progress is touched')
    .addOption(orgOption())
    .option('--look-only', 'show what it would change')
    .option('--yes', 'although phones or changes that wait are lost for good')
    .addOption(jsonOption())
    .action(async (number: number, o: Settings, command: Command) => {
      const client = s.client(command);
      const params = { org: o.org, revision: number };
      const { changes, dropped, effect: does, notRestored } = await client.lookAtRollback({ params });
      const lost = [
        ...does.devicesRemoved.map((d) => `phone ${d.name} of ${d.extension} is deleted, with its password`),
        ...(dropped > 0 ? [`changes that wait and are dropped: ${dropped} (see "revision diff")`] : []),
      ];
      if (o.lookOnly) {
        const told = [...changes.map(described), ...lost, ...notRestored.map(inWords)];
        return printDone(s, told.join('\n') || 'no changes', { changes, dropped, effect: does, notRestored }, o.json);
      }
      if (lost.length > 0 && !o.yes) {
        throw new UserError(`this cannot be undone:\n${lost.join('\n')}\nAdd --yes to go back to revision ${number}.`);
      }
      const live = await client.rollback({ params });
      const left = live.notRestored.map((what) => `\nnot restored: ${inWords(what)}`).join('');
      printDone(s, `revision ${live.number} is live, with the content of ${number}${left}`, live, o.json);
    });
}

/** The draft is everybody's: `: changes 2 by Alice, 1 by cli`. */
function byWhom(changes: DraftChangeAnswer[]): string {
  const authors = Map.groupBy(changes, ({ changedBy }) => changedBy?.name ?? 'somebody');
  const told = [...authors].map(([name, { length }]) => `${length} by ${name}`);
  return told.length === 0 ? '' : `: changes ${told.join(', ')}`;
}

/** `~ extension 101: ringTimeInS 25 -> 40`. */
function described({ kind, what, name, before, after, devices, changedAt, changedBy }: DraftChangeAnswer): string {
  const sign = { added: '+', changed: '~', removed: '-' }[kind];
  const members = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((m) => m !== 'id');
  const changes = members.flatMap((m) => {
    const [was, is] = [before?.[m] ?? 'none', after?.[m] ?? 'none'];
    if (kind === 'changed') return [`${m} ${was} -> ${is}`];
    const value = kind === 'added' ? is : was;
    return value === 'none' || m === 'number' ? [] : [`${m} ${value}`];
  });
  const by = changedBy && changedAt !== null ? `  (${changedBy.name}, ${time(changedAt)})` : '';
  const phones =
    devices === undefined ? [] : [`devices ${devices} (gone with ${kind === 'added' ? 'a discard' : 'an apply'})`];
  return `${sign} ${what} ${name}: ${[...changes, ...phones].join(', ')}${by}`;
}

function inWords({ what, extension, number }: RollbackPreviewAnswer['notRestored'][number]): string {
  if (what === 'phones') return `phones and messages of extension ${extension}: they were deleted with it`;
  const of = what === 'number' ? `number ${number}` : `outbound number ${number} of extension ${extension}`;
  return `${of}: it is no longer yours`;
}

/** What apply does, where it is worth a line. */
function effect({ effect: { callsInProgress, devicesRemoved }, waiting }: DraftAnswer): string[] {
  return [
    ...(callsInProgress > 0 ? [`${callsInProgress} calls in progress keep the old rules`] : []),
    ...devicesRemoved.map(
      (d) => `phone ${d.name} of ${d.extension} is taken away${d.isInCall ? ' once its call has ended' : ''}`,
    ),
    ...(waiting ? [`an apply waits until no call is in progress, at most until ${time(waiting.deadline)}`] : []),
  ];
}
