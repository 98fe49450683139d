/** Whose page it is, by the host name: `pbx.ORG.anything`. Known to whoever knows the name, so it tells no more than that. */
import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { mapped, serve } from './serve.ts';

const HOST = /^pbx\.([a-z][a-z0-9-]{1,30})\.[a-z0-9.-]+(?::\d+)?$/;

export async function site(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.getSite, (_input, { request }) => {
    const slug = HOST.exec(request.host.toLowerCase())?.[1];
    if (slug === undefined) return { ok: true, value: { organization: null } };
    return mapped(administration.siteOf(slug), (found) => ({ organization: found && { ...found, logo: null } }));
  });
}
