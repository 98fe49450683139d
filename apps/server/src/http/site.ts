/**
 * Whose page it is, by the host name `pbx.ORG.anything`, and the company's logo. What is open is known to whoever knows
 * the name, so it tells no more than that.
 */
import { BASE_PATH, type Route, routes } from '@littlepbx/contract';
import type { Outcome } from '@littlepbx/core/tenancy/outcome';
import type { Logo } from '@littlepbx/core/tenancy/stores';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from './context.ts';
import { sendRefusal } from './problems.ts';
import { bindingOf, mapped, serve } from './serve.ts';

const HOST = /^pbx\.([a-z][a-z0-9-]{1,30})\.[a-z0-9.-]+(?::\d+)?$/;
const slugOf = (request: FastifyRequest): string | undefined => HOST.exec(request.host.toLowerCase())?.[1];

export async function site(app: FastifyInstance, { administration }: Context): Promise<void> {
  // Bounded by each route, and small: gathered at once.
  app.addContentTypeParser(/^(image\/.+|application\/octet-stream)$/, { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );

  serve(app, routes.getSite, (_input, { request }) => {
    const slug = slugOf(request);
    if (slug === undefined) return { ok: true, value: { organization: null } };
    return mapped(administration.siteOf(slug), (found) => {
      if (found === null) return { organization: null };
      const { logoTag, ...rest } = found;
      return { organization: { ...rest, logo: logoTag === null ? null : `${BASE_PATH}/site/logo?v=${logoTag}` } };
    });
  });
  serveImage(app, routes.getSiteLogo, async (request) => {
    const slug = slugOf(request);
    return administration.siteLogo(slug ?? '');
  });
  serveImage(app, routes.getLogo, ({ actor, params }) =>
    administration.getLogo(actor!, (params as { org: string }).org),
  );
  serve(app, routes.setLogo, async ({ actor, params }, { request }) => {
    if (Buffer.isBuffer(request.body)) return administration.setLogo(actor, params.org, request.body);
    const message = 'Send the image itself as the body, as image/*.';
    return { ok: false, refusal: { id: 'unsupported-media-type', message } };
  });
  serve(app, routes.removeLogo, ({ actor, params }) => administration.removeLogo(actor, params.org));
}

function serveImage(
  app: FastifyInstance,
  route: Route,
  find: (request: FastifyRequest) => Promise<Outcome<Logo>>,
): void {
  app.route({
    ...bindingOf(route),
    handler: async (request, reply) => {
      const found = await find(request);
      if (!found.ok) return sendRefusal(reply, found.refusal);
      const isKept = (request.query as { v?: string }).v !== undefined;
      reply.header('cache-control', isKept ? 'private, max-age=31536000, immutable' : 'private, no-cache');
      return reply.type(found.value.type).send(found.value.content);
    },
  });
}
