import { z } from 'zod';
import { duration, idParam, instant, orgParam, paged, pageQuery, personName, uuid } from './common.ts';
import { route } from './route.ts';

const kind = z.enum(['recording', 'greeting', 'prompt', 'music']).meta({ description: 'What it is for.' });

export const file = z
  .object({
    id: uuid,
    kind,
    name: z.string().nullable().meta({ description: 'As it was uploaded; null for what was recorded.' }),
    callId: z.string().nullable().meta({ description: 'Call it was recorded in.' }),
    bytes: z.int().min(0),
    duration,
    createdAt: instant,
  })
  .meta({ id: 'SoundFile' });

export const musicChoice = z.enum(['own', 'stock']).meta({
  description: '`own`: the music that was uploaded, where there is any; `stock`: the standard music.',
  examples: ['own'],
});

const musicOnHold = z
  .object({ music: musicChoice, appliedMusic: musicChoice.meta({ description: 'What is heard now.' }) })
  .meta({ id: 'MusicOnHold' });

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ org: orgParam, file: idParam });
const tags = ['Files'] as const;

export const fileRoutes = {
  listFiles: route({
    method: 'GET',
    path: '/organizations/{org}/files',
    summary: 'List sounds',
    description: 'Newest first. A recording is here soon after it ended. Voicemail is listed with its box.',
    tags,
    scope: 'files:read',
    params: orgParams,
    query: z.strictObject({
      ...pageQuery,
      kind: kind.exactOptional(),
      call: idParam.exactOptional().meta({ description: 'Recordings of this call.' }),
    }),
    responses: {
      status: 200,
      body: paged('SoundFilePage', file),
      description: 'A page of sounds.',
      problems: ['invalid', 'not-found'],
    },
  }),
  getFile: route({
    method: 'GET',
    path: '/organizations/{org}/files/{file}',
    summary: 'Show a sound',
    description: 'What is known of it; its bytes are at `/sound`.',
    tags,
    scope: 'files:read',
    params,
    responses: { status: 200, body: file, description: 'The sound.', problems: ['not-found'] },
  }),
  downloadFile: route({
    method: 'GET',
    path: '/organizations/{org}/files/{file}/sound',
    summary: 'Download a sound',
    description: 'WAV, 8 kHz, mono, 16 bit. `Range` gives a part of it, so that players can seek.',
    tags,
    scope: 'files:read',
    params,
    responses: {
      status: 200,
      body: null,
      media: 'audio/wav',
      description: 'The sound.',
      problems: ['not-found', 'range-not-satisfiable'],
    },
  }),
  uploadFile: route({
    method: 'POST',
    path: '/organizations/{org}/files',
    summary: 'Upload a sound',
    description:
      'The body is the file itself: WAV, MP3, Ogg (Vorbis or Opus), FLAC or AIFF, 64 MiB and 30 minutes at most, with `Content-Type: audio/*` or `application/octet-stream`. It is typed by its content and stored as WAV, 8 kHz, mono. Music is heard by whoever is held from then on (unless the stock was chosen); all of it, in random order.',
    tags,
    scope: 'files:write',
    isRepeatable: true,
    params: orgParams,
    query: z.strictObject({
      kind: z.enum(['greeting', 'prompt', 'music']).meta({ description: 'What it is for.', examples: ['music'] }),
      name: personName.meta({ description: 'For people.', examples: ['Waltz'] }),
    }),
    isUpload: true,
    responses: {
      status: 201,
      body: file,
      description: 'The sound.',
      problems: [
        'invalid',
        'not-found',
        'storage-full',
        'too-large',
        'unsupported-media-type',
        'sound-invalid',
        'too-many-uploads',
      ],
    },
  }),
  deleteFile: route({
    method: 'DELETE',
    path: '/organizations/{org}/files/{file}',
    summary: 'Delete a sound',
    description: 'For good, at once.',
    tags,
    scope: 'files:write',
    params,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found'] },
  }),
  getMusic: route({
    method: 'GET',
    path: '/organizations/{org}/music',
    summary: 'Show which music is heard on hold',
    description: 'In the draft, and as applied. The music itself is among the sounds, of the kind `music`.',
    tags,
    scope: 'files:read',
    params: orgParams,
    responses: {
      status: 200,
      body: musicOnHold,
      description: 'The choice.',
      unversioned: ['appliedMusic'],
      problems: ['not-found'],
    },
  }),
  setMusic: route({
    method: 'PUT',
    path: '/organizations/{org}/music',
    summary: 'Choose which music is heard on hold',
    description: 'Stored in the draft; live after apply. Sounds that were uploaded stay.',
    tags,
    scope: 'files:write',
    params: orgParams,
    body: z.strictObject({ music: musicChoice }).meta({ id: 'MusicChoice', examples: [{ music: 'stock' }] }),
    responses: { status: 200, body: musicOnHold, description: 'The choice.', problems: ['invalid', 'not-found'] },
  }),
};

export type FileAnswer = z.infer<typeof file>;
