/** The bytes of a sound as an answer: whole, or the part that `Range` asks for (RFC 9110, section 14). */
import type { Received, Route } from '@littlepbx/contract';
import type { FileRef } from '@littlepbx/core/files/files';
import type { Actor } from '@littlepbx/core/tenancy/actor';
import type { Outcome } from '@littlepbx/core/tenancy/outcome';
import type { FastifyInstance } from 'fastify';
import type { SoundSource } from './context.ts';
import { sendProblem, sendRefusal } from './problems.ts';
import { bindingOf } from './serve.ts';

/** Binds a route whose answer is the sound that `find` names. */
export function serveSound<const R extends Route & { params: object }>(
  app: FastifyInstance,
  route: R,
  sounds: SoundSource,
  find: (input: Received<R> & { actor: Actor }) => Promise<Outcome<FileRef>>,
): void {
  app.route({
    ...bindingOf(route),
    // A slow reader of a long recording: the time-out would cut it off in the middle.
    handlerTimeout: 3_600_000,
    handler: async (request, reply) => {
      const { actor, params } = request;
      const found = await find({ actor, params } as unknown as Received<R> & { actor: Actor });
      if (!found.ok) return sendRefusal(reply, found.refusal);
      const sound = await sounds.open(found.value);
      if (!sound) return sendProblem(reply, 'not-found', 'The file is gone from the disk.');
      const range = rangeOf(request.headers.range, sound.bytes);
      if (range === 'none') {
        reply.header('content-range', `bytes */${sound.bytes}`);
        return sendProblem(reply, 'range-not-satisfiable', `It has ${sound.bytes} bytes.`);
      }
      const { from, to } = range ?? { from: 0, to: sound.bytes - 1 };
      if (range) reply.code(206).header('content-range', `bytes ${from}-${to}/${sound.bytes}`);
      reply.headers({
        'content-type': 'audio/wav',
        'content-length': to - from + 1,
        'accept-ranges': 'bytes',
        // A name given here would stand before that of the link, which knows who spoke and when.
        'content-disposition': 'attachment',
      });
      return reply.send(sound.stream(from, to));
    },
  });
}

/**
 * The one range asked for; null for the whole: no header, one in a unit or form we do not know, or several ranges, which
 * a server may ignore. `none`: there are no such bytes.
 */
export function rangeOf(header: string | undefined, bytes: number): { from: number; to: number } | null | 'none' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, first, last] = match;
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const to = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  return from > to ? 'none' : { from, to };
}
