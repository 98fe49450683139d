import { z } from 'zod';
import { route } from './route.ts';

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
              logo: z.string().nullable().meta({ description: 'Path of its logo.' }),
            })
            .nullable(),
        })
        .meta({ id: 'Site' }),
      description: 'Whose page it is.',
      problems: ['database-unavailable'],
    },
  }),
};
