import { z } from 'zod';
import {
  duration,
  expecting,
  extensionParam,
  idParam,
  instant,
  listQuery,
  orgParam,
  paged,
  pageQuery,
  saidOf,
  shownName,
  uuid,
} from './common.ts';
import { route } from './route.ts';

const maxMessageInS = z
  .int()
  .min(10, 'must be at least 10 seconds')
  .max(3600, 'must be at most an hour')
  .meta({ description: 'Longest message. Seconds.', examples: [180] });

const email = z
  .string()
  .trim()
  .min(3)
  .max(254)
  .meta({ description: 'Where new messages are told.', examples: ['alice@example.com'] });

const isSoundAttached = z.boolean().meta({ description: 'Whether the mail brings the sound.' });

const greeting = z
  .string()
  .max(64)
  .meta({ description: 'Id of a sound of the kind `greeting`.', examples: ['01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10'] });

const counts = {
  newMessages: z.int().meta({ description: 'Not heard yet.' }),
  oldMessages: z.int().meta({ description: 'Heard and kept.' }),
};

const box = z
  .object({
    hasPin: z.boolean().meta({ description: 'Whether a PIN was chosen; the owner does so at the first `*97`.' }),
    lockedUntil: instant.nullable().meta({ description: 'Locked after wrong PINs until then; null: not locked.' }),
    greeting: greeting.nullable().meta({ description: 'Null: the stock greeting.' }),
    maxMessageInS: saidOf(maxMessageInS, z.int()),
    email: z.string().nullable().meta({ description: 'Where new messages are told; null: nowhere.' }),
    isSoundAttached,
    ...counts,
  })
  .meta({ id: 'VoicemailBox' });

const boxSummary = z
  .object({
    extensionId: uuid,
    extension: z.string().meta({ description: 'Its number.', examples: ['101'] }),
    name: shownName.meta({ examples: ['Alice Johnson'] }),
    ...counts,
    latestAt: instant.nullable().meta({ description: 'When the newest message came; null: there is none.' }),
  })
  .meta({ id: 'VoicemailBoxSummary' });

const boxChange = z
  .strictObject({
    pin: z
      .string()
      .max(20)
      .nullable()
      .exactOptional()
      .meta({ description: 'A new PIN of 6 to 20 digits; null: none, the owner chooses one. Unlocks the box.' }),
    isLocked: z.literal(false).exactOptional().meta({ description: 'Unlocks it after too many wrong PINs.' }),
    greeting: greeting.nullable().exactOptional(),
    maxMessageInS: maxMessageInS.exactOptional(),
    email: email.nullable().exactOptional(),
    isSoundAttached: isSoundAttached.exactOptional(),
    expected: expecting(
      'ExpectedVoicemailBox',
      box.pick({ greeting: true, maxMessageInS: true, email: true, isSoundAttached: true }).shape,
    ),
  })
  .meta({ id: 'VoicemailBoxChange', examples: [{ email: 'alice@example.com', isSoundAttached: true }] });

const message = z
  .object({
    id: uuid,
    from: z.string().nullable().meta({ description: "Caller's number; null: withheld." }),
    fromName: z.string().nullable().meta({ description: "Caller's name, where it was sent." }),
    isSaved: z.boolean().meta({ description: 'Heard and kept: an old message.' }),
    duration,
    createdAt: instant,
  })
  .meta({ id: 'VoicemailMessage' });

const params = z.strictObject({ org: orgParam, extension: extensionParam });
const messageParams = z.strictObject({ org: orgParam, extension: extensionParam, message: idParam });
const tags = ['Voicemail'] as const;
const BOX = '/organizations/{org}/extensions/{extension}/voicemail';

