import { z } from 'zod';
import {
  dialled,
  extensionNumber,
  extensionParam,
  listQuery,
  orgParam,
  paged,
  personName,
  phoneNumber,
  uuid,
} from './common.ts';
import { route } from './route.ts';

const ringTimeInS = z
  .int()
  .min(5, 'must be at least 5 seconds')
  .max(120, 'must be at most 120 seconds')
  .meta({ description: 'How long its devices ring. Seconds.', examples: [25] });

const forward = (when: string) =>
  dialled.nullable().meta({ description: `Where calls go ${when}; null: nowhere.`, examples: ['102'] });

const outboundNumber = phoneNumber
  .nullable()
  .meta({ description: "One of the organization's numbers, shown on calls to the outside; null: its default." });

export const extension = z
  .object({
    id: uuid,
    number: z.string().meta({ examples: ['101'] }),
    name: z.string().meta({ examples: ['Alice Johnson'] }),
    ringTimeInS: z.int(),
    forwardAlways: z.string().nullable(),
    forwardBusy: z.string().nullable(),
    forwardNoAnswer: z.string().nullable(),
    outboundNumber: z.string().nullable(),
  })
  .meta({ id: 'Extension' });

const optional = {
  ringTimeInS: ringTimeInS.exactOptional(),
  forwardAlways: forward('always').exactOptional(),
  forwardBusy: forward('when it is busy').exactOptional(),
  forwardNoAnswer: forward('when nobody answers').exactOptional(),
  outboundNumber: outboundNumber.exactOptional(),
};

const newExtension = z
  .strictObject({ number: extensionNumber, name: personName, ...optional })
  .meta({ id: 'NewExtension', examples: [{ number: '101', name: 'Alice Johnson', ringTimeInS: 25 }] });

const extensionChange = z
  .strictObject({ number: extensionNumber.exactOptional(), name: personName.exactOptional(), ...optional })
  .meta({ id: 'ExtensionChange', examples: [{ forwardNoAnswer: '102' }] });

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
    query: listQuery,
    responses: {
      status: 200,
      body: paged('ExtensionPage', extension),
      description: 'A page of extensions.',
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
    params: orgParams,
    body: newExtension,
    responses: {
      status: 201,
      body: extension,
      description: 'The extension.',
      problems: ['invalid', 'not-found', 'number-taken', 'conflict', 'quota-reached'],
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
      problems: ['invalid', 'not-found', 'number-taken', 'conflict'],
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
