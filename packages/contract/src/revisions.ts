import { z } from 'zod';
import { e164, instant, listQuery, noteText, orgParam, paged, revisionParam, uuid } from './common.ts';
import { extension } from './extensions.ts';
import { musicChoice } from './files.ts';
import { route } from './route.ts';

const changeSide = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .nullable()
  .meta({ examples: [{ ringTimeInS: 25 }] });

const draftChange = z
  .object({
    kind: z.enum(['added', 'changed', 'removed']).meta({ description: 'What was done to it.' }),
    what: z.enum(['extension', 'route', 'music']).meta({ description: '`route`: where a number leads.' }),
    id: z.string().meta({ description: 'Of the extension; of a route its E.164 number; of the music `music`.' }),
    name: z
      .string()
      .meta({ description: 'Extension number or E.164 number; of the music `on hold`.', examples: ['101'] }),
    before: changeSide.meta({ description: 'Members that differ, as applied.' }),
    after: changeSide.meta({ description: 'Members that differ, in the draft.' }),
    devices: z.int().min(1).exactOptional().meta({
      description:
        'Devices of the extension that go with it: of one that is added, when the draft is discarded; of one that is removed, when it is applied.',
    }),
    changedAt: instant.nullable().meta({ description: 'When it was touched last; null: that is not known any more.' }),
    changedBy: z
      .object({ kind: z.string(), id: z.string().nullable(), name: z.string() })
      .nullable()
      .meta({ description: 'Who touched it last.' }),
  })
  .meta({ id: 'DraftChange' });

const revisionShape = {
  number: z
    .int()
    .min(0)
    .meta({ description: 'Counted up from 1.', examples: [3] }),
  appliedAt: instant,
  appliedBy: z.string().meta({ description: 'Name of the key that applied it, as it was then.' }),
  isCurrent: z.boolean().meta({ description: 'It is in effect now.' }),
  note: z.string().nullable().meta({ description: 'What it was about, as its author said.' }),
};

export const revision = z.object(revisionShape).meta({ id: 'Revision' });

export const revisionContent = z
  .object({
    number: z.int().min(0),
    content: z.object({
      extensions: z.array(extension),
      routes: z.array(z.object({ number: e164, extensionId: uuid })),
      music: musicChoice,
    }),
  })
  .meta({ id: 'RevisionContent' });

const applyBody = z
  .strictObject({ note: noteText.exactOptional().meta({ description: 'What it is about, for the history.' }) })
  .meta({ id: 'Apply', examples: [{ note: 'New sales team' }] });

const waitingApply = z
  .object({
    askedAt: instant,
    askedBy: z.string().meta({ description: 'Name of who did, as it was then.' }),
    deadline: instant.meta({ description: 'Applied then at the latest, calls or not.' }),
    note: z.string().nullable().meta({ description: 'What it is about.' }),
    email: z.string().nullable().meta({ description: 'Who is told when it is done.' }),
  })
  .meta({ id: 'WaitingApply' });

const removedDevice = z.object({
  username: z.string().meta({ description: 'SIP username.' }),
  name: z.string().meta({ description: 'What it is called.' }),
  extension: z.string().meta({ description: 'Number of its extension.' }),
  isRegistered: z.boolean().meta({ description: 'It is registered now.' }),
  isInCall: z.boolean().meta({ description: 'Its call goes on to its end; it gets no new one.' }),
});

const effect = z
  .object({
    kind: z.enum(['none', 'hot', 'object', 'drain']).meta({
      description:
        '`hot`: only how new calls go; `object`: phones are taken away; `drain`: of them, some are in a call now.',
    }),
    callsInProgress: z.int().min(0).meta({ description: 'Calls that go on by the rules they began with.' }),
    devicesRemoved: z.array(removedDevice).meta({ description: 'Phones that are taken away.' }),
  })
  .meta({
    description: 'What it does now. No other phone must register again, and no other organization is touched.',
  });

const draft = z
  .object({
    revision: z.int().min(0).meta({ description: 'What is applied now; 0: nothing.' }),
    changes: z.array(draftChange).meta({ description: 'What differs from what is applied.' }),
    effect,
    waiting: waitingApply.nullable().meta({ description: 'The apply that waits until no call is in progress.' }),
  })
  .meta({ id: 'Draft' });

const notRestored = z
  .array(
    z.object({
      what: z.enum(['phones', 'outbound-number', 'number']),
      extension: z.string().nullable().meta({ description: 'Number of the extension it belonged to.' }),
      number: e164.nullable(),
    }),
  )
  .meta({
    description:
      'What cannot be brought back: phones and messages of an extension, deleted with it; a number that is no longer the organization’s, as what it shows outside or as one that is called.',
  });

const rolledBack = z.object({ ...revisionShape, notRestored }).meta({ id: 'RolledBackRevision' });

