import { createWriteStream, openAsBlob } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileAnswer } from '@littlepbx/contract';
import { type Client, everyPage } from '@littlepbx/contract/client';
import { Argument, type Command, Option } from 'commander';
import { UserError } from '../connection.ts';
import { length, time } from '../output.ts';
import {
  given,
  jsonOption,
  orgOption,
  printDone,
  printList,
  printOne,
  type Session,
  withExamples,
} from '../session.ts';

const UPLOADS = ['greeting', 'prompt', 'music'] as const;
const KINDS = ['recording', 'greeting', 'prompt', 'music'] as const;

interface Settings {
  org: string;
  json?: true;
}

export function fileCommand(program: Command, s: Session): void {
  const file = withExamples(
    program.command('file').description('sounds: call recordings, greetings, prompts, music'),
    'file list --org acme --kind recording',
    'file upload waltz.mp3 --org acme --kind music',
    'file download 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --org acme --to call.wav',
    'file music stock --org acme',
    'file delete 01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10 --org acme',
  );

  file
    .command('list')
    .description('list all, newest first')
    .addOption(orgOption())
    .addOption(new Option('--kind <kind>', 'of this kind').choices(KINDS))
    .option('--call <id>', 'recordings of this call')
    .addOption(jsonOption())
    .action(async (o: Settings & { kind?: (typeof KINDS)[number]; call?: string }, command: Command) => {
      const filter = given({ kind: o.kind, call: o.call });
      const client = s.client(command);
      const rows = await everyPage((page) =>
        client.listFiles({ params: { org: o.org }, query: { ...page, ...filter } }),
      );
      printFiles(s, rows, o.json);
    });
  file
    .command('show <id>')
    .description('show one')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (id: string, o: Settings, command: Command) => {
      printOne(s, await s.client(command).getFile({ params: { org: o.org, file: id } }), o.json);
    });
  file
    .command('download <id>')
    .description('write one to a WAV file')
    .addOption(orgOption())
    .option('--to <path>', 'file to make; default: ID.wav')
    .action(async (id: string, o: Settings & { to?: string }, command: Command) => {
      s.output.out(`wrote ${await download(s.client(command), o.org, id, o.to ?? `${id}.wav`)}`);
    });
  file
    .command('upload <path>')
    .description('store a sound: WAV, MP3, Ogg (Vorbis or Opus), FLAC or AIFF; music is heard by whoever is held')
    .addOption(orgOption())
    .addOption(new Option('--kind <kind>', 'what it is for').choices(UPLOADS).makeOptionMandatory())
    .option('--name <name>', "for people; the file's when left out")
    .addOption(jsonOption())
    .action(async (path: string, o: Settings & { kind: (typeof UPLOADS)[number]; name?: string }, command: Command) => {
      const sound = await openAsBlob(path).catch((error: Error) => {
        throw new UserError(`cannot read ${path}: ${error.message}`);
      });
      const query = { kind: o.kind, name: o.name ?? basename(path) };
      const made = await s.client(command).uploadFile({ params: { org: o.org }, query, sound });
      printDone(s, `stored ${made.name} (${length(made.duration)}) as ${made.id}`, made, o.json);
    });
  file
    .command('delete <id>')
    .description('delete one for good')
    .addOption(orgOption())
    .action(async (id: string, o: Settings, command: Command) => {
      await s.client(command).deleteFile({ params: { org: o.org, file: id } });
      s.output.out(`deleted ${id}`);
    });
  file
    .command('music')
    .addArgument(
      new Argument('[choice]', 'own: what was uploaded, where there is any; stock').choices(['own', 'stock']),
    )
    .description('show or choose which music is heard on hold; live after apply')
    .addOption(orgOption())
    .addOption(jsonOption())
    .action(async (music: 'own' | 'stock' | undefined, o: Settings, command: Command) => {
      const [client, params] = [s.client(command), { org: o.org }];
      const found =
        music === undefined ? await client.getMusic({ params }) : await client.setMusic({ params, body: { music } });
      printOne(s, found, o.json);
    });
}

export function printFiles(s: Session, rows: FileAnswer[], asJson: boolean | undefined): void {
  printList(
    s,
    rows,
    [
      ['CREATED', (r) => time(r.createdAt)],
      ['KIND', (r) => r.kind],
      ['NAME', (r) => r.name],
      ['LENGTH', (r) => length(r.duration)],
      ['BYTES', (r) => r.bytes],
      ['CALL', (r) => r.callId],
      ['ID', (r) => r.id],
    ],
    asJson,
  );
}

export async function download(client: Client, org: string, file: string, to: string): Promise<string> {
  return writeSound(await client.downloadFile({ params: { org, file } }), to);
}

/** Never replaces a file, and leaves none that is incomplete. */
export async function writeSound(answer: Response, to: string): Promise<string> {
  const target = createWriteStream(to, { flags: 'wx' });
  try {
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), target);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UserError(`${to} exists; name another with --to`);
    await unlink(to).catch(() => {});
    throw new UserError(`cannot write ${to}: ${message}`);
  }
  return to;
}
