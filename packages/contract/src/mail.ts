import { z } from 'zod';
import { expecting, idParam, instant, listQuery, paged, personName, saidOf, uuid } from './common.ts';
import { route } from './route.ts';

export const mailAddress = z
  .string()
  .max(254, 'must be at most 254 characters')
  .regex(/^[^\s@<>",;:\\()[\]\p{Cc}\p{Cs}]{1,64}@[A-Za-z0-9.-]{1,190}$/u, 'must be an e-mail address')
  .meta({ description: 'E-mail address.', examples: ['operator@example.com'] });

const host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9:.-]+$/, 'must be a name or an IP address')
  .meta({ description: 'Name or IP address.', examples: ['smtp.example.com'] });

const security = z.enum(['tls', 'starttls', 'none']).meta({
  description: '`tls`: from the first byte; `starttls`: demanded; `none`: in the clear, for a server on this machine.',
});
const port = z
  .int()
  .min(1)
  .max(65_535)
  .meta({ description: 'Its port.', examples: [587] });
const verifyCertificate = z.boolean().meta({ description: 'False takes any certificate.' });

const shown = {
  host: saidOf(host, z.string()),
  port: saidOf(port, z.int()),
  security,
  verifyCertificate,
  username: z.string().nullable().meta({ description: 'Name to log in with; null: none.' }),
  fromAddress: z.string().meta({ description: 'Address that mails come from.' }),
  fromName: z.string().meta({ description: 'Name that mails come from.' }),
};

const mailServer = z
  .object({
    ...shown,
    hasPassword: z.boolean().meta({ description: 'Whether there is a password, which is never shown.' }),
  })
  .meta({ id: 'MailServer' });

const newMailServer = z
  .strictObject({
    host,
    port: port.exactOptional().meta({ description: 'Left out: 465 with `tls`, 587 with `starttls`, 25 with `none`.' }),
    security: security.exactOptional().meta({ description: 'Left out: `starttls`.' }),
    verifyCertificate: verifyCertificate.exactOptional(),
    username: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must not contain control characters')
      .nullable()
      .exactOptional(),
    password: z
      .string()
      .min(1)
      .max(500)
      .nullable()
      .exactOptional()
      .meta({ description: 'Never shown again. Left out: it stays, while host and user name do.' }),
    fromAddress: mailAddress,
    fromName: personName.exactOptional().meta({ description: 'Left out: `LittlePBX`.' }),
    // Of no server there is nothing to be seen.
    expected: expecting('ExpectedMailServer', {
      host: shown.host.nullable(),
      port: shown.port.nullable(),
      security: security.nullable(),
      verifyCertificate: verifyCertificate.nullable(),
      username: shown.username,
      fromAddress: shown.fromAddress.nullable(),
      fromName: shown.fromName.nullable(),
    }),
  })
  .meta({
    id: 'NewMailServer',
    examples: [
      { host: 'smtp.example.com', username: 'pbx', password: '…', fromAddress: 'pbx@example.com', fromName: 'Phones' },
    ],
  });

const queuedMail = z
  .object({
    id: uuid,
    organizationId: uuid.nullable().meta({ description: "On whose behalf; null: the operator's." }),
    to: z.array(z.string()).meta({ description: 'Addresses it goes to.' }),
    subject: z.string().meta({ description: 'Its subject.' }),
    createdAt: instant,
    attempts: z.int().min(0).meta({ description: 'How often it was tried.' }),
    nextAttemptAt: instant,
    lastError: z.string().nullable().meta({ description: 'What the mail server said last.' }),
    failedAt: instant.nullable().meta({ description: 'When it was given up; null while it waits.' }),
  })
  .meta({ id: 'QueuedMail' });

const mailState = z
  .object({
    server: mailServer.nullable().meta({ description: 'Null: there is none, and mails are dropped.' }),
    waiting: z.int().min(0).meta({ description: 'Mails that will be tried (again).' }),
    failed: z.int().min(0).meta({ description: 'Mails that were given up.' }),
  })
  .meta({ id: 'MailState' });

const params = z.strictObject({ mail: idParam });
const own = { tags: ['Mail'], isOperatorOnly: true } as const;

export const mailRoutes = {
  getMail: route({
    method: 'GET',
    path: '/mail',
    summary: 'Show how mail goes out',
    description: 'The mail server, without its password, and how much waits. Without a server mails are dropped.',
    ...own,
    scope: 'system:read',
    responses: {
      status: 200,
      body: mailState,
      description: 'The state now.',
      unversioned: ['waiting', 'failed'],
      problems: [],
    },
  }),
  setMailServer: route({
    method: 'PUT',
    path: '/mail',
    summary: 'Set the mail server',
    description: 'Acts at once, for what waits too.',
    ...own,
    scope: 'system:write',
    body: newMailServer,
    responses: {
      status: 200,
      body: mailServer,
      description: 'The server as it is now.',
      problems: ['invalid', 'stale'],
    },
  }),
  removeMailServer: route({
    method: 'DELETE',
    path: '/mail',
    summary: 'Send no mail any more',
    description: 'What waits is dropped.',
    ...own,
    scope: 'system:write',
    responses: { status: 204, body: null, description: 'There is none.', problems: [] },
  }),
  testMail: route({
    method: 'POST',
    path: '/mail/test',
    summary: 'Send a test mail',
    description:
      'At once, past the queue; a refusal says what the server said, and in `fields` which setting it speaks against.',
    ...own,
    scope: 'system:write',
    body: z.strictObject({ to: mailAddress }).meta({ id: 'TestMail', examples: [{ to: 'operator@example.com' }] }),
    responses: {
      status: 204,
      body: null,
      description: 'The server took it.',
      problems: ['invalid', 'mail-not-configured', 'mail-not-sent'],
    },
  }),
  listMails: route({
    method: 'GET',
    path: '/mail/queue',
    summary: 'List mails that have not gone out',
    description: 'Those that wait, and those that were given up; oldest first.',
    ...own,
    scope: 'system:read',
    query: listQuery,
    responses: {
      status: 200,
      body: paged('QueuedMailPage', queuedMail),
      description: 'A page of mails.',
      problems: ['invalid'],
    },
  }),
  retryMail: route({
    method: 'POST',
    path: '/mail/queue/{mail}/retry',
    summary: 'Try a mail again',
    description: 'At once, also when it was given up.',
    ...own,
    scope: 'system:write',
    params,
    responses: { status: 204, body: null, description: 'It will be tried.', problems: ['not-found'] },
  }),
  deleteMail: route({
    method: 'DELETE',
    path: '/mail/queue/{mail}',
    summary: 'Drop a mail',
    description: 'It is not tried again.',
    ...own,
    scope: 'system:write',
    params,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found'] },
  }),
};

export type MailServerAnswer = z.infer<typeof mailServer>;
export type MailStateAnswer = z.infer<typeof mailState>;
export type QueuedMailAnswer = z.infer<typeof queuedMail>;
