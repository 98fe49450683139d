import { z } from 'zod';
import {
  dialled,
  expecting,
  extensionNumber,
  extensionParam,
  longListQuery,
  orgParam,
  paged,
  personName,
  phoneNumber,
  saidOf,
  searchable,
  shownName,
  spokenLanguage,
  uuid,
} from './common.ts';
import { route } from './route.ts';

const ringTimeInS = z
  .int()
  .min(5, 'must be at least 5 seconds')
  .max(120, 'must be at most 120 seconds')
  .meta({ description: 'How long its devices ring. Seconds.', examples: [25] });

const forward = (when: string) =>
  z
    .union([dialled, z.literal('voicemail')])
    .nullable()
    .meta({
      description: `Where calls go ${when}: a number, or \`voicemail\`, the extension's own box; null: nowhere.`,
      examples: ['102'],
    });

const forwards = {
  forwardAlways: forward('always'),
  forwardBusy: forward('when it is busy'),
  forwardNoAnswer: forward('when nobody answers'),
};

const doNotDisturb = z.boolean().meta({
  description:
    'Its phones do not ring; calls go where they go when it is busy. `forwardAlways` comes first. It calls as always.',
  examples: [false],
});

const outboundNumber = phoneNumber
  .nullable()
  .meta({ description: "One of the organization's numbers, shown on calls to the outside; null: its default." });

const spoken = spokenLanguage.nullable().meta({
  description:
    "Of what it hears from voicemail and announcements, and of its voicemail box to callers from outside; null: the organization's.",
});

export const extension = z
  .object({
    id: uuid,
    number: saidOf(extensionNumber, z.string()),
    name: shownName.meta({ examples: ['Alice Johnson'] }),
    ringTimeInS: saidOf(ringTimeInS, z.int()),
    doNotDisturb,
    forwardAlways: saidOf(forwards.forwardAlways, z.string().nullable()),
    forwardBusy: saidOf(forwards.forwardBusy, z.string().nullable()),
    forwardNoAnswer: saidOf(forwards.forwardNoAnswer, z.string().nullable()),
    outboundNumber: saidOf(outboundNumber, z.string().nullable()),
    language: spoken,
  })
  .meta({ id: 'Extension' });

const optional = {
  ringTimeInS: ringTimeInS.exactOptional(),
  doNotDisturb: doNotDisturb.exactOptional(),
  forwardAlways: forwards.forwardAlways.exactOptional(),
  forwardBusy: forwards.forwardBusy.exactOptional(),
  forwardNoAnswer: forwards.forwardNoAnswer.exactOptional(),
  outboundNumber: outboundNumber.exactOptional(),
  language: spoken.exactOptional(),
};

export const newExtension = z
  .strictObject({ number: extensionNumber, name: personName, ...optional })
  .meta({ id: 'NewExtension', examples: [{ number: '101', name: 'Alice Johnson', ringTimeInS: 25 }] });

const addedExtension = newExtension
  .extend({
    restores: z.uuid('must be the id of an extension').exactOptional().meta({
      description:
        'Id of an extension that was deleted from the draft: the new one takes its place, with its devices and its box. Left out, or nothing of it is left: one of its own.',
    }),
  })
  .meta({ id: 'AddedExtension', examples: [{ number: '103', name: 'Carol Smith', ringTimeInS: 25 }] });

const extensionChange = z
  .strictObject({
    number: extensionNumber.exactOptional(),
    name: personName.exactOptional(),
    ...optional,
    expected: expecting('ExpectedExtension', extension.omit({ id: true }).shape),
  })
  .meta({
    id: 'ExtensionChange',
    examples: [{ forwardNoAnswer: '102' }, { name: 'Alice Miller', expected: { name: 'Alice Johnson' } }],
  });

const colleague = z
  .object({ number: z.string().meta({ examples: ['102'] }), name: z.string().meta({ examples: ['Bob Smith'] }) })
  .meta({ id: 'Colleague' });

const importTable = z
  .strictObject({
    csv: z
      .string()
      .min(1)
      .max(2_000_000)
      .meta({
        description:
          'UTF-8, separated by commas, semicolons or tabs, with the titles number, name, ringTimeInS, doNotDisturb, forwardAlways, forwardBusy, forwardNoAnswer, outboundNumber, language, dids, devices, voicemailEmail, voicemailPin. All but `number` may be left out (`name` for new ones, too, may not). Several `dids` or names of `devices` stand in one cell, with | between them. `doNotDisturb` is `yes` or `no`. An empty cell means none; of the ring time, `doNotDisturb` and voicemail, as it is.',
        examples: ['number,name,devices\n250,Front desk,Desk phone|Mobile\n'],
      }),
    isDryRun: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Says what would be done, and does nothing.', examples: [false] }),
    mayUpdate: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Extensions that are there are changed; else their lines are refused.', examples: [true] }),
  })
  .meta({
    id: 'ExtensionImport',
    examples: [{ csv: 'number,name,devices\n250,Front desk,Desk phone|Mobile\n' }],
  });

