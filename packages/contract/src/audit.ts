import { z } from 'zod';
import { inOrder, instant, orgParam, paged, pageQuery, uuid, when } from './common.ts';
import { route } from './route.ts';

const author = z
  .object({
    kind: z.enum(['operator', 'person', 'key', 'system']).meta({
      description:
        '`person`: a user of the organization; `key`: an API key of it; `operator`: a person or key of the operator; `system`: nobody asked for it.',
    }),
    id: z.string().nullable().meta({ description: 'Id of the person or key.' }),
    name: z.string().meta({ description: 'Name of the person or key, as it was then.', examples: ['Admin'] }),
    address: z
      .string()
      .nullable()
      .meta({ description: 'Where the request came from.', examples: ['192.0.2.7'] }),
    requestId: z.string().nullable(),
    operation: z
      .string()
      .nullable()
      .meta({ description: 'Operation of this API.', examples: ['updateExtension'] }),
  })
  .meta({ id: 'Author' });

const auditEntry = z
  .object({
    id: z.int().meta({ description: 'Rises with time.' }),
    at: instant,
    organizationId: uuid.nullable().meta({ description: 'Null: of the installation.' }),
    author,
    action: z.string().meta({ description: '`created`, `changed`, `deleted` or another.', examples: ['changed'] }),
    resource: z.string().meta({ examples: ['extension'] }),
    resourceId: z.string(),
    label: z
      .string()
      .nullable()
      .meta({ description: 'What people call it.', examples: ['101'] }),
    changes: z
      .record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }))
      .meta({ description: 'Before and after of each changed field; secrets read `(secret)`.' }),
  })
  .meta({ id: 'AuditEntry' });

const text = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');

const query = inOrder(
  z.strictObject({
    ...pageQuery,
    author: text
      .exactOptional()
      .meta({ description: 'Id of the person or key that did it.', examples: ['3f9c0d5e7a1b2c4d'] }),
    action: text.exactOptional().meta({ description: 'What was done.', examples: ['deleted'] }),
    resource: text.exactOptional().meta({ description: 'To what kind of thing.', examples: ['device'] }),
    resourceId: text.exactOptional().meta({ description: 'To which one.', examples: ['k7p2m9x4c1q8'] }),
    since: when.exactOptional().meta({ description: 'At or after this. Milliseconds since the epoch.' }),
    until: when.exactOptional().meta({ description: 'Before this. Milliseconds since the epoch.' }),
  }),
);

const tags = ['Audit log'] as const;

export const auditRoutes = {
  listAudit: route({
    method: 'GET',
    path: '/organizations/{org}/audit',
    summary: 'List what was changed',
    description:
      'Newest first: who changed what of the organization, from where and when. What the operator did to it is there, too.',
    tags,
    scope: 'audit:read',
    params: z.strictObject({ org: orgParam }),
    query,
    responses: {
      status: 200,
      body: paged('AuditPage', auditEntry),
      description: 'A page of entries.',
      problems: ['invalid', 'not-found'],
    },
  }),
  listInstallationAudit: route({
    method: 'GET',
    path: '/audit',
    summary: 'List what was changed in the whole installation',
    description: 'Newest first, of all organizations and of the installation itself.',
    tags,
    scope: 'audit:read',
    isOperatorOnly: true,
    query,
    responses: {
      status: 200,
      body: paged('InstallationAuditPage', auditEntry),
      description: 'A page of entries.',
      problems: ['invalid'],
    },
  }),
};

export type AuditEntryAnswer = z.infer<typeof auditEntry>;
