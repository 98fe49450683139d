import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { mapped, pageOf, serve } from './serve.ts';

export async function revisions(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.getDraft, ({ actor, params }) =>
    mapped(administration.draftChanges(actor, params.org), (changes) => ({
      changes: changes.map((c) => ({ ...c, before: c.before && { ...c.before }, after: c.after && { ...c.after } })),
    })),
  );
  serve(app, routes.discardDraft, ({ actor, params }) => administration.discardDraft(actor, params.org));
  serve(app, routes.applyDraft, ({ actor, params, body }) => administration.apply(actor, params.org, body.note));
  serve(app, routes.listRevisions, ({ actor, params, query }) =>
    administration.listRevisions(actor, params.org, pageOf(query)),
  );
  serve(app, routes.getRevision, ({ actor, params }) => administration.getRevision(actor, params.org, params.revision));
  serve(app, routes.rollback, ({ actor, params }) => administration.rollback(actor, params.org, params.revision));
}
