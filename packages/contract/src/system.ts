import { z } from 'zod';
import { instant, spokenLanguage } from './common.ts';
import { route } from './route.ts';

const late = (what: string) => z.number().meta({ description: `${what}, in milliseconds.` });

const languageState = z
  .object({
    language: spokenLanguage,
    state: z.enum(['there', 'missing', 'fetching', 'failed']).meta({
      description:
        'Its sounds are fetched by themselves when an organization or extension takes it; until they are there English is spoken.',
    }),
    percent: z.int().min(0).max(100).nullable().meta({ description: 'While they are being fetched.' }),
    isWanted: z.boolean().meta({ description: 'An organization or an applied extension has it.' }),
  })
  .meta({ id: 'LanguageState' });

const system = z
  .object({
    isReady: z.boolean().meta({ description: 'Engine and database are connected.' }),
    version: z.string().meta({ description: 'Version of LittlePBX.', examples: ['0.1.0'] }),
    startedAt: instant.meta({ description: 'When the call logic started.' }),
    engine: z.object({
      isConnected: z.boolean().meta({ description: 'It answers.' }),
      name: z.string().meta({ examples: ['asterisk'] }),
      version: z
        .string()
        .nullable()
        .meta({ description: 'Null: it was not there yet.', examples: ['22.10.1'] }),
      tasksWaiting: z
        .int()
        .min(0)
        .nullable()
        .meta({ description: 'Tasks in its queues; more than a hundred wait for long. Null: it does not say.' }),
      requestsPending: z.int().min(0).meta({ description: 'Requests to it that have no answer yet.' }),
    }),
    database: z.object({
      isConnected: z.boolean().meta({ description: 'It answers.' }),
      version: z
        .string()
        .nullable()
        .meta({ description: 'Null: it was not there yet.', examples: ['18.6'] }),
    }),
    organizations: z.int().min(0).meta({ description: 'How many there are.' }),
    calls: z.int().min(0).meta({ description: 'Calls in progress, of all organizations.' }),
    callsInSetup: z.int().min(0).meta({ description: 'Of these, not answered yet. Admission looks at it.' }),
    registrations: z.int().min(0).meta({ description: 'Devices registered now.' }),
    isDraining: z.boolean().meta({ description: 'New calls are refused until the engine was restarted.' }),
    languages: z.array(languageState.extend({ reason: z.string().nullable().meta({ description: 'Why it failed.' }) })),
    disks: z
      .array(
        z.object({
          holds: z.array(z.string()).meta({ description: 'What lies there.', examples: [['brain', 'sounds']] }),
          freeBytes: z.number().min(0).meta({ description: 'Free for LittlePBX.' }),
          sizeBytes: z.number().min(0).meta({ description: 'Of the whole file system.' }),
        }),
      )
      .meta({ description: 'The file systems that LittlePBX writes to.' }),
    certificateExpiresAt: instant.nullable().meta({
      description: 'Of the certificate that phones are shown. Milliseconds since the epoch; null: not known yet.',
    }),
    memoryBytes: z.int().min(0).meta({ description: 'Memory of the call logic.' }),
    recordsWaiting: z.int().min(0).meta({ description: 'Ended calls not yet written to the database.' }),
    eventLoopLag: z
      .object({ mean: late('On average'), p99: late('At most, in 99 of 100 times'), max: late('At most') })
      .meta({ description: 'How late the event loop of the call logic is. Milliseconds.' }),
  })
  .meta({ id: 'System' });

const readiness = z
  .object({
    isReady: z.boolean().meta({ description: 'New calls can be made and the API answers.' }),
    engine: z.boolean(),
    database: z.boolean(),
  })
  .meta({ id: 'Readiness' });

const newDrain = z
  .object({
    stopCalls: z.boolean().default(false).meta({
      description: 'End the calls in progress too; their records say `stopped-by-operator`.',
    }),
  })
  .meta({ id: 'NewDrain', examples: [{ stopCalls: false }] });

const tags = ['System'] as const;

export const systemRoutes = {
  live: route({
    method: 'GET',
    path: '/health/live',
    summary: 'Is the process alive',
    description: 'For supervisors: a process that does not answer in 3 seconds should be replaced.',
    tags,
    scope: 'open',
    responses: {
      status: 200,
      body: z.object({ isAlive: z.literal(true) }).meta({ id: 'Liveness' }),
      description: 'It is.',
      problems: [],
    },
  }),
  ready: route({
    method: 'GET',
    path: '/health/ready',
    summary: 'Is everything there',
    description: 'For load balancers: 200 when the engine and the database are connected, else 503.',
    tags,
    scope: 'open',
    responses: {
      status: 200,
      body: readiness,
      description: 'What is there.',
      alsoStatus: 503,
      problems: [],
    },
  }),
  getSystem: route({
    method: 'GET',
    path: '/system',
    summary: 'Show the state of the installation',
    description: 'Engine, database, load, room on disk, and how late the event loop is.',
    tags,
    scope: 'system:read',
    isOperatorOnly: true,
    responses: { status: 200, body: system, description: 'The state now.', problems: [] },
  }),
  listLanguages: route({
    method: 'GET',
    path: '/languages',
    summary: 'List the languages that machines speak',
    description: 'Voicemail and announcements; whether the sounds of each are there.',
    tags,
    scope: 'organizations:read',
    responses: {
      status: 200,
      body: z.object({ items: z.array(languageState) }).meta({ id: 'Languages' }),
      description: 'The languages.',
      problems: [],
    },
  }),
  drain: route({
    method: 'PUT',
    path: '/system/drain',
    summary: 'Let calls run out',
    description:
      'Before the engine is stopped: new calls are refused with 503 (`draining`), emergency calls are not, and calls in ' +
      'progress go on. It ends when it is lifted, or with the restart of the engine or of the call logic.',
    tags,
    scope: 'system:write',
    isOperatorOnly: true,
    body: newDrain,
    responses: { status: 204, body: null, description: 'New calls are refused.', problems: [] },
  }),
  liftDrain: route({
    method: 'DELETE',
    path: '/system/drain',
    summary: 'Take calls again',
    description: 'Also when none were refused.',
    tags,
    scope: 'system:write',
    isOperatorOnly: true,
    responses: { status: 204, body: null, description: 'New calls are taken.', problems: [] },
  }),
};

export type SystemAnswer = z.infer<typeof system>;
