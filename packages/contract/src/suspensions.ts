import { z } from 'zod';
import { extensionParam, noteText, orgParam, usernameParam } from './common.ts';
import { device } from './devices.ts';
import { organization } from './organizations.ts';
import { route } from './route.ts';
import { suspension } from './suspension.ts';

const wish = z
  .strictObject({
    calls: z
      .enum(['end', 'keep'])
      .meta({ description: 'What becomes of calls in progress; emergency calls go on in any case.' }),
    reason: noteText.exactOptional().meta({ examples: ['phone was stolen'] }),
  })
  .meta({ id: 'SuspensionWish', examples: [{ calls: 'end', reason: 'phone was stolen' }] });

const organizationWish = wish
  .omit({ reason: true })
  .meta({ id: 'OrganizationSuspensionWish', examples: [{ calls: 'keep' }] });

const ofExtension = z.object({ suspension: suspension.nullable() }).meta({ id: 'ExtensionSuspension' });

const tags = ['Suspension'] as const;
const deviceParams = z.strictObject({ username: usernameParam });
const extensionParams = z.strictObject({ org: orgParam, extension: extensionParam });
const orgParams = z.strictObject({ org: orgParam });
const EFFECT =
  'At once: it registers no more, is not rung, and calls nobody but emergency services. Calls in progress go on or end, as asked.';

export const suspensionRoutes = {
  suspendDevice: route({
    method: 'POST',
    path: '/devices/{username}/suspend',
    summary: 'Suspend a device',
    description: EFFECT,
    tags,
    scope: 'devices:write',
    params: deviceParams,
    body: wish,
    responses: { status: 200, body: device, description: 'The device.', problems: ['invalid', 'not-found'] },
  }),
  unsuspendDevice: route({
    method: 'POST',
    path: '/devices/{username}/unsuspend',
    summary: 'Unsuspend a device',
    description: 'It may register and call again. What the operator suspended, only the operator takes back.',
    tags,
    scope: 'devices:write',
    params: deviceParams,
    responses: { status: 200, body: device, description: 'The device.', problems: ['not-found'] },
  }),
  suspendExtension: route({
    method: 'POST',
    path: '/organizations/{org}/extensions/{extension}/suspend',
    summary: 'Suspend an extension',
    description: `${EFFECT} For all its devices, and its forwards.`,
    tags,
    scope: 'extensions:write',
    params: extensionParams,
    body: wish,
    responses: { status: 200, body: ofExtension, description: 'The suspension.', problems: ['invalid', 'not-found'] },
  }),
  getExtensionSuspension: route({
    method: 'GET',
    path: '/organizations/{org}/extensions/{extension}/suspension',
    summary: 'Show whether an extension is suspended',
    description: 'By whom, why and since when.',
    tags,
    scope: 'extensions:read',
    params: extensionParams,
    responses: { status: 200, body: ofExtension, description: 'The suspension.', problems: ['not-found'] },
  }),
  unsuspendExtension: route({
    method: 'POST',
    path: '/organizations/{org}/extensions/{extension}/unsuspend',
    summary: 'Unsuspend an extension',
    description: 'What the operator suspended, only the operator takes back. Its devices may be suspended themselves.',
    tags,
    scope: 'extensions:write',
    params: extensionParams,
    responses: { status: 200, body: ofExtension, description: 'No suspension.', problems: ['not-found'] },
  }),
  suspendOrganization: route({
    method: 'POST',
    path: '/organizations/{org}/suspend',
    summary: 'Suspend an organization',
    description:
      'At once: its phones register no more and call nobody but emergency services; who calls it hears that the number is not in service.',
    tags,
    scope: 'organizations:write',
    isOperatorOnly: true,
    params: orgParams,
    body: organizationWish,
    responses: {
      status: 200,
      body: organization,
      description: 'The organization.',
      problems: ['invalid', 'not-found'],
    },
  }),
  unsuspendOrganization: route({
    method: 'POST',
    path: '/organizations/{org}/unsuspend',
    summary: 'Unsuspend an organization',
    description: 'Its phones may register and call again.',
    tags,
    scope: 'organizations:write',
    isOperatorOnly: true,
    params: orgParams,
    responses: { status: 200, body: organization, description: 'The organization.', problems: ['not-found'] },
  }),
};
