import type { LiveEvent } from '@littlepbx/contract';
import { listenToEvents } from '@littlepbx/contract/event-stream';
import type { Command } from 'commander';
import { UserError } from '../connection.ts';
import { answering, time } from '../output.ts';
import { jsonOption, orgOption, type Session, withExamples } from '../session.ts';

interface Settings {
  org: string;
  json?: true;
  after?: string;
}

export function eventsCommand(program: Command, s: Session): void {
  withExamples(
    program
      .command('events')
      .description('print what happens in an organization, as it happens, until Ctrl-C')
      .addOption(orgOption())
      .option('--after <sequence>', 'begin with what happened after this event: its `sequence`, as --json prints it')
      .addOption(jsonOption()),
    'events --org acme',
    'events --org acme --json',
  ).action(async ({ org, json, after }: Settings, command: Command) => {
    const { baseUrl, token } = s.connection(command);
    await new Promise<void>((resolve, reject) => {
      const stream = listenToEvents({
        ...{ baseUrl, token, org },
        ...(after === undefined ? {} : { after }),
        onEvent: (event) => s.output.out(json ? JSON.stringify(event) : told(event)),
        onState(state, code) {
          if (state === 'ended') reject(new UserError(WHY[code ?? 0] ?? `the stream was closed with ${code}`));
          else if (state === 'waiting') s.output.err('the server is away; trying again');
        },
      });
      process.once('SIGINT', () => {
        resolve();
        stream.close();
      });
    });
  });
}

const WHY: Record<number, string> = {
  4400: '--after wants the sequence of an event, as --json prints it',
  4401: 'the key is not valid',
  4404: 'there is no such organization, or it is not yours',
};

function told(event: Exclude<LiveEvent, { type: 'alive' }>): string {
  if (event.type === 'hello') return event.isResumed ? 'listening; what was missed follows' : 'listening';
  if (event.type === 'reset') return 'something was missed';
  return `${time(event.at)}  ${what(event)}`;
}

function what(event: Exclude<LiveEvent, { type: 'alive' | 'hello' | 'reset' }>): string {
  switch (event.type) {
    case 'changed': {
      const which = event.label ?? event.id ?? '(many)';
      const fields = event.action === 'changed' && event.fields.length > 0 ? `: ${event.fields.join(', ')}` : '';
      return `${event.resource} ${which} ${event.action} by ${event.by.name}${fields}`;
    }
    case 'revision-applied':
      return `revision ${event.revision} applied by ${event.by.name}`;
    case 'call-began':
    case 'call-changed': {
      const { from, to, with: other, state } = event.call;
      return `call ${from ?? 'withheld'} -> ${to} ${state}${other === null ? '' : ` with ${other}`}`;
    }
    case 'call-ended':
      return `call ${event.id} ended: ${event.result}`;
    case 'call-recorded':
      return `recorded: ${event.ids.join(', ')}`;
    case 'recording-ready':
      return `call ${event.callId} has the recording ${event.fileId}`;
    case 'device-registered':
      return `device ${event.username} registered from ${event.registration.address}`;
    case 'device-unregistered':
      return `device ${event.username} is not registered any more`;
    case 'device-round-trip':
      return `device ${event.username} ${answering(event)}`;
    case 'trunk-registration':
      return `trunk ${event.trunkId} is ${event.state}`;
    case 'voicemail-changed':
      return `voicemail of ${event.extensionId}: message ${event.messageId} ${event.action}`;
  }
}
