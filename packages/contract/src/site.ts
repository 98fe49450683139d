import { z } from 'zod';
import { organization, organizationParams } from './organizations.ts';
import { route } from './route.ts';

/** Browsers may keep what an address with it gave. */
const query = z.strictObject({
  v: z
    .string()
    .max(64)
    .exactOptional()
    .meta({ description: 'Changes with the logo, so that browsers may keep it.', examples: ['3f9c0d5e7a1b2c4d'] }),
});
const image = { status: 200, body: null, media: 'image/*', description: 'The image.' } as const;
const tags = ['Organizations'] as const;
const path = '/organizations/{org}/logo';

export const siteRoutes = {
  getSite: route({
    method: 'GET',
    path: '/site',
    summary: 'Show whose page this is',
    description:
      'For the login page: the organization of a host name of the form `pbx.ORG.anything`. Null for any other name, and for an organization that is unknown, suspended or deleted.',
    tags: ['Login'],
    scope: 'open',
    responses: {
      status: 200,
      body: z
        .object({
          organization: z
            .object({
              slug: z.string(),
              companyName: z.string(),
              logo: z.string().nullable().meta({ description: 'Address of its logo.' }),
            })
            .nullable(),
        })
        .meta({ id: 'Site' }),
      description: 'Whose page it is.',
      problems: ['database-unavailable'],
    },
  }),
  getSiteLogo: route({
    method: 'GET',
    path: '/site/logo',
    summary: 'Show the logo of whose page this is',
    description: 'Of the organization that `getSite` names.',
    tags: ['Login'],
    scope: 'open',
    query,
    responses: { ...image, problems: ['not-found', 'database-unavailable'] },
  }),
  getLogo: route({
    method: 'GET',
    path,
    summary: "Show the company's logo",
    description: 'As it was uploaded.',
    tags,
    scope: 'organizations:read',
    params: organizationParams,
    query,
    responses: { ...image, problems: ['not-found'] },
  }),
  setLogo: route({
    method: 'PUT',
    path,
    summary: "Set the company's logo",
    description:
      'The body is the image itself: PNG, JPEG or WebP, 256 KiB at most, with `Content-Type: image/*` or `application/octet-stream`. It is typed by its content.',
    tags,
    scope: 'organizations:write',
    isOperatorOnly: true,
    isUpload: 'image',
    maxBody: 256 * 1024,
    params: organizationParams,
    responses: {
      status: 200,
      body: organization,
      description: 'The organization.',
      problems: ['not-found', 'too-large', 'unsupported-media-type', 'image-invalid'],
    },
  }),
  removeLogo: route({
    method: 'DELETE',
    path,
    summary: "Remove the company's logo",
    description: 'At once.',
    tags,
    scope: 'organizations:write',
    isOperatorOnly: true,
    params: organizationParams,
    responses: { status: 204, body: null, description: 'There is none.', problems: ['not-found'] },
  }),
};