const importReport = z
  .object({
    lines: z.int().meta({ description: 'Below the titles.' }),
    created: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    problems: z
      .array(
        z.object({
          line: z.int().meta({ description: 'From 1; the titles are line 1.' }),
          column: z.string().nullable().meta({ description: 'Null: the whole line.' }),
          reason: z.string(),
        }),
      )
      .meta({ description: 'Of a dry run; without one, an import with problems is refused and names them.' }),
    devices: z
      .array(z.object({ extension: z.string(), name: z.string(), username: z.string(), password: z.string() }))
      .meta({ description: 'Devices that were made; their passwords are shown this once.' }),
  })
  .meta({ id: 'ExtensionImportReport' });

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ org: orgParam, extension: extensionParam });
const tags = ['Extensions'] as const;

export const extensionRoutes = {
  listExtensions: route({
    method: 'GET',
    path: '/organizations/{org}/extensions',
    summary: 'List extensions',
    description: "The draft's extensions, by number.",
    tags,
    scope: 'extensions:read',
    params: orgParams,
    query: searchable(longListQuery, 'number or name', 'alice'),
    responses: {
      status: 200,
      body: paged('ExtensionPage', extension),
      description: 'A page of extensions.',
      problems: ['invalid', 'not-found'],
    },
  }),
  listColleagues: route({
    method: 'GET',
    path: '/organizations/{org}/colleagues',
    summary: 'List colleagues',
    description: 'Number and name of all extensions that are in effect, by number: whom one can call and forward to.',
    tags,
    scope: 'extensions:read',
    params: orgParams,
    query: longListQuery,
    responses: {
      status: 200,
      body: paged('ColleaguePage', colleague),
      description: 'A page of colleagues.',
      problems: ['invalid', 'not-found'],
    },
  }),
  createExtension: route({
    method: 'POST',
    path: '/organizations/{org}/extensions',
    summary: 'Create an extension',
    description: 'Stored in the draft; live after apply.',
    tags,
    scope: 'extensions:write',
    isRepeatable: true,
    params: orgParams,
    body: addedExtension,
    responses: {
      status: 201,
      body: extension,
      description: 'The extension.',
      problems: ['invalid', 'not-found', 'number-taken', 'conflict', 'quota-reached'],
    },
  }),
  importExtensions: route({
    method: 'POST',
    path: '/organizations/{org}/extensions/import',
    summary: 'Import extensions from a table',
    description:
      'All of it goes into the draft, or nothing: each bad line is named with its column and reason. What the table does not name stays. Numbers in `dids` lead to the extension; a name in `devices` that the extension does not have is made as a device. With those columns the key needs `numbers:write` and `devices:write`, too. Voicemail boxes change at once; that needs `voicemail:write`, and a table may have 100 PINs.',
    tags,
    scope: 'extensions:write',
    isRepeatable: true,
    isSecret: true,
    maxBody: 3 * 1024 * 1024,
    params: orgParams,
    body: importTable,
    responses: {
      status: 200,
      body: importReport,
      description: 'What was done, or would be.',
      problems: ['invalid', 'not-found', 'quota-reached'],
    },
  }),
  exportExtensions: route({
    method: 'GET',
    path: '/organizations/{org}/extensions/export',
    summary: 'Export extensions as a table',
    description:
      "The draft's, in the form that import reads. A cell that a spreadsheet would take for a formula has a ' in front.",
    tags,
    scope: 'extensions:read',
    params: orgParams,
    responses: {
      status: 200,
      body: z.object({ csv: z.string() }).meta({ id: 'ExtensionTable' }),
      description: 'The table.',
      problems: ['not-found'],
    },
  }),
  getExtension: route({
    method: 'GET',
    path: '/organizations/{org}/extensions/{extension}',
    summary: 'Show an extension',
    description: 'As it is in the draft.',
    tags,
    scope: 'extensions:read',
    params,
    responses: { status: 200, body: extension, description: 'The extension.', problems: ['not-found'] },
  }),
  updateExtension: route({
    method: 'PATCH',
    path: '/organizations/{org}/extensions/{extension}',
    summary: 'Change an extension',
    description: 'Members left out stay as they are. Stored in the draft; live after apply.',
    tags,
    scope: 'extensions:write',
    params,
    body: extensionChange,
    responses: {
      status: 200,
      body: extension,
      description: 'The extension as it is now.',
      problems: ['invalid', 'not-found', 'number-taken', 'conflict', 'stale'],
    },
  }),
  deleteExtension: route({
    method: 'DELETE',
    path: '/organizations/{org}/extensions/{extension}',
    summary: 'Delete an extension',
    description: 'Taken out of the draft; it stops to ring after apply.',
    tags,
    scope: 'extensions:write',
    params,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found', 'in-use'] },
  }),
};

export type ExtensionAnswer = z.infer<typeof extension>;
