import { createInterface } from 'node:readline';
import { Failure } from '../failure.ts';
import { readIfThere } from '../files.ts';

/** Shorter ones are guessed. Characters. */
const SHORTEST = 12;

/** First line of a file. */
export function passphraseIn(file: string): string {
  const text = readIfThere(file);
  if (text === null) throw new Failure(`There is no file ${file}.`);
  const passphrase = text.split('\n')[0]?.replace(/\r$/, '') ?? '';
  if (passphrase === '') throw new Failure(`${file} has no passphrase in its first line.`);
  return passphrase;
}

/** For a new backup: from the file, or asked for twice. */
export async function newPassphrase(file: string | undefined): Promise<string> {
  const passphrase = file === undefined ? await ask('Passphrase for the backup: ') : passphraseIn(file);
  if (passphrase.length < SHORTEST)
    throw new Failure(`The passphrase is too short: give ${SHORTEST} characters or more.`);
  if (file === undefined && (await ask('The same again: ')) !== passphrase) {
    throw new Failure('The two are not the same. Nothing was written.');
  }
  return passphrase;
}

/** Of a backup that is there. */
export async function knownPassphrase(file: string | undefined): Promise<string> {
  return file === undefined ? ask('Passphrase of the backup: ') : passphraseIn(file);
}

/** Asks at the terminal, without showing what is typed. */
async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Failure('The backup needs a passphrase: give --passphrase-file FILE, or run it at a terminal.');
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  process.stderr.write(question);
  // What readline echoes goes through here.
  (lines as unknown as { _writeToOutput: () => void })._writeToOutput = () => {};
  const closed = new Promise<never>((_, reject) =>
    lines.once('close', () => reject(new Failure('No passphrase given.'))),
  );
  closed.catch(() => {});
  try {
    return await Promise.race([new Promise<string>((resolve) => lines.question('', resolve)), closed]);
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
