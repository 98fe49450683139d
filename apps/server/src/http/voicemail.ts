import { routes } from '@littlepbx/contract';
import type { Message } from '@littlepbx/core/voicemail/box';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { mapped, pageOf, serve } from './serve.ts';
import { serveSound } from './sound.ts';

const shown = ({ organizationId: _, extensionId: __, ...message }: Message) => message;

export async function voicemail(app: FastifyInstance, { administration, sounds }: Context): Promise<void> {
  serve(app, routes.listVoicemailBoxes, ({ actor, params, query }) =>
    administration.listVoicemailBoxes(actor, params.org, pageOf(query)),
  );
  serve(app, routes.getVoicemailBox, ({ actor, params }) =>
    administration.getVoicemailBox(actor, params.org, params.extension),
  );
  serve(app, routes.updateVoicemailBox, ({ actor, params, body }) =>
    administration.updateVoicemailBox(actor, params.org, params.extension, body),
  );
  serve(app, routes.listVoicemailMessages, ({ actor, params, query }) => {
    const filter = query.isSaved === undefined ? {} : { isSaved: query.isSaved === 'true' };
    return mapped(
      administration.listVoicemailMessages(actor, params.org, params.extension, filter, pageOf(query)),
      ({ items, nextCursor }) => ({ items: items.map(shown), nextCursor }),
    );
  });
  serve(app, routes.getVoicemailMessage, ({ actor, params }) =>
    mapped(administration.getVoicemailMessage(actor, params.org, params.extension, params.message), shown),
  );
  serveSound(app, routes.downloadVoicemailMessage, sounds, async ({ actor, params }) => {
    const found = await administration.getVoicemailMessage(actor, params.org, params.extension, params.message);
    return found.ok ? { ok: true, value: { ...found.value, kind: 'voicemail' } } : found;
  });
  serve(app, routes.updateVoicemailMessage, ({ actor, params, body }) =>
    mapped(administration.updateVoicemailMessage(actor, params.org, params.extension, params.message, body), shown),
  );
  serve(app, routes.deleteVoicemailMessage, ({ actor, params }) =>
    administration.deleteVoicemailMessage(actor, params.org, params.extension, params.message),
  );
}
