import { z } from 'zod';
import { e164, instant, listQuery, noteText, orgParam, paged, revisionParam, uuid } from './common.ts';
import { extension } from './extensions.ts';
import { route } from './route.ts';

const changeSide = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .nullable()
  .meta({ examples: [{ ringTimeInS: 25 }] });

const draftChange = z
  .object({
    kind: z.enum(['added', 'changed', 'removed']),
    what: z.enum(['extension', 'route']),
    name: z.string().meta({ description: 'Extension number or E.164 number.', examples: ['101'] }),
    before: changeSide.meta({ description: 'Members that differ, as applied.' }),
    after: changeSide.meta({ description: 'Members that differ, in the draft.' }),
    devices: z.int().min(1).exactOptional().meta({
      description:
        'Devices of the extension that go with it: of one that is added, when the draft is discarded; of one that is removed, when it is applied.',
    }),
  })
  .meta({ id: 'DraftChange' });

const revisionShape = {
  number: z
    .int()
    .min(0)
    .meta({ examples: [3] }),
  appliedAt: instant,
  appliedBy: z.string().meta({ description: 'Name of the key that applied it, as it was then.' }),
  isCurrent: z.boolean(),
  note: z.string().nullable(),
};

export const revision = z.object(revisionShape).meta({ id: 'Revision' });

const rolledBack = z
  .object({
    ...revisionShape,
    notRestored: z
      .array(z.string())
      .meta({ description: 'What could not be brought back, e.g. a number that moved away.' }),
  })
  .meta({ id: 'RolledBackRevision' });

export const revisionContent = z
  .object({
    number: z.int().min(0),
    content: z.object({
      extensions: z.array(extension),
      routes: z.array(z.object({ number: e164, extensionId: uuid })),
    }),
  })
  .meta({ id: 'RevisionContent' });

const applyBody = z
  .strictObject({ note: noteText.exactOptional().meta({ description: 'What it is about, for the history.' }) })
  .meta({ id: 'Apply', examples: [{ note: 'New sales team' }] });

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ org: orgParam, revision: revisionParam });
const tags = ['Draft and revisions'] as const;

export const revisionRoutes = {
  getDraft: route({
    method: 'GET',
    path: '/organizations/{org}/draft',
    summary: 'Show what the draft changes',
    description: 'Differences between the draft and the applied revision; what apply would publish.',
    tags,
    scope: 'revisions:read',
    params: orgParams,
    responses: {
      status: 200,
      body: z.object({ changes: z.array(draftChange) }).meta({ id: 'Draft' }),
      description: 'The changes.',
      problems: ['not-found'],
    },
  }),
  discardDraft: route({
    method: 'DELETE',
    path: '/organizations/{org}/draft',
    summary: 'Discard the draft',
    description: 'The draft becomes what is applied.',
    tags,
    scope: 'revisions:write',
    params: orgParams,
    responses: { status: 204, body: null, description: 'The draft is dropped.', problems: ['not-found', 'conflict'] },
  }),
  applyDraft: route({
    method: 'POST',
    path: '/organizations/{org}/apply',
    summary: 'Apply the draft',
    description:
      'Checks the draft and publishes it as the next revision, whole or not at all. Live when this answers; calls in progress keep the revision they began with.',
    tags,
    scope: 'revisions:write',
    params: orgParams,
    body: applyBody,
    responses: {
      status: 200,
      body: revision,
      description: 'The revision that is live now.',
      problems: ['invalid', 'not-found', 'draft-invalid', 'conflict'],
    },
  }),
  listRevisions: route({
    method: 'GET',
    path: '/organizations/{org}/revisions',
    summary: 'List revisions',
    description: 'What was applied, newest first.',
    tags,
    scope: 'revisions:read',
    params: orgParams,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('RevisionPage', revision),
      description: 'A page of revisions.',
      problems: ['invalid', 'not-found'],
    },
  }),
  getRevision: route({
    method: 'GET',
    path: '/organizations/{org}/revisions/{revision}',
    summary: 'Show a revision',
    description: 'All that it published: extensions, and where each number leads.',
    tags,
    scope: 'revisions:read',
    params,
    responses: { status: 200, body: revisionContent, description: 'Its content.', problems: ['invalid', 'not-found'] },
  }),
  rollback: route({
    method: 'POST',
    path: '/organizations/{org}/revisions/{revision}/rollback',
    summary: 'Roll back to a revision',
    description: 'Publishes its content as the next revision. Live when this answers; calls in progress go on.',
    tags,
    scope: 'revisions:write',
    params,
    responses: {
      status: 200,
      body: rolledBack,
      description: 'The revision that is live now.',
      problems: ['invalid', 'not-found', 'conflict', 'draft-invalid', 'quota-reached'],
    },
  }),
};

export type RevisionAnswer = z.infer<typeof revision>;
export type DraftChangeAnswer = z.infer<typeof draftChange>;
