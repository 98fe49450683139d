import { z } from 'zod';
import {
  country,
  expecting,
  instant,
  orgParam,
  paged,
  pageQuery,
  personName,
  phoneNumber,
  searched,
  slug,
  spokenLanguage,
  uuid,
} from './common.ts';
import { device } from './devices.ts';
import { extension, newExtension } from './extensions.ts';
import { file } from './files.ts';
import { apiKey } from './keys.ts';
import { limits, limitsChange } from './limits.ts';
import { language } from './login.ts';
import { mailAddress } from './mail.ts';
import { newNumber, number } from './numbers.ts';
import { revision, revisionContent } from './revisions.ts';
import { route } from './route.ts';
import { newTrunk, trunk } from './trunks.ts';
import { sentInvitation } from './users.ts';
import { webhookSchema } from './webhooks.ts';

const quota = (what: string) =>
  z
    .int()
    .min(0)
    .max(100_000)
    .meta({ description: `${what} it may have.`, examples: [1000] });
const quotasShape = {
  extensions: quota('Extensions'),
  devices: quota('Devices'),
  numbers: quota('Numbers'),
  keys: quota('API keys'),
};
const someQuotas = z.strictObject({
  extensions: quotasShape.extensions.exactOptional(),
  devices: quotasShape.devices.exactOptional(),
  numbers: quotasShape.numbers.exactOptional(),
  keys: quotasShape.keys.exactOptional(),
});

const days = (what: string) =>
  z
    .int()
    .min(0)
    .max(3650)
    .meta({ description: `How long ${what} is kept. Days; 0: for ever.`, examples: [90] });
const retentionShape = { recordingsInDays: days('a call recording'), voicemailInDays: days('a voicemail message') };

const someRetention = z.strictObject({
  recordingsInDays: retentionShape.recordingsInDays.exactOptional(),
  voicemailInDays: retentionShape.voicemailInDays.exactOptional(),
});

const allowedCountries = z
  .array(country)
  .max(250)
  .meta({ description: 'Countries its calls may go to; starts with its own alone.', examples: [['GB', 'IE']] });

const alertMailTo = z
  .array(mailAddress)
  .max(10)
  .meta({
    description: 'Addresses of its admins: told when storage or a spending limit fills up, or a phone was suspended.',
    examples: [['admin@acme.example']],
  });

const timeZone = z
  .string()
  .regex(/^[A-Za-z0-9_+/-]{1,64}$/, 'must be the name of a time zone, such as Europe/London')
  .meta({ description: 'IANA name. Left out: that of the country, where it has one.', examples: ['Europe/London'] });

export const organization = z
  .object({
    id: uuid,
    slug,
    name: z.string().meta({ examples: ['Acme Ltd'] }),
    country,
    isSuspended: z
      .boolean()
      .meta({ description: 'A suspended organization makes and gets no calls, emergency calls excepted.' }),
    timeZone: z.string().meta({
      description: 'IANA name; its hours and days are those of the limits, and of what voicemail says.',
      examples: ['Europe/London'],
    }),
    language: spokenLanguage.meta({ description: 'Of what callers hear from machines, and of mails.' }),
    limits,
    quotas: z.object(quotasShape).meta({ id: 'Quotas' }),
    allowedCountries,
    defaultNumber: z
      .string()
      .nullable()
      .meta({ description: 'Shown on calls to the outside when the extension names none.' }),
    numbers: z.array(z.string()).meta({ description: 'E.164 numbers assigned to it.', examples: [['+442079460100']] }),
    appliedRevision: z.int().min(0).meta({ description: '0: nothing was applied yet.' }),
    pendingChanges: z.int().min(0).meta({ description: 'Differences between the draft and the applied revision.' }),
    retention: z.object(retentionShape).meta({ id: 'Retention' }),
    logo: z.string().nullable().meta({ description: 'Address of its logo; changes with it.' }),
    alertMailTo: z.array(z.string()).meta({ description: 'Addresses of its admins, who are told of its alerts.' }),
    storageUsed: z.int().min(0).meta({ description: 'Bytes of sounds stored, of `limits.storageBytes`.' }),
    createdAt: instant,
    deletedAt: instant.nullable().meta({ description: 'When it was deleted; it can be restored for 7 days.' }),
  })
  .meta({ id: 'Organization' });

