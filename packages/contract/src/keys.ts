import { z } from 'zod';
import { idParam, instant, listQuery, orgParam, paged, personName, shownName, uuid } from './common.ts';
import { route, SCOPES } from './route.ts';

const scope = z.enum(SCOPES);

const keyShape = {
  id: z.string().meta({ examples: ['3f9c0d5e7a1b2c4d'] }),
  name: shownName.meta({ examples: ['Reporting'] }),
  organizationId: uuid.nullable().meta({ description: "Null: the operator's." }),
  scopes: z.array(scope).meta({ description: 'What it may do. To write is to read, too.' }),
  createdAt: instant,
  lastUsedAt: instant.nullable().meta({ description: 'Milliseconds since the epoch; null: never.' }),
};

export const apiKey = z.object(keyShape).meta({ id: 'ApiKey' });

const createdKey = z
  .object({ ...keyShape, token: z.string().meta({ description: 'Bearer token, shown this once.' }) })
  .meta({ id: 'CreatedApiKey' });

const newKey = z
  .strictObject({
    name: personName,
    scopes: z.array(scope).min(1).max(SCOPES.length).exactOptional().meta({
      description: 'What it may do; left out: what the admin of an organization needs, or all for the operator.',
    }),
  })
  .meta({ id: 'NewApiKey', examples: [{ name: 'Reporting', scopes: ['calls:read'] }] });

const orgParams = z.strictObject({ org: orgParam });
const tags = ['API keys'] as const;

export const keyRoutes = {
  listKeys: route({
    method: 'GET',
    path: '/organizations/{org}/keys',
    summary: "List an organization's keys",
    description: 'Without their tokens, which nobody can show again.',
    tags,
    scope: 'keys:read',
    params: orgParams,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('ApiKeyPage', apiKey),
      description: 'A page of keys.',
      problems: ['invalid', 'not-found'],
    },
  }),
  createKey: route({
    method: 'POST',
    path: '/organizations/{org}/keys',
    summary: 'Create a key for an organization',
    description: 'It can do nothing outside of the organization, and no more than the key that makes it.',
    tags,
    scope: 'keys:write',
    isRepeatable: true,
    isSecret: true,
    params: orgParams,
    body: newKey,
    responses: {
      status: 201,
      body: createdKey,
      description: 'The key with its token, shown once.',
      problems: ['invalid', 'not-found', 'quota-reached'],
    },
  }),
  listOperatorKeys: route({
    method: 'GET',
    path: '/keys',
    summary: "List the operator's keys",
    description: 'Keys that may name any organization.',
    tags,
    scope: 'keys:read',
    isOperatorOnly: true,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('OperatorKeyPage', apiKey),
      description: 'A page of keys.',
      problems: ['invalid'],
    },
  }),
  createOperatorKey: route({
    method: 'POST',
    path: '/keys',
    summary: 'Create an operator key',
    description: 'It may name any organization, within its scopes.',
    tags,
    scope: 'keys:write',
    isRepeatable: true,
    isOperatorOnly: true,
    isSecret: true,
    body: newKey,
    responses: {
      status: 201,
      body: createdKey,
      description: 'The key with its token, shown once.',
      problems: ['invalid'],
    },
  }),
  deleteKey: route({
    method: 'DELETE',
    path: '/keys/{key}',
    summary: 'Delete a key',
    description: 'It is void at once.',
    tags,
    scope: 'keys:write',
    params: z.strictObject({ key: idParam }),
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found', 'in-use'] },
  }),
};

export type ApiKeyAnswer = z.infer<typeof apiKey>;
