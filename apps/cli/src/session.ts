/** What every command works with, and the options they share. */
import { readFileSync } from 'node:fs';
import { SPOKEN_LANGUAGES } from '@littlepbx/contract';
import { ApiProblem, type Client, type ClientSettings, createClient, everyPage } from '@littlepbx/contract/client';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { connectionOf, defaultData, UserError } from './connection.ts';
import { type Column, details, json, type Output, table } from './output.ts';

export interface Session {
  /** A client for the installation that the options name. */
  client(command: Command): Client;
  /** Where that is, and the key. */
  connection(command: Command): ClientSettings & { token: string };
  output: Output;
}

export function session(output: Output, env: NodeJS.ProcessEnv, fetch?: typeof globalThis.fetch): Session {
  const connection = (command: Command) => {
    const { data = defaultData(env) } = command.optsWithGlobals<{ data?: string }>();
    return connectionOf(data, env);
  };
  return {
    output,
    connection,
    client(command) {
      const { idempotencyKey } = command.optsWithGlobals<{ idempotencyKey?: string }>();
      return createClient({
        ...connection(command),
        ...(fetch ? { fetch } : {}),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      });
    },
  };
}

/** `--org ORG`, which nearly everything needs. */
export function orgOption(): Option {
  return new Option('--org <org>', 'short name or id of the organization').makeOptionMandatory();
}

/** `--calls`: what becomes of calls in progress. */
export function callsOption(otherwise: 'end' | 'keep'): Option {
  return new Option('--calls <what>', 'calls in progress: end or keep').choices(['end', 'keep']).default(otherwise);
}

/** An amount such as 12.50, in millionths. */
export function amount(text: string): number {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) throw new InvalidArgumentError('Must be an amount such as 12.50.');
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON');
}

/** `… list --org ORG`: all there are, over as many pages as it takes. */
export function listCommand<T>(
  parent: Command,
  s: Session,
  description: string,
  page: (
    client: Client,
    input: { params: { org: string }; query: { limit: number; cursor?: string } },
  ) => Promise<Page<T>>,
  columns: readonly Column<T>[],
): void {
  parent
    .command('list')
    .description(description)
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (o: { org: string; json?: true }, command: Command) => {
      const client = s.client(command);
      const rows = await everyPage((query) => page(client, { params: { org: o.org }, query }));
      printList(s, rows, columns, o.json);
    });
}

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Prints a list. */
export function printList<T>(s: Session, rows: T[], columns: readonly Column<T>[], asJson: boolean | undefined): void {
  s.output.out(asJson ? json(rows) : table(rows, columns));
}

/** Prints one thing. */
export function printOne(s: Session, value: object, asJson: boolean | undefined): void {
  s.output.out(asJson ? json(value) : details(value));
}

/** One thing that has amounts of money, in the currency of the organization's rates where they have one. */
export async function printPriced(
  s: Session,
  client: Client,
  org: string,
  value: object,
  asJson: boolean | undefined,
): Promise<void> {
  s.output.out(asJson ? json(value) : details(value, await currencyOf(client, org)));
}

/** Null: there are no rates, or the key may not see what was used. */
async function currencyOf(client: Client, org: string): Promise<string | null> {
  try {
    return (await client.getUsage({ params: { org } })).currency;
  } catch (error) {
    if (error instanceof ApiProblem && [403, 404].includes(error.status)) return null;
    throw error;
  }
}

/** Says what was done; `--json` prints the thing instead. */
export function printDone(s: Session, text: string, value: object | null, asJson: boolean | undefined): void {
  s.output.out(asJson ? json(value) : text);
}

/** Examples at the end of `--help`. */
export function withExamples(command: Command, ...examples: string[]): Command {
  return command.addHelpText('afterAll', `\nExamples:\n${examples.map((e) => `  littlepbx ${e}`).join('\n')}`);
}

/** What a file holds, `-` standard input. Not an argument: every user of the machine can read those of a process. */
export function passwordIn(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').trim();
  } catch (error) {
    throw new UserError(`cannot read the password: ${(error as Error).message}`);
  }
}

/** A text file, `-` standard input. A file in another encoding would come out with broken names. */
export function textIn(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? 0 : file));
  } catch (error) {
    if (error instanceof TypeError) throw new UserError(`${file} is not UTF-8; save it as "CSV UTF-8"`);
    throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Must be a whole number.');
  return Number(text);
}

/** `a,b,c`; an empty text is an empty list. */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'true') return true;
  if (text === 'no' || text === 'false') return false;
  throw new InvalidArgumentError('Must be yes or no.');
}

/** A moment: milliseconds since the epoch, or a date and time. */
export function moment(text: string): number {
  const at = /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('Must be a date, such as 2026-01-31 or 2026-01-31T08:00.');
  return at;
}

/** @param others words that are not a language */
export function languageOption(description: string, ...others: string[]): Option {
  return new Option('--language <code>', description).choices([...SPOKEN_LANGUAGES, ...others]);
}

/** `none` takes a value away. Not a parser of commander, which turns null into an empty text. */
export function orNone(text: string | undefined): string | null | undefined {
  return text === 'none' ? null : text;
}

/** The members that were given, without those that were not. */
export function given<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