const newOrganization = z
  .strictObject({
    slug,
    name: personName,
    country,
    timeZone: timeZone.exactOptional(),
    language: spokenLanguage
      .exactOptional()
      .meta({ description: "Left out: the country's, where it is one of these, else English." }),
    limits: limitsChange.exactOptional(),
    quotas: someQuotas.exactOptional(),
    allowedCountries: allowedCountries.exactOptional(),
    alertMailTo: alertMailTo.exactOptional(),
    extensions: z.array(newExtension).max(200).exactOptional().meta({ description: 'Extensions it starts with.' }),
    numbers: z
      .array(newNumber)
      .max(200)
      .exactOptional()
      .meta({ description: 'Numbers it starts with; the first one is shown on calls to the outside.' }),
    trunk: newTrunk.exactOptional(),
    admin: z
      .strictObject({
        email: mailAddress,
        language: language.exactOptional().meta({ description: "Of the mail. Left out: the inviting person's." }),
      })
      .exactOptional()
      .meta({ description: 'Invites its admin, as `invite` does.', examples: [{ email: 'alice@example.com' }] }),
    hasAdminKey: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Makes an API key for its admin.', examples: [true] }),
  })
  .meta({
    id: 'NewOrganization',
    examples: [
      { slug: 'globex', name: 'Globex Ltd', country: 'GB' },
      {
        slug: 'initech',
        name: 'Initech Ltd',
        country: 'GB',
        extensions: [{ number: '101', name: 'Peter Gibbons' }],
        numbers: [{ number: '+442079460150', extension: '101' }],
        trunk: { name: 'Carrier', host: '192.0.2.10' },
        admin: { email: 'peter@example.com' },
        hasAdminKey: true,
      },
    ],
  });

const createdOrganization = z
  .object({
    ...organization.shape,
    adminInvitation: sentInvitation.nullable().meta({ description: 'Null: nobody was invited.' }),
    adminToken: z
      .string()
      .nullable()
      .meta({ description: "Token of its admin's key, shown this once; null: none was asked for." }),
  })
  .meta({ id: 'CreatedOrganization' });

const changeable = {
  name: personName,
  country,
  timeZone,
  language: spokenLanguage,
  limits: limitsChange,
  quotas: someQuotas,
  retention: someRetention,
  allowedCountries,
  defaultNumber: phoneNumber.nullable(),
  alertMailTo,
};

const organizationChange = z
  .strictObject({
    name: changeable.name.exactOptional(),
    country: country.exactOptional(),
    timeZone: timeZone.exactOptional(),
    language: spokenLanguage.exactOptional(),
    limits: limitsChange.exactOptional(),
    quotas: someQuotas.exactOptional(),
    retention: someRetention.exactOptional(),
    allowedCountries: allowedCountries.exactOptional(),
    defaultNumber: changeable.defaultNumber.exactOptional(),
    alertMailTo: alertMailTo.exactOptional(),
    expected: expecting('ExpectedOrganization', changeable),
  })
  .meta({ id: 'OrganizationChange', examples: [{ limits: { concurrentCalls: 60 } }] });

const organizationExport = z
  .object({
    exportedAt: instant,
    organization,
    extensions: z.array(extension),
    devices: z.array(device.omit({ registration: true, connection: true })),
    numbers: z.array(number),
    trunks: z.array(trunk.omit({ registration: true })),
    revisions: z.array(z.object({ ...revision.shape, content: revisionContent.shape.content })),
    keys: z.array(apiKey),
    files: z.array(file),
    webhooks: z.array(webhookSchema),
  })
  .meta({ id: 'OrganizationExport' });

const params = z.strictObject({ org: orgParam });
export const organizationParams = params;
const tags = ['Organizations'] as const;

