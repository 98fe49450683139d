/** Every error leaves as problem+json, and none with our internals. */

import type { Socket } from 'node:net';
import { PROBLEM_TYPE, PROBLEMS, type ProblemId, problemOf } from '@littlepbx/contract';
import type { Log } from '@littlepbx/core/ports';
import type { FieldRefusal, Refusal } from '@littlepbx/core/tenancy/outcome';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

type Fields = FieldRefusal[];

const FIELDS_NAMED = 50;

/** How long a client should wait before it asks again, when the fault is ours and passes. Seconds. */
const RETRY_AFTER_IN_S = 2;

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, id: ProblemId, detail: string, fields: Fields = []): FastifyReply {
  const { status } = PROBLEMS[id];
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="littlepbx"');
  if (status === 503) reply.header('retry-after', String(RETRY_AFTER_IN_S));
  return reply
    .code(status)
    .header('content-type', PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send(problemOf(id, detail, reply.request.id, fields));
}

/** A use case's refusal, or one of the brain. */
export type Refused = Omit<Refusal, 'id'> & { id: ProblemId };

export function sendRefusal(reply: FastifyReply, refusal: Refused): FastifyReply {
  return sendProblem(reply, refusal.id, sentence(refusal), refusal.fields);
}

/** Use cases speak in the middle of a sentence, as commands show it. What names a field stays as it is. */
function sentence({ message, fields = [] }: Refused): string {
  if (fields.length > 0) return message;
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Fastify's error handler: whatever was thrown becomes a problem; faults of ours are logged, and told without details. */
export function errorHandler(log: Log) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (hasZodFastifySchemaValidationErrors(error)) {
      const fields = fieldsOf(error.validation);
      return sendProblem(reply, 'invalid', fields.map((f) => `${f.field}: ${f.reason}`).join('; '), fields);
    }
    const id = idOf(error);
    if (id === 'internal-error') {
      log.error('http-fault', { requestId: request.id, route: request.routeOptions.url ?? null, ...faultOf(error) });
      return sendProblem(reply, id, 'Something went wrong on our side. The log of the server names this request.');
    }
    if (id === 'database-unavailable') {
      log.warn('http-database-unavailable', { requestId: request.id, route: request.routeOptions.url ?? null });
    }
    return sendProblem(reply, id, detailOf(error, id, request));
  };
}

function detailOf(error: unknown, id: ProblemId, request: FastifyRequest): string {
  if (id === 'malformed-request') return MALFORMED[(error as { code?: string }).code ?? ''] ?? `${PROBLEMS[id].title}.`;
  if (id !== 'unsupported-media-type') return DETAILS[id] ?? `${PROBLEMS[id].title}.`;
  if (request.headers['content-encoding'] !== undefined) return 'Send the body as it is, without Content-Encoding.';
  const { takes = 'application/json' } = request.routeOptions.config;
  return takes === 'application/json' ? `Send the body as ${takes}.` : `Send the file itself as the body, as ${takes}.`;
}

const MALFORMED: Record<string, string> = {
  FST_ERR_BAD_URL: 'The address cannot be read: every % in it must begin an encoded sign of UTF-8.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body cannot be read; it must be JSON.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
};

const DETAILS: Partial<Record<ProblemId, string>> = {
  'too-large': 'The request body is larger than this route takes; most take 64 KiB.',
  'database-unavailable': 'The database does not answer. Calls go on; try again soon.',
};

const BY_CODE: Record<string, ProblemId> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_HANDLER_TIMEOUT: 'database-unavailable',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
};

function idOf(error: unknown): ProblemId {
  if (typeof error !== 'object' || error === null) return 'internal-error';
  const { code, statusCode, id } = error as { code?: unknown; statusCode?: unknown; id?: unknown };
  if (id === 'database-unavailable') return id;
  const known = typeof code === 'string' ? BY_CODE[code] : undefined;
  if (known) return known;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? 'malformed-request'
    : 'internal-error';
}

/** What the log may know. Never the values: they may be secrets or somebody's names. */
function faultOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const issues = (error.cause as { issues?: { path: PropertyKey[]; message: string }[] } | undefined)?.issues;
  return {
    error: error.message,
    stack: error.stack,
    ...(Array.isArray(issues) ? { issues: issues.map((i) => `${i.path.map(String).join('.')}: ${i.message}`) } : {}),
  };
}

function fieldsOf(
  issues: readonly { instancePath: string; message?: string; params?: Record<string, unknown> }[],
): Fields {
  const fields: Fields = [];
  for (const issue of issues) {
    const path = issue.instancePath.split('/').filter((part) => part !== '');
    const unknownKeys = issue.params?.keys;
    if (Array.isArray(unknownKeys)) {
      for (const key of unknownKeys) fields.push({ field: named([...path, String(key)]), reason: 'is not known here' });
    } else {
      fields.push({ field: named(path), reason: issue.message ?? 'is invalid' });
    }
  }
  const isNew = ({ field, reason }: Fields[number], i: number) =>
    fields.findIndex((other) => other.field === field && other.reason === reason) === i;
  return fields.filter(isNew).slice(0, FIELDS_NAMED);
}

function named(path: string[]): string {
  return path.join('.').slice(0, 200) || 'body';
}

/** Requests so broken that no request object exists: answered on the bare socket. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const id: ProblemId =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 'request-timeout'
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? 'headers-too-large'
        : 'malformed-request';
  const { status, title } = PROBLEMS[id];
  const body = JSON.stringify(problemOf(id, `${title}.`, '-'));
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
