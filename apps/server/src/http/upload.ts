/** A sound as the body of a request, given on as it arrives: nothing of it is gathered here. */
import type { Readable } from 'node:stream';
import type { Answer, Received, Route } from '@littlepbx/contract';
import { MAX_UPLOAD } from '@littlepbx/core/files/files';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { Outcome } from '@littlepbx/core/tenancy/outcome';
import type { FastifyInstance } from 'fastify';
import { sendProblem, sendRefusal } from './problems.ts';
import { BAD_KEY, bindingOf, repeating } from './serve.ts';

/** A slow line needs this long for the largest upload, and sox for its part. Milliseconds. */
export const UPLOAD_TIMEOUT = 300_000;

/** Lets routes of this plugin take sounds. What it is says its content, so any such type will do. */
export function readSounds(app: FastifyInstance): void {
  app.addContentTypeParser(/^(audio\/.+|application\/(ogg|octet-stream))$/, (_request, payload, done) =>
    done(null, payload),
  );
}

/** Binds a route whose body is a sound. */
export function serveUpload<const R extends Route & { isUpload: true; params: object; query: object }>(
  app: FastifyInstance,
  route: R,
  handler: (input: Received<R> & { actor: Actor; sound: Readable }) => Promise<Outcome<Answer<R>>>,
): void {
  const { status, body } = route.responses;
  const binding = bindingOf(route);
  app.route({
    ...binding,
    schema: { ...binding.schema, response: { [status]: body } },
    config: { ...binding.config, isUpload: true },
    handlerTimeout: UPLOAD_TIMEOUT,
    handler: async (request, reply) => {
      const { params, query } = request;
      // The sound itself is not kept for a comparison; its size is.
      const actor = repeating(request, route, request.headers['content-length'] ?? null);
      if (actor === 'bad-key') return sendRefusal(reply, BAD_KEY);
      const sound = request.body as Readable | undefined;
      if (typeof sound?.pipe !== 'function') {
        return sendProblem(reply, 'unsupported-media-type', 'Send the sound itself as the body, as audio/*.');
      }
      const outcome =
        Number(request.headers['content-length'] ?? 0) > MAX_UPLOAD
          ? {
              ok: false as const,
              refusal: { id: 'too-large' as const, message: `A sound may have ${MAX_UPLOAD} bytes at most.` },
            }
          : await handler({ actor, params, query, sound } as unknown as Received<R> & {
              actor: Actor;
              sound: Readable;
            });
      if (outcome.ok) return reply.code(status).send(outcome.value);
      return sendRefusal(reply, outcome.refusal);
    },
  });
}
