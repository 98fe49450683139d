import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';
import { serveSound } from './sound.ts';
import { readSounds, serveUpload } from './upload.ts';

export async function files(app: FastifyInstance, { administration, sounds }: Context): Promise<void> {
  readSounds(app);
  serve(app, routes.listFiles, ({ actor, params, query }) => {
    const { limit: _, cursor: __, ...filter } = query;
    return administration.listFiles(actor, params.org, filter, pageOf(query));
  });
  serve(app, routes.getFile, ({ actor, params }) => administration.getFile(actor, params.org, params.file));
  serveSound(app, routes.downloadFile, sounds, ({ actor, params }) =>
    administration.getFile(actor, params.org, params.file),
  );
  serveUpload(app, routes.uploadFile, ({ actor, params, query, sound }) =>
    administration.uploadFile(actor, params.org, query, sound),
  );
  serve(app, routes.getMusic, ({ actor, params }) => administration.getMusic(actor, params.org));
  serve(app, routes.setMusic, ({ actor, params, body }) => administration.setMusic(actor, params.org, body.music));
  serve(app, routes.deleteFile, ({ actor, params }) => administration.deleteFile(actor, params.org, params.file));
}