const rollbackPreview = z
  .object({
    revision: z.int().min(0).meta({ description: 'What is applied now.' }),
    changes: z.array(draftChange).meta({ description: 'What would differ from what is applied now.' }),
    effect,
    dropped: z.int().min(0).meta({ description: 'Changes that wait in the draft and would be lost.' }),
    notRestored,
  })
  .meta({ id: 'RollbackPreview' });

const applyWhenIdleBody = z
  .strictObject({
    deadlineInS: z
      .int()
      .min(0)
      .max(604_800, 'must be at most a week')
      .exactOptional()
      .meta({
        description: 'Applied after this time at the latest, calls or not; an hour when left out.',
        examples: [3600],
      }),
    note: noteText.exactOptional().meta({ description: 'What it is about, for the history.' }),
    email: z
      .string()
      .trim()
      .min(3)
      .max(254)
      .exactOptional()
      .meta({ description: 'Who is told by e-mail when it is done.', examples: ['alice@example.com'] }),
  })
  .meta({ id: 'ApplyWhenIdle', examples: [{ deadlineInS: 3600, email: 'alice@example.com' }] });

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ org: orgParam, revision: revisionParam });
const tags = ['Draft and revisions'] as const;

export const revisionRoutes = {
  getDraft: route({
    method: 'GET',
    path: '/organizations/{org}/draft',
    summary: 'Show what the draft changes',
    description:
      'Differences between the draft and the applied revision, who made each and when, what apply would do, and whether one waits.',
    tags,
    scope: 'revisions:read',
    params: orgParams,
    responses: {
      status: 200,
      body: draft,
      description: 'The changes.',
      problems: ['not-found'],
    },
  }),
  discardDraft: route({
    method: 'DELETE',
    path: '/organizations/{org}/draft',
    summary: 'Discard the draft',
    description: 'The draft becomes what is applied. An apply that waits is stopped.',
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
    isRepeatable: true,
    params: orgParams,
    body: applyBody,
    responses: {
      status: 200,
      body: revision,
      description: 'The revision that is live now.',
      problems: ['invalid', 'not-found', 'draft-invalid', 'conflict'],
    },
  }),
  applyWhenIdle: route({
    method: 'PUT',
    path: '/organizations/{org}/apply',
    summary: 'Apply the draft when no call is in progress',
    description:
      'Waits until the organization has no call in progress, at most until the deadline, and survives restarts. What is applied is the draft as it is then. Asked for again, the new wish takes the place of the one that waits. Apply, rollback and discard end the waiting.',
    tags,
    scope: 'revisions:write',
    params: orgParams,
    body: applyWhenIdleBody,
    responses: {
      status: 200,
      body: waitingApply,
      description: 'It waits.',
      problems: ['invalid', 'not-found', 'draft-invalid'],
    },
  }),
  stopApply: route({
    method: 'DELETE',
    path: '/organizations/{org}/apply',
    summary: 'Stop an apply that waits',
    description: 'The draft stays as it is. `not-found`: none waits (any more).',
    tags,
    scope: 'revisions:write',
    params: orgParams,
    responses: { status: 204, body: null, description: 'None waits any more.', problems: ['not-found'] },
  }),
  resetDraft: route({
    method: 'POST',
    path: '/organizations/{org}/draft/reset',
    summary: 'Give the draft sensible defaults',
    description:
      'Extensions keep their number and name, and get the settings of new ones; numbers that lead nowhere lead to the first extension; who is held hears the music of the organization. Live after apply; discard takes it back.',
    tags,
    scope: 'revisions:write',
    params: orgParams,
    responses: { status: 204, body: null, description: 'The draft has them.', problems: ['not-found'] },
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
    description: 'All that it published: extensions, where each number leads, and the music on hold.',
    tags,
    scope: 'revisions:read',
    params,
    responses: { status: 200, body: revisionContent, description: 'Its content.', problems: ['invalid', 'not-found'] },
  }),
  lookAtRollback: route({
    method: 'GET',
    path: '/organizations/{org}/revisions/{revision}/rollback',
    summary: 'Show what going back to a revision would do',
    description:
      'What would change, which phones and waiting changes would be lost for good, and what cannot be had again. Refused as the rollback would be.',
    tags,
    scope: 'revisions:read',
    params,
    responses: {
      status: 200,
      body: rollbackPreview,
      description: 'What it would do now.',
      problems: ['invalid', 'not-found', 'draft-invalid', 'quota-reached'],
    },
  }),
  rollback: route({
    method: 'POST',
    path: '/organizations/{org}/revisions/{revision}/rollback',
    summary: 'Roll back to a revision',
    description: 'Publishes its content as the next revision. Live when this answers; calls in progress go on.',
    tags,
    scope: 'revisions:write',
    isRepeatable: true,
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
export type DraftAnswer = z.infer<typeof draft>;
export type RollbackPreviewAnswer = z.infer<typeof rollbackPreview>;
