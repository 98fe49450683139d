import { z } from 'zod';
import {
  expecting,
  extensionParam,
  instant,
  longListQuery,
  orgParam,
  paged,
  personName,
  searchable,
  shownName,
  usernameParam,
  uuid,
} from './common.ts';
import { route } from './route.ts';
import { suspension } from './suspension.ts';

const transport = z
  .enum(['any', 'tls'])
  .meta({ description: '`tls`: by TLS with SRTP only. `any`: UDP, TCP or TLS.', examples: ['any'] });

const digest = z.enum(['md5', 'sha-256', 'both']).meta({
  description:
    'Which digest the phone is asked for when it registers or calls. `md5`: every phone knows it; choose it unless there is a reason not to. `sha-256`: for phones known to support RFC 8760, where MD5 is not wanted; others cannot register. `both`: for a phone that may be replaced by either kind; MD5 is offered first. Some older phones refuse `both`.',
  examples: ['md5'],
});

/** Whether a phone says that it is there. It is asked while somebody looks. */
export const answering = {
  roundTrip: z
    .int()
    .nullable()
    .meta({
      description:
        'How long it took to answer, in milliseconds. Null: not known. Phones are asked while somebody listens to `/events`, or reads the one device, each at most twice a minute.',
      examples: [24],
    }),
  isSilent: z.boolean().meta({
    description: 'It was asked, and did not answer within two seconds. It is rung all the same.',
  }),
};

export const registration = z
  .object({
    address: z.string().meta({ description: 'Address and port it was seen from.', examples: ['192.0.2.7:5060'] }),
    transport: z.enum(['udp', 'tcp', 'tls', 'ws', 'wss']).meta({ description: 'How it came.' }),
    userAgent: z
      .string()
      .meta({ description: 'What the phone calls itself.', examples: ['Yealink SIP-T46U 108.86.0.20'] }),
    expiresAt: instant,
    ...answering,
  })
  .meta({ id: 'Registration' });

/** Where a phone registers. */
const connection = {
  server: z.string().meta({ description: 'Host that the phone registers at.', examples: ['pbx.example.com'] }),
  port: z.int().meta({ description: 'Port there.', examples: [5060] }),
  transport: z.enum(['udp', 'tls']).meta({ description: 'How it connects.' }),
};

export const device = z
  .object({
    username: z.string().meta({ description: 'SIP username, unique in the installation.', examples: ['k7p2m9x4c1q8'] }),
    extensionId: uuid,
    extension: z.string().meta({ description: 'Number of its extension in the draft.', examples: ['101'] }),
    name: shownName.meta({ examples: ['Desk phone'] }),
    transport,
    digest,
    suspension: suspension.nullable().meta({ description: 'null: it is not suspended itself.' }),
    createdAt: instant,
    registration: registration.nullable().meta({ description: 'Where it is now; null: not registered.' }),
    connection: z.object(connection).meta({ id: 'DeviceConnection', description: 'What to type into the phone.' }),
  })
  .meta({ id: 'Device' });

export const deviceCredentials = z
  .object({
    username: z.string().meta({ description: 'SIP username, and name for the digest.' }),
    password: z.string().meta({ description: 'Shown this once.' }),
    ...connection,
  })
  .meta({
    id: 'DeviceCredentials',
    description: 'What to type into the phone. The password is shown this once.',
    examples: [
      {
        username: 'k7p2m9x4c1q8',
        password: 'a-generated-one',
        server: 'pbx.example.com',
        port: 5060,
        transport: 'udp',
      },
    ],
  });

const newDevice = z
  .strictObject({
    extension: extensionParam,
    name: personName.exactOptional(),
    transport: transport.exactOptional(),
    digest: digest.exactOptional(),
  })
  .meta({ id: 'NewDevice', examples: [{ extension: '101', name: 'Desk phone' }] });

const deviceChange = z
  .strictObject({
    name: personName.exactOptional(),
    transport: transport.exactOptional(),
    digest: digest.exactOptional(),
    expected: expecting('ExpectedDevice', { name: shownName, transport, digest }),
  })
  .meta({ id: 'DeviceChange', examples: [{ name: 'Kitchen' }] });

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ username: usernameParam });
const tags = ['Devices'] as const;

export const deviceRoutes = {
  listDevices: route({
    method: 'GET',
    path: '/organizations/{org}/devices',
    summary: 'List devices',
    description: 'The phones of the organization, each with its live registration.',
    tags,
    scope: 'devices:read',
    params: orgParams,
    query: searchable(longListQuery, 'name, SIP username or the number of its extension', 'desk'),
    responses: {
      status: 200,
      body: paged('DevicePage', device),
      description: 'A page of devices.',
      problems: ['invalid', 'not-found'],
    },
  }),
  createDevice: route({
    method: 'POST',
    path: '/organizations/{org}/devices',
    summary: 'Create a device',
    description:
      'Makes a username and a password; only digests of the password are kept. It can register at once; it rings when its extension is applied.',
    tags,
    scope: 'devices:write',
    isRepeatable: true,
    isSecret: true,
    params: orgParams,
    body: newDevice,
    responses: {
      status: 201,
      body: deviceCredentials,
      description: 'Settings of the phone, shown once.',
      problems: ['invalid', 'not-found', 'conflict', 'quota-reached'],
    },
  }),
  getDevice: route({
    method: 'GET',
    path: '/devices/{username}',
    summary: 'Show a device',
    description:
      'With its live registration; the phone is asked whether it is there, which may take some seconds. The password cannot be shown again.',
    tags,
    scope: 'devices:read',
    params,
    responses: {
      status: 200,
      body: device,
      description: 'The device.',
      unversioned: ['registration', 'connection'],
      problems: ['not-found'],
    },
  }),
  updateDevice: route({
    method: 'PATCH',
    path: '/devices/{username}',
    summary: 'Change a device',
    description:
      'Acts at once, without apply. A new `digest` needs no new password; the phone is asked for it from its next registration or call. With `transport` set to `tls` a registration that came otherwise is void. Calls in progress go on.',
    tags,
    scope: 'devices:write',
    params,
    body: deviceChange,
    responses: {
      status: 200,
      body: device,
      description: 'The device as it is now.',
      problems: ['invalid', 'not-found', 'stale'],
    },
  }),
  resetDevicePassword: route({
    method: 'POST',
    path: '/devices/{username}/reset-password',
    summary: "Reset a device's password",
    description:
      'The old password and registration are void at once, and calls of the device end unless asked otherwise: whoever had the old password is out.',
    tags,
    scope: 'devices:write',
    isRepeatable: true,
    isSecret: true,
    params,
    body: z
      .strictObject({
        calls: z
          .enum(['end', 'keep'])
          .exactOptional()
          .meta({ description: 'What becomes of its calls in progress; they end when this is left out.' }),
      })
      .meta({ id: 'PasswordReset', examples: [{ calls: 'end' }] }),
    responses: {
      status: 200,
      body: deviceCredentials,
      description: 'Settings of the phone, shown once.',
      problems: ['not-found'],
    },
  }),
  deleteDevice: route({
    method: 'DELETE',
    path: '/devices/{username}',
    summary: 'Delete a device',
    description: 'Acts at once: it can neither register nor call any more.',
    tags,
    scope: 'devices:write',
    params,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found', 'in-use'] },
  }),
};

export type DeviceAnswer = z.infer<typeof device>;
export type DeviceCredentialsAnswer = z.infer<typeof deviceCredentials>;
