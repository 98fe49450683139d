import { z } from 'zod';
import { expecting, idParam, listQuery, orgParam, paged, personName, saidOf, shownName, uuid } from './common.ts';
import { route } from './route.ts';

// These texts go into SIP headers and URIs of the engine's configuration, so they are narrow on purpose.
const host = z
  .string()
  .max(253)
  .regex(
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,30}|[0-9A-Fa-f:.]{2,45})$/,
    'must be a host name or an IP address, without port',
  )
  .meta({ description: 'Host name or IP address of the carrier.', examples: ['sip.carrier.example'] });
const sipUser = z
  .string()
  .regex(/^[A-Za-z0-9._~+!*'=@-]{1,128}$/, 'must be at most 128 letters, digits and signs without a meaning in SIP')
  .meta({ description: 'User at the carrier, as it calls it.', examples: ['acme-01'] });
const authUsername = sipUser.meta({ description: 'User of the digest, where it differs from `username`.' });
const fromUser = sipUser.meta({ description: 'User in From, where the carrier wants one of its own there.' });
const fromDomain = host.meta({ description: 'Domain in From, where the carrier wants one of its own there.' });
const password = z
  .string()
  .regex(/^[!-~](?:[ -~]{0,126}[!-~])?$/, 'must be at most 128 printable ASCII characters, with no space at either end')
  .meta({ description: 'Kept encrypted, never shown.', writeOnly: true });
const proxy = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})?$/, 'must be host or host:port')
  .meta({
    description: 'Host, or host:port, that requests are sent to instead.',
    examples: ['edge.carrier.example:5060'],
  });
const port = z
  .int()
  .min(1)
  .max(65535)
  .meta({ description: "Port of the host; null: the transport's own.", examples: [5060] });
const transport = z.enum(['udp', 'tcp', 'tls']).meta({ description: 'How it is reached. `tls` encrypts.' });
const isInbound = z.boolean().meta({ description: 'Calls may come in by it.' });
const isOutbound = z.boolean().meta({ description: 'Calls go out by it.' });
const register = z.boolean().meta({ description: 'Registers at the carrier.' });
const codecs = z
  .array(z.enum(['opus', 'g722', 'alaw', 'ulaw']))
  .min(1)
  .max(4)
  .meta({ description: 'In order of preference.', examples: [['alaw', 'ulaw']] });
const address = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be an IP address or a CIDR')
  .refine((text) => !isTooWide(text), 'must not be wider than /8 (IPv4) or /16 (IPv6)');
const addresses = z
  .array(address)
  .max(64)
  .meta({
    description:
      'IP addresses or CIDRs that its calls come from. A carrier may serve several organizations from the same.',
    examples: [['192.0.2.10', '198.51.100.0/28']],
  });

function isTooWide(text: string): boolean {
  const [base, bits] = text.split('/');
  return bits !== undefined && Number(bits) < (base?.includes(':') ? 16 : 8);
}

const verifyCertificate = z.boolean().meta({
  description:
    'Of a trunk by TLS, true unless told otherwise: calls and registrations go to nobody who cannot show a certificate for its host. False: whoever gets in between can listen and place calls.',
});
const certificateAuthority = z.string().max(50_000).meta({
  description:
    'Certificates in PEM of the authority that the carrier has its own from; needed for private ones alone. The engine has one list: it is trusted for every carrier.',
});

export const trunk = z
  .object({
    id: uuid,
    name: shownName.meta({ examples: ['Carrier A'] }),
    isInbound,
    isOutbound,
    host: saidOf(host, z.string()),
    port: saidOf(port, z.int().nullable()),
    transport,
    register,
    username: saidOf(sipUser, z.string().nullable()),
    authUsername: saidOf(authUsername, z.string().nullable()),
    hasPassword: z.boolean().meta({ description: 'Whether there is a password, which is never shown.' }),
    outboundProxy: saidOf(proxy, z.string().nullable()),
    fromUser: saidOf(fromUser, z.string().nullable()),
    fromDomain: saidOf(fromDomain, z.string().nullable()),
    verifyCertificate,
    certificateAuthority: certificateAuthority.nullable(),
    codecs: saidOf(codecs, z.array(z.enum(['opus', 'g722', 'alaw', 'ulaw']))),
    addresses: saidOf(addresses, z.array(z.string())),
    registration: z
      .object({
        state: z.enum(['registered', 'trying', 'rejected', 'unregistered']).meta({
          description:
            '`trying`: not tried yet, or the first answer is waited for. `rejected`: the carrier refused, or gave no answer; it is tried again.',
        }),
      })
      .nullable()
      .meta({ id: 'TrunkRegistration', description: 'Live state; null: it does not register, or the engine is away.' }),
  })
  .meta({ id: 'Trunk' });

