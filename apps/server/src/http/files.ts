import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';
import { serveSound } from './sound.ts';

export async function files(app: FastifyInstance, { administration, sounds }: Context): Promise<void> {
  serve(app, routes.listFiles, ({ actor, params, query }) => {
    const { limit: _, cursor: __, ...filter } = query;
    return administration.listFiles(actor, params.org, filter, pageOf(query));
  });
  serve(app, routes.getFile, ({ actor, params }) => administration.getFile(actor, params.org, params.file));
  serveSound(app, routes.downloadFile, sounds, ({ actor, params }) =>
    administration.getFile(actor, params.org, params.file),
  );
  serve(app, routes.deleteFile, ({ actor, params }) => administration.deleteFile(actor, params.org, params.file));
}
