/**
 * Live events: what the server tells by the WebSocket `/events`. They are small and name what to read anew; where a list
 * on a page would have to be read for every one of them, they carry what the list shows.
 */
import { z } from 'zod';
import { liveCall, result } from './calls.ts';
import { instant, orgParam, uuid } from './common.ts';
import { answering, registration } from './devices.ts';
import type { Scope } from './route.ts';

const sequence = z.string().meta({
  description: 'Where in the stream this stands, for `after`. Opaque: it says nothing but "up to here".',
  examples: ['k3v9x1pq-42'],
});

const author = z.object({
  kind: z.string().meta({ description: '`system`: nobody asked for it.', examples: ['key'] }),
  id: z.string().nullable(),
  name: z.string().meta({ examples: ['Admin'] }),
});

const base = { sequence, at: instant };

/** Every event by its `type`. */
export const EVENTS = {
  hello: z.object({
    type: z.literal('hello'),
    sequence,
    organizationId: uuid,
    isResumed: z.boolean().meta({ description: 'What was missed since `after` follows.' }),
  }),
  reset: z.object({
    type: z.literal('reset'),
    sequence,
    reason: z
      .enum(['too-long-ago', 'events-lost'])
      .meta({ description: 'What was missed is not known any more: read everything anew.' }),
  }),
  alive: z.object({ type: z.literal('alive'), sequence }),
  changed: z.object({
    type: z.literal('changed'),
    ...base,
    resource: z.string().meta({
      description:
        'What kind of thing, as in the audit log: `extension` and `route` are of the draft, all else is in effect.',
      examples: ['extension'],
    }),
    action: z.string().meta({ description: '`created`, `changed`, `deleted` or another.', examples: ['changed'] }),
    id: z
      .string()
      .nullable()
      .meta({ description: 'Which one; null: more than can be named, so read all of them anew.' }),
    label: z
      .string()
      .nullable()
      .meta({ description: 'What people call it.', examples: ['101'] }),
    fields: z.array(z.string()).meta({ description: 'What of it changed.', examples: [['ringTimeInS']] }),
    by: author,
  }),
  'revision-applied': z.object({ type: z.literal('revision-applied'), ...base, revision: z.int(), by: author }),
  'call-began': z.object({ type: z.literal('call-began'), ...base, call: liveCall }),
  'call-changed': z.object({ type: z.literal('call-changed'), ...base, call: liveCall }),
  'call-ended': z.object({ type: z.literal('call-ended'), ...base, id: uuid, result }),
  'call-recorded': z.object({
    type: z.literal('call-recorded'),
    ...base,
    ids: z.array(uuid).meta({ description: 'Calls that the list of past calls has from now on.' }),
  }),
  'recording-ready': z.object({
    type: z.literal('recording-ready'),
    ...base,
    callId: uuid,
    fileId: uuid.meta({ description: 'Among the files from now on; the call may still be in progress.' }),
  }),
  'device-registered': z.object({ type: z.literal('device-registered'), ...base, username: z.string(), registration }),
  'device-unregistered': z.object({ type: z.literal('device-unregistered'), ...base, username: z.string() }),
  'device-round-trip': z.object({
    type: z.literal('device-round-trip'),
    ...base,
    username: z.string(),
    ...answering,
  }),
  'trunk-registration': z.object({
    type: z.literal('trunk-registration'),
    ...base,
    trunkId: uuid,
    state: z.enum(['registered', 'trying', 'rejected', 'unregistered']),
  }),
  'voicemail-changed': z.object({
    type: z.literal('voicemail-changed'),
    ...base,
    extensionId: uuid,
    messageId: uuid,
    action: z.enum(['arrived', 'changed', 'deleted']),
  }),
} as const;

export const liveEvent = z
  .discriminatedUnion('type', Object.values(EVENTS) as [(typeof EVENTS)['hello'], ...z.ZodObject[]])
  .meta({ id: 'LiveEvent', description: 'A message of the WebSocket `/events`, as JSON.' });

type Shapes = { [K in keyof typeof EVENTS]: z.infer<(typeof EVENTS)[K]> };
export type LiveEvent = Shapes[keyof Shapes];
/** What something that happened says of itself; the stream adds sequence and time. */
export type Happening = Unstamped<Exclude<LiveEvent, { type: 'hello' | 'reset' | 'alive' }>>;
type Unstamped<E> = E extends LiveEvent ? Omit<E, 'sequence' | 'at'> : never;

/** Which scope shows changes of which resource. What is not named here is for those who may read the audit log. */
const SCOPE_OF_RESOURCE: Record<string, Scope> = {
  organization: 'organizations:read',
  extension: 'extensions:read',
  'extension-control': 'extensions:read',
  route: 'numbers:read',
  number: 'numbers:read',
  device: 'devices:read',
  trunk: 'trunks:read',
  revision: 'revisions:read',
  'waiting-apply': 'revisions:read',
  file: 'files:read',
  voicemail: 'voicemail:read',
  key: 'keys:read',
  user: 'users:read',
  webhook: 'webhooks:read',
  invitation: 'users:read',
};

/** The scope that an event is shown to. */
export function scopeOfEvent(event: Happening): Scope {
  switch (event.type) {
    case 'changed':
      return SCOPE_OF_RESOURCE[event.resource] ?? 'audit:read';
    case 'revision-applied':
      return 'revisions:read';
    case 'device-registered':
    case 'device-unregistered':
    case 'device-round-trip':
      return 'devices:read';
    case 'trunk-registration':
      return 'trunks:read';
    case 'voicemail-changed':
      return 'voicemail:read';
    case 'recording-ready':
      return 'files:read';
    default:
      return 'calls:read';
  }
}

export const eventsQuery = z.strictObject({
  org: orgParam,
  after: z
    .string()
    .regex(/^[a-z0-9]{1,20}-[0-9]{1,15}$/, 'must be the `sequence` of an event')
    .exactOptional()
    .meta({
      description: '`sequence` of the last event that was seen; what was missed since is sent first.',
      examples: ['k3v9x1pq-42'],
    }),
});

export const EVENTS_DESCRIPTION = `A WebSocket. Send your API key in the \`Authorization\` header of the request; a page of this server is known by its session cookie.

The first message is \`hello\`. After a lost connection come again with \`after\`, the \`sequence\` of the last message you saw: what you missed follows \`hello\`; when that is not known any more, \`reset\` comes instead, which means to read everything anew (as after the very first \`hello\`). \`reset\` may also come later on. \`alive\` comes every 15 s: a connection without any message for 40 s is dead. Every message is a \`LiveEvent\`; ignore types you do not know.

You are told what your key's scopes let you read. Nothing is read from you. The server closes with 1001 (it restarts; come again), 1013 (come again later), 4400 (the query is wrong), 4401 (the key is no longer good), 4404 (the organization is gone), 4408 (you read too slowly; come again with \`after\`) or 4429 (too many streams of your organization).`;
