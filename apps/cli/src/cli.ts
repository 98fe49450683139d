/** The command line over the public API. `run` never exits the process: it answers with the exit code. */
import { ApiProblem } from '@littlepbx/contract/client';
import { Command, CommanderError } from 'commander';
import { alertCommand } from './commands/alert.ts';
import { auditCommand } from './commands/audit.ts';
import { protectionCommands } from './commands/ban.ts';
import { callCommand } from './commands/call.ts';
import { deviceCommand } from './commands/device.ts';
import { eventsCommand } from './commands/events.ts';
import { extensionCommand } from './commands/extension.ts';
import { fileCommand } from './commands/file.ts';
import { keyCommand } from './commands/key.ts';
import { limitsCommand } from './commands/limits.ts';
import { mailCommand } from './commands/mail.ts';
import { numberCommand } from './commands/number.ts';
import { orgCommand } from './commands/org.ts';
import { rateCommand } from './commands/rate.ts';
import { applyCommand, revisionCommand } from './commands/revision.ts';
import { statisticsCommand } from './commands/statistics.ts';
import { trunkCommand } from './commands/trunk.ts';
import { usageCommand } from './commands/usage.ts';
import { userCommand } from './commands/user.ts';
import { voicemailCommand } from './commands/voicemail.ts';
import { webhookCommand } from './commands/webhook.ts';
import { defaultData, UserError } from './connection.ts';
import { json, type Output } from './output.ts';
import { type Session, session } from './session.ts';

const EXIT = { ok: 0, refused: 1, usage: 2 } as const;

export interface World {
  env: NodeJS.ProcessEnv;
  output: Output;
  fetch?: typeof globalThis.fetch;
}

/** Runs one command (`args` without node and script) and answers with its exit code. */
export async function run(args: string[], world: World): Promise<number> {
  const { output } = world;
  const program = programOf(session(output, world.env, world.fetch), world);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has told what is wrong already; asking for help is no mistake.
    if (error instanceof CommanderError) {
      const missing = error.code === 'commander.unknownOption' ? subcommandsOf(program, args) : [];
      if (missing.length > 0) output.err(`what to do comes first: ${args[0]} ${missing.join('|')}`);
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    if (error instanceof UserError || error instanceof ApiProblem) {
      output.err(args.includes('--json') ? json(problemIn(error)) : `littlepbx: ${told(error)}`);
      return EXIT.refused;
    }
    throw error;
  }
}

/** Of a group of commands that was given options alone. */
function subcommandsOf(program: Command, [name, next = '']: string[]): string[] {
  const group = next.startsWith('-') ? program.commands.find((command) => command.name() === name) : undefined;
  return group?.commands.map((command) => command.name()) ?? [];
}

/** With `--json` what a program can read: the problem as the server says it. */
function problemIn(error: UserError | ApiProblem): object {
  if (error instanceof UserError) return { id: 'not-done', status: 0, detail: error.message, fields: [] };
  const { id, status, message: detail, fields, requestId } = error;
  return { type: `urn:littlepbx:problem:${id}`, id, status, detail, fields, requestId };
}

/** One line, with the field and the reason where the server named them. */
function told(error: UserError | ApiProblem): string {
  if (!(error instanceof ApiProblem) || error.fields.length === 0) return oneLine(error.message);
  return oneLine(error.fields.map(({ field, reason }) => `${field}: ${reason}`).join('; '));
}

const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, ' ');

function programOf(s: Session, { env, output }: World): Command {
  const program = new Command('littlepbx')
    .description('runs a LittlePBX installation by its public API')
    .option('--data <dir>', 'folder of the installation', defaultData(env))
    .option('--idempotency-key <key>', 'of a command that creates: run again with the same key, it is done once')
    .addHelpText(
      'after',
      `
The key is read from the installation's folder (as root), or set LITTLEPBX_URL and LITTLEPBX_TOKEN.`,
    );
  // Every subcommand made below inherits these.
  program.exitOverride().configureOutput({
    writeOut: (text) => output.out(text.trimEnd()),
    writeErr: (text) => output.err(text.trimEnd()),
  });
  for (const add of [
    orgCommand,
    extensionCommand,
    deviceCommand,
    numberCommand,
    trunkCommand,
    applyCommand,
    revisionCommand,
    callCommand,
    statisticsCommand,
    fileCommand,
    voicemailCommand,
    limitsCommand,
    rateCommand,
    usageCommand,
    keyCommand,
    userCommand,
    webhookCommand,
    auditCommand,
    eventsCommand,
    mailCommand,
    alertCommand,
    protectionCommands,
  ]) {
    add(program, s);
  }
  return program;
}