export const organizationRoutes = {
  listOrganizations: route({
    method: 'GET',
    path: '/organizations',
    summary: 'List organizations',
    description: 'The operator sees all of them, any other key its own.',
    tags,
    scope: 'organizations:read',
    query: z.strictObject({
      ...pageQuery,
      search: searched.exactOptional().meta({
        description: 'Part of a name, short name or phone number. Spaces and punctuation of a number do not matter.',
        examples: ['acme'],
      }),
    }),
    responses: {
      status: 200,
      body: paged('OrganizationPage', organization),
      description: 'A page of organizations.',
      problems: ['invalid'],
    },
  }),
  createOrganization: route({
    method: 'POST',
    path: '/organizations',
    summary: 'Create an organization',
    description:
      'With what it starts with, or not at all: extensions and where its numbers lead are applied at once, and its admin is invited. Without them it is empty. It may call its own country only, unless told otherwise.',
    tags,
    scope: 'organizations:write',
    isRepeatable: true,
    isOperatorOnly: true,
    isSecret: true,
    body: newOrganization,
    responses: {
      status: 201,
      body: createdOrganization,
      description: 'The organization.',
      problems: ['invalid', 'slug-taken', 'number-taken'],
    },
  }),
  getOrganization: route({
    method: 'GET',
    path: '/organizations/{org}',
    summary: 'Show an organization',
    description: 'Its settings, limits and numbers, and how many changes of its draft wait to be applied.',
    tags,
    scope: 'organizations:read',
    params,
    responses: {
      status: 200,
      body: organization,
      description: 'The organization.',
      unversioned: ['numbers', 'appliedRevision', 'pendingChanges', 'storageUsed'],
      problems: ['not-found'],
    },
  }),
  updateOrganization: route({
    method: 'PATCH',
    path: '/organizations/{org}',
    summary: 'Change an organization',
    description:
      'Acts at once, without apply; calls in progress go on. Limits, quotas, countries and the time zone are for the operator.',
    tags,
    scope: 'organizations:write',
    params,
    body: organizationChange,
    responses: {
      status: 200,
      body: organization,
      description: 'The organization as it is now.',
      problems: ['invalid', 'not-found', 'conflict', 'stale'],
    },
  }),
  deleteOrganization: route({
    method: 'DELETE',
    path: '/organizations/{org}',
    summary: 'Delete an organization',
    description:
      'At once it makes and gets no calls, and its phones and keys are void. For 7 days it can be restored and exported; then it is erased, with all it owns: extensions, devices, trunks, keys, records, sounds. Its short name and its numbers become free when it is erased.',
    tags,
    scope: 'organizations:write',
    isOperatorOnly: true,
    params,
    query: z.strictObject({
      confirm: z
        .string()
        .min(1)
        .max(64)
        .meta({ description: 'Its short name again.', examples: ['acme'] }),
      calls: z
        .enum(['finish', 'end'])
        .exactOptional()
        .meta({ description: 'What becomes of calls in progress; left out: they may finish.', examples: ['end'] }),
      erase: z
        .enum(['later', 'now'])
        .exactOptional()
        .meta({ description: '`now`: at once and for ever, with nothing to restore or export.', examples: ['later'] }),
    }),
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['invalid', 'not-found'] },
  }),
  restoreOrganization: route({
    method: 'POST',
    path: '/organizations/{org}/restore',
    summary: 'Restore a deleted organization',
    description: 'As it was; its phones come back by themselves. Of one that is not deleted it changes nothing.',
    tags,
    scope: 'organizations:write',
    isOperatorOnly: true,
    params,
    responses: { status: 200, body: organization, description: 'The organization.', problems: ['not-found'] },
  }),
  exportOrganization: route({
    method: 'GET',
    path: '/organizations/{org}/export',
    summary: 'Export an organization',
    description:
      'All of its configuration, every revision, and the list of its files; no secrets. Its calls are in the export of its usage, its sounds among its files. Also of one that was deleted.',
    tags,
    scope: 'organizations:write',
    isOperatorOnly: true,
    params,
    responses: {
      status: 200,
      body: organizationExport,
      description: 'The export.',
      problems: ['not-found'],
    },
  }),
};

export type OrganizationAnswer = z.infer<typeof organization>;
