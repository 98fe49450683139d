import { z } from 'zod';
import { idParam, instant, listQuery, noteText, paged, usernameParam, uuid } from './common.ts';
import { route } from './route.ts';

const service = z.enum(['sip', 'api', 'all']).meta({ description: 'What it is kept from.' });
const network = z.string().meta({ description: 'CIDR.', examples: ['203.0.113.7/32'] });
const account = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII');

const ban = z
  .object({
    id: uuid,
    service,
    kind: z.enum(['address', 'account']).meta({
      description:
        'An address is refused. A banned account is one that is guessed at: whoever gets its password wrong once is banned, whoever knows it is not.',
    }),
    subject: z.string().meta({ description: 'CIDR, or name of the account.', examples: ['203.0.113.7/32'] }),
    reason: z
      .enum([
        'unknown-account',
        'wrong-password',
        'wrong-key',
        'scanner',
        'refused-address',
        'bad-request',
        'honeypot',
        'guessed-at',
        'by-hand',
      ])
      .meta({ description: 'What led to it.' }),
    times: z.int().min(1).meta({ description: 'How often in a row; each lasts longer.' }),
    since: instant,
    until: instant.nullable().meta({ description: 'Milliseconds since the epoch; null: until it is lifted.' }),
    note: z.string().nullable(),
  })
  .meta({ id: 'Ban' });

const newBan = z
  .strictObject({
    address: z
      .string()
      .min(2)
      .max(64)
      .exactOptional()
      .meta({ description: 'IP address.', examples: ['203.0.113.7'] }),
    account: account.exactOptional().meta({ description: 'SIP username or key id, instead of an address.' }),
    service: service.default('all'),
    durationInS: z
      .int()
      .min(1)
      .max(31_536_000)
      .exactOptional()
      .meta({ description: 'Seconds; left out: until it is lifted.' }),
    note: noteText.exactOptional(),
  })
  .refine((b) => (b.address === undefined) !== (b.account === undefined), {
    path: ['address'],
    message: 'give either an address or an account',
  })
  .meta({ id: 'NewBan', examples: [{ address: '203.0.113.7', durationInS: 3600 }] });

const allowed = z.object({ network, note: z.string().nullable(), since: instant }).meta({ id: 'AllowedNetwork' });

const newAllowed = z
  .strictObject({
    network: z
      .string()
      .min(2)
      .max(64)
      .meta({ description: 'IP address or CIDR.', examples: ['198.51.100.0/24'] }),
    note: noteText.exactOptional(),
  })
  .meta({ id: 'NewAllowedNetwork', examples: [{ network: '198.51.100.0/24', note: 'Head office' }] });

const honeypot = z.object({ username: z.string() }).meta({ id: 'Honeypot' });
const newHoneypot = z
  .strictObject({ username: account.meta({ examples: ['admin'] }) })
  .meta({ id: 'NewHoneypot', examples: [{ username: 'admin' }] });

const tags = ['Protection'] as const;
const read = { tags, scope: 'bans:read', isOperatorOnly: true } as const;
const write = { tags, scope: 'bans:write', isOperatorOnly: true } as const;

export const protectionRoutes = {
  listBans: route({
    method: 'GET',
    path: '/bans',
    summary: 'List who is banned',
    description: 'Bans in force, newest first.',
    ...read,
    query: listQuery,
    responses: { status: 200, body: paged('BanPage', ban), description: 'A page of bans.', problems: ['invalid'] },
  }),
  createBan: route({
    method: 'POST',
    path: '/bans',
    summary: 'Ban an address or an account',
    description: 'At once. An address on the allow-list, a carrier’s and loopback are refused with `allowed`.',
    ...write,
    body: newBan,
    responses: { status: 201, body: ban, description: 'The ban.', problems: ['invalid', 'allowed'] },
  }),
  liftBan: route({
    method: 'DELETE',
    path: '/bans/{ban}',
    summary: 'Lift a ban',
    description: 'At once; it is forgotten, so that the next one is a first one.',
    ...write,
    params: z.strictObject({ ban: idParam }),
    responses: { status: 204, body: null, description: 'It is lifted.', problems: ['not-found'] },
  }),
  listAllowed: route({
    method: 'GET',
    path: '/allowed-networks',
    summary: 'List the networks that are never banned',
    description: 'Beside these, carriers’ addresses and loopback are never banned.',
    ...read,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('AllowedNetworkPage', allowed),
      description: 'A page of networks.',
      problems: ['invalid'],
    },
  }),
  allowNetwork: route({
    method: 'POST',
    path: '/allowed-networks',
    summary: 'Never ban a network',
    description: 'Bans of addresses in it are lifted, and flood limits do not hold for it.',
    ...write,
    body: newAllowed,
    responses: { status: 201, body: allowed, description: 'The entry.', problems: ['invalid'] },
  }),
  disallowNetwork: route({
    method: 'DELETE',
    path: '/allowed-networks/{network}',
    summary: 'Take a network off the list',
    description: 'From now on it is judged as all others.',
    ...write,
    params: z.strictObject({
      network: z
        .string()
        .min(2)
        .max(64)
        .meta({ description: 'CIDR, as it stands on the list.', examples: ['198.51.100.0/24'] }),
    }),
    responses: { status: 204, body: null, description: 'It is off the list.', problems: ['not-found'] },
  }),
  listHoneypots: route({
    method: 'GET',
    path: '/honeypots',
    summary: 'List the usernames whose touch bans',
    description: 'Nobody has them; who tries one by SIP is banned at once.',
    ...read,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('HoneypotPage', honeypot),
      description: 'A page of usernames.',
      problems: ['invalid'],
    },
  }),
  addHoneypot: route({
    method: 'POST',
    path: '/honeypots',
    summary: 'Add a username whose touch bans',
    description: 'In any case of its letters.',
    ...write,
    body: newHoneypot,
    responses: { status: 201, body: honeypot, description: 'The username.', problems: ['invalid'] },
  }),
  removeHoneypot: route({
    method: 'DELETE',
    path: '/honeypots/{username}',
    summary: 'Take a username off that list',
    description: 'From now on it is an unknown account as any other.',
    ...write,
    params: z.strictObject({ username: usernameParam }),
    responses: { status: 204, body: null, description: 'It is off the list.', problems: ['not-found'] },
  }),
};

export type BanAnswer = z.infer<typeof ban>;