const optional = {
  isInbound: isInbound.exactOptional(),
  isOutbound: isOutbound.exactOptional(),
  port: port.nullable().exactOptional(),
  transport: transport.exactOptional(),
  register: register.exactOptional(),
  username: sipUser.nullable().exactOptional(),
  authUsername: authUsername.nullable().exactOptional(),
  password: password.nullable().exactOptional(),
  outboundProxy: proxy.nullable().exactOptional(),
  fromUser: fromUser.nullable().exactOptional(),
  fromDomain: fromDomain.nullable().exactOptional(),
  verifyCertificate: verifyCertificate.exactOptional(),
  certificateAuthority: certificateAuthority.nullable().exactOptional(),
  codecs: codecs.exactOptional(),
  addresses: addresses.exactOptional(),
};

export const newTrunk = z.strictObject({ name: personName, host, ...optional }).meta({
  id: 'NewTrunk',
  examples: [
    {
      name: 'Carrier A',
      host: 'sip.carrier.example',
      register: true,
      username: 'acme-01',
      password: 'from-the-carrier',
    },
    { name: 'Carrier B', host: '192.0.2.10', addresses: ['192.0.2.10', '192.0.2.11'] },
  ],
});

const trunkChange = z
  .strictObject({
    name: personName.exactOptional(),
    host: host.exactOptional(),
    ...optional,
    expected: expecting('ExpectedTrunk', trunk.omit({ id: true, hasPassword: true, registration: true }).shape),
  })
  .meta({ id: 'TrunkChange', examples: [{ isOutbound: false }] });

const orgParams = z.strictObject({ org: orgParam });
const params = z.strictObject({ org: orgParam, trunk: idParam });
const tags = ['Trunks'] as const;

export const trunkRoutes = {
  listTrunks: route({
    method: 'GET',
    path: '/organizations/{org}/trunks',
    summary: 'List trunks',
    description: 'Connections to carriers, each with its live registration.',
    tags,
    scope: 'trunks:read',
    params: orgParams,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('TrunkPage', trunk),
      description: 'A page of trunks.',
      problems: ['invalid', 'not-found'],
    },
  }),
  createTrunk: route({
    method: 'POST',
    path: '/organizations/{org}/trunks',
    summary: 'Create a trunk',
    description:
      'Acts at once, without apply. An organization has at most one inbound and one outbound trunk, which may be the same.',
    tags,
    scope: 'trunks:write',
    isRepeatable: true,
    isOperatorOnly: true,
    params: orgParams,
    body: newTrunk,
    responses: {
      status: 201,
      body: trunk,
      description: 'The trunk.',
      problems: ['invalid', 'not-found', 'conflict'],
    },
  }),
  getTrunk: route({
    method: 'GET',
    path: '/organizations/{org}/trunks/{trunk}',
    summary: 'Show a trunk',
    description: 'With its live registration; never with its password.',
    tags,
    scope: 'trunks:read',
    params,
    responses: {
      status: 200,
      body: trunk,
      description: 'The trunk.',
      unversioned: ['registration'],
      problems: ['not-found'],
    },
  }),
  updateTrunk: route({
    method: 'PATCH',
    path: '/organizations/{org}/trunks/{trunk}',
    summary: 'Change a trunk',
    description: 'Members left out stay as they are. Acts at once; calls in progress go on.',
    tags,
    scope: 'trunks:write',
    isOperatorOnly: true,
    params,
    body: trunkChange,
    responses: {
      status: 200,
      body: trunk,
      description: 'The trunk as it is now.',
      problems: ['invalid', 'not-found', 'conflict', 'stale'],
    },
  }),
  deleteTrunk: route({
    method: 'DELETE',
    path: '/organizations/{org}/trunks/{trunk}',
    summary: 'Delete a trunk',
    description: 'Acts at once: no new calls by it; calls in progress go on.',
    tags,
    scope: 'trunks:write',
    isOperatorOnly: true,
    params,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found', 'in-use'] },
  }),
};

export type TrunkAnswer = z.infer<typeof trunk>;