export const voicemailRoutes = {
  listVoicemailBoxes: route({
    method: 'GET',
    path: '/organizations/{org}/voicemail',
    summary: 'List voicemail boxes',
    description: "What waits in the box of each extension of the draft, by the extension's number.",
    tags,
    scope: 'voicemail:read',
    params: z.strictObject({ org: orgParam }),
    query: listQuery,
    responses: {
      status: 200,
      body: paged('VoicemailBoxPage', boxSummary),
      description: 'A page of boxes.',
      problems: ['invalid', 'not-found'],
    },
  }),
  getVoicemailBox: route({
    method: 'GET',
    path: BOX,
    summary: 'Show a voicemail box',
    description: 'Every extension has one. Calls reach it by a forward to `voicemail`; `*97` opens it, `*98` any.',
    tags,
    scope: 'voicemail:read',
    params,
    responses: {
      status: 200,
      body: box,
      description: 'The box.',
      unversioned: ['lockedUntil', 'newMessages', 'oldMessages'],
      problems: ['not-found'],
    },
  }),
  updateVoicemailBox: route({
    method: 'PATCH',
    path: BOX,
    summary: 'Change a voicemail box',
    description: 'Members left out stay as they are. Acts at once, without apply.',
    tags,
    scope: 'voicemail:write',
    params,
    body: boxChange,
    responses: {
      status: 200,
      body: box,
      description: 'The box as it is now.',
      problems: ['invalid', 'not-found', 'stale'],
    },
  }),
  listVoicemailMessages: route({
    method: 'GET',
    path: `${BOX}/messages`,
    summary: 'List voicemail messages',
    description: 'Newest first.',
    tags,
    scope: 'voicemail:read',
    params,
    query: z.strictObject({
      ...pageQuery,
      isSaved: z
        .enum(['true', 'false'])
        .exactOptional()
        .meta({ description: '`false`: new messages only; `true`: old ones only.' }),
    }),
    responses: {
      status: 200,
      body: paged('VoicemailMessagePage', message),
      description: 'A page of messages.',
      problems: ['invalid', 'not-found'],
    },
  }),
  getVoicemailMessage: route({
    method: 'GET',
    path: `${BOX}/messages/{message}`,
    summary: 'Show a voicemail message',
    description: 'Its bytes are at `/sound`.',
    tags,
    scope: 'voicemail:read',
    params: messageParams,
    responses: { status: 200, body: message, description: 'The message.', problems: ['not-found'] },
  }),
  downloadVoicemailMessage: route({
    method: 'GET',
    path: `${BOX}/messages/{message}/sound`,
    summary: 'Download a voicemail message',
    description: 'WAV, 8 kHz, mono, 16 bit. It stays new: only `isSaved` makes it an old one.',
    tags,
    scope: 'voicemail:read',
    params: messageParams,
    responses: {
      status: 200,
      body: null,
      media: 'audio/wav',
      description: 'The sound.',
      problems: ['not-found', 'range-not-satisfiable'],
    },
  }),
  updateVoicemailMessage: route({
    method: 'PATCH',
    path: `${BOX}/messages/{message}`,
    summary: 'Mark a voicemail message',
    description: 'As old (heard and kept) or as new; the lamps of the phones follow.',
    tags,
    scope: 'voicemail:write',
    params: messageParams,
    body: z.strictObject({ isSaved: z.boolean() }).meta({ id: 'VoicemailMark', examples: [{ isSaved: true }] }),
    responses: { status: 200, body: message, description: 'The message.', problems: ['invalid', 'not-found'] },
  }),
  deleteVoicemailMessage: route({
    method: 'DELETE',
    path: `${BOX}/messages/{message}`,
    summary: 'Delete a voicemail message',
    description: 'For good, at once.',
    tags,
    scope: 'voicemail:write',
    params: messageParams,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found'] },
  }),
};

export type VoicemailBoxSummaryAnswer = z.infer<typeof boxSummary>;
export type VoicemailBoxAnswer = z.infer<typeof box>;
export type VoicemailMessageAnswer = z.infer<typeof message>;
