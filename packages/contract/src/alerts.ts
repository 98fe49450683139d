import { z } from 'zod';
import { expecting, instant, uuid, webUrl } from './common.ts';
import { mailAddress } from './mail.ts';
import { route } from './route.ts';

const kind = z
  .enum([
    'engine-down',
    'database-down',
    'brain-restarted',
    'disk-low',
    'journal-stuck',
    'certificate-expiring',
    'registrations-dropped',
    'trunk-unregistered',
    'calls-failing',
    'event-loop-late',
    'mail-failing',
    'storage-low',
    'storage-full',
    'spend-limit-near',
    'spend-limit-reached',
    'device-suspended',
    'extension-suspended',
    'backup-old',
  ])
  .meta({ description: 'What is wrong.' });

const alert = z
  .object({
    id: uuid,
    kind,
    severity: z.enum(['critical', 'warning']),
    subject: z.string().nullable().meta({
      description: 'What of several it is about: the id of a trunk, of an organization and its limit, a device.',
    }),
    organizationId: uuid.nullable(),
    facts: z.record(z.string(), z.union([z.string(), z.number()])).meta({ examples: [{ freePercent: 4 }] }),
    raisedAt: instant,
    resolvedAt: instant.nullable().meta({ description: 'Null: it stands.' }),
    toldAt: instant.nullable().meta({ description: 'When the operator was told; null: not yet, or muted.' }),
  })
  .meta({ id: 'Alert' });

const percent = z.int().min(1).max(100);
const thresholdShape = {
  diskFreePercent: percent.meta({ description: 'Less free than this.' }),
  certificateInDays: z.int().min(1).max(365).meta({ description: 'Ends sooner than this.' }),
  registrationsDropPercent: percent.meta({ description: 'So many registrations gone within five minutes.' }),
  failedCallsPercent: percent.meta({
    description: "So many of ten minutes' calls failed by the carrier's or our doing.",
  }),
  eventLoopLag: z.int().min(10).max(60_000).meta({ description: 'Milliseconds, 99th percentile of half a minute.' }),
  storageUsedPercent: percent.meta({ description: "So much of an organization's storage is used." }),
  spendLimitPercent: percent.meta({ description: 'So much of a spending limit is used; acts on calls from now on.' }),
  backupInDays: z.int().min(1).max(3650).meta({ description: 'The last backup is older than this.' }),
};

const language = z.enum(['en', 'ru']).meta({ description: 'Of the mails.' });
const isPrivateAllowed = z
  .boolean()
  .meta({ description: 'Whether the webhook may lead to this machine or a private network.' });

const settingsShape = {
  mailTo: z.array(z.string()),
  language,
  webhookUrl: z.string().nullable(),
  isPrivateAllowed,
  muted: z.array(kind).meta({ description: 'Listed, and not told.' }),
  thresholds: z.object(thresholdShape),
};

const settings = z.object(settingsShape).meta({ id: 'AlertSettings' });

const changedSettings = z
  .object({
    ...settingsShape,
    webhookSecret: z
      .string()
      .nullable()
      .meta({ description: 'Of a new address: signs what it gets (Standard Webhooks), shown this once. Else null.' }),
  })
  .meta({ id: 'ChangedAlertSettings' });

const webhookUrl = webUrl.meta({
  description: 'Where alerts are sent to; null: nowhere.',
  examples: ['https://alerts.example.com/littlepbx'],
});

const someThresholds = z.strictObject({
  diskFreePercent: thresholdShape.diskFreePercent.exactOptional(),
  certificateInDays: thresholdShape.certificateInDays.exactOptional(),
  registrationsDropPercent: thresholdShape.registrationsDropPercent.exactOptional(),
  failedCallsPercent: thresholdShape.failedCallsPercent.exactOptional(),
  eventLoopLag: thresholdShape.eventLoopLag.exactOptional(),
  storageUsedPercent: thresholdShape.storageUsedPercent.exactOptional(),
  spendLimitPercent: thresholdShape.spendLimitPercent.exactOptional(),
  backupInDays: thresholdShape.backupInDays.exactOptional(),
});

const change = z
  .strictObject({
    mailTo: z.array(mailAddress).max(20).exactOptional().meta({ description: 'Addresses that are told.' }),
    language: language.exactOptional(),
    webhookUrl: webhookUrl.nullable().exactOptional(),
    isPrivateAllowed: isPrivateAllowed.exactOptional(),
    muted: z.array(kind).max(50).exactOptional(),
    thresholds: someThresholds.exactOptional(),
    expected: expecting('ExpectedAlertSettings', { ...settingsShape, thresholds: someThresholds }),
  })
  .meta({ id: 'AlertSettingsChange', examples: [{ mailTo: ['operator@example.com'] }] });

const tested = z
  .object({
    items: z.array(
      z.object({
        channel: z.enum(['mail', 'webhook']),
        isSent: z.boolean(),
        reason: z.string().nullable().meta({ description: 'Why not.' }),
      }),
    ),
  })
  .meta({ id: 'TestedChannels' });

const own = { tags: ['Alerts'], isOperatorOnly: true } as const;

export const alertRoutes = {
  listAlerts: route({
    method: 'GET',
    path: '/alerts',
    summary: 'List alerts',
    description:
      'Those that stand first, then those that are over, newest first; the last 200. Works without the database.',
    ...own,
    scope: 'system:read',
    responses: {
      status: 200,
      body: z.object({ items: z.array(alert) }).meta({ id: 'Alerts' }),
      description: 'The alerts.',
      problems: [],
    },
  }),
  getAlertSettings: route({
    method: 'GET',
    path: '/alerts/settings',
    summary: 'Show how alerts are told',
    description: 'To whom, and from when on.',
    ...own,
    scope: 'system:read',
    responses: { status: 200, body: settings, description: 'The settings.', problems: [] },
  }),
  updateAlertSettings: route({
    method: 'PATCH',
    path: '/alerts/settings',
    summary: 'Change how alerts are told',
    description: 'Acts at once. Mails need a mail server (`/mail`).',
    ...own,
    scope: 'system:write',
    isSecret: true,
    body: change,
    responses: {
      status: 200,
      body: changedSettings,
      description: 'The settings as they are now.',
      problems: ['invalid', 'stale'],
    },
  }),
  testAlerts: route({
    method: 'POST',
    path: '/alerts/test',
    summary: 'Send a test by each channel',
    description: 'At once; says what became of it.',
    ...own,
    scope: 'system:write',
    responses: { status: 200, body: tested, description: 'By channel; none when none is set up.', problems: [] },
  }),
};

export type AlertAnswer = z.infer<typeof alert>;
export type AlertSettingsAnswer = z.infer<typeof settings>;
