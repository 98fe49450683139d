import { z } from 'zod';
import {
  e164,
  expecting,
  extensionParam,
  listQuery,
  numberParam,
  orgParam,
  paged,
  phoneNumber,
  searchable,
} from './common.ts';
import { route } from './route.ts';

export const number = z
  .object({
    number: e164,
    extension: z
      .string()
      .nullable()
      .meta({ description: 'Extension it leads to in the draft.', examples: ['101'] }),
    appliedExtension: z
      .string()
      .nullable()
      .meta({ description: 'Extension it leads to now.', examples: ['101'] }),
  })
  .meta({ id: 'Number' });

const target = extensionParam
  .nullable()
  .meta({ description: 'Extension it shall lead to; null: nowhere.', examples: ['101'] });

export const newNumber = z
  .strictObject({ number: phoneNumber, extension: target.exactOptional() })
  .meta({ id: 'NewNumber', examples: [{ number: '+442079460100', extension: '101' }] });

const numberChange = z
  .strictObject({
    extension: target,
    expected: expecting('ExpectedNumber', { extension: number.shape.extension }),
  })
  .meta({ id: 'NumberChange', examples: [{ extension: '102' }] });

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ org: orgParam, number: numberParam });
const tags = ['Numbers'] as const;

export const numberRoutes = {
  listNumbers: route({
    method: 'GET',
    path: '/organizations/{org}/numbers',
    summary: 'List numbers',
    description: 'The numbers (DIDs) of the organization and where each leads.',
    tags,
    scope: 'numbers:read',
    params: orgParams,
    query: searchable(listQuery, 'its digits', '7946'),
    responses: {
      status: 200,
      body: paged('NumberPage', number),
      description: 'A page of numbers.',
      problems: ['invalid', 'not-found'],
    },
  }),
  assignNumber: route({
    method: 'POST',
    path: '/organizations/{org}/numbers',
    summary: 'Assign a number',
    description:
      'A number belongs to one organization of the installation. It is theirs at once; where it leads is stored in the draft.',
    tags,
    scope: 'numbers:write',
    isRepeatable: true,
    isOperatorOnly: true,
    params: orgParams,
    body: newNumber,
    responses: {
      status: 201,
      body: number,
      description: 'The number.',
      problems: ['invalid', 'not-found', 'number-taken', 'quota-reached'],
    },
  }),
  getNumber: route({
    method: 'GET',
    path: '/organizations/{org}/numbers/{number}',
    summary: 'Show a number',
    description: 'Where it leads in the draft, and where it leads now.',
    tags,
    scope: 'numbers:read',
    params,
    responses: {
      status: 200,
      body: number,
      description: 'The number.',
      unversioned: ['appliedExtension'],
      problems: ['not-found'],
    },
  }),
  routeNumber: route({
    method: 'PATCH',
    path: '/organizations/{org}/numbers/{number}',
    summary: 'Route a number',
    description: 'Where it leads, stored in the draft; live after apply.',
    tags,
    scope: 'numbers:write',
    params,
    body: numberChange,
    responses: {
      status: 200,
      body: number,
      description: 'The number as it is now.',
      problems: ['invalid', 'not-found', 'stale'],
    },
  }),
  releaseNumber: route({
    method: 'DELETE',
    path: '/organizations/{org}/numbers/{number}',
    summary: 'Release a number',
    description: 'Takes it from the organization at once; it may then be assigned to another.',
    tags,
    scope: 'numbers:write',
    isOperatorOnly: true,
    params,
    responses: { status: 204, body: null, description: 'It is free.', problems: ['not-found', 'in-use'] },
  }),
};

export type NumberAnswer = z.infer<typeof number>;
