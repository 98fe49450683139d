/** The HTTP side of the brain: `/api/v1`, its OpenAPI document and the page to read it with; and the page for people. */
import { randomUUID } from 'node:crypto';
import fastify, { errorCodes, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { alerts } from './alerts.ts';
import { audit } from './audit.ts';
import { guardEveryRoute } from './auth.ts';
import { callExport } from './call-export.ts';
import { calls } from './calls.ts';
import type { Context } from './context.ts';
import { devices } from './devices.ts';
import { docs } from './docs.ts';
import { rememberReaders } from './etag.ts';
import { events, takeWebSockets } from './events.ts';
import { extensions } from './extensions.ts';
import { files } from './files.ts';
import { keys } from './keys.ts';
import { login } from './login.ts';
import { mail } from './mail.ts';
import { answerOtherMethods } from './methods.ts';
import { metrics } from './metrics.ts';
import { numbers } from './numbers.ts';
import { organizations } from './organizations.ts';
import { answerWithPage } from './page.ts';
import { answerBrokenRequest, errorHandler } from './problems.ts';
import { protection } from './protection.ts';
import { revisions } from './revisions.ts';
import { site } from './site.ts';
import { spending } from './spending.ts';
import { statistics } from './statistics.ts';
import { suspensions } from './suspensions.ts';
import { system } from './system.ts';
import { trunks } from './trunks.ts';
import { UPLOAD_TIMEOUT } from './upload.ts';
import { users } from './users.ts';
import { voicemail } from './voicemail.ts';
import { webhooks } from './webhooks.ts';

const BODY_LIMIT = 64 * 1024;
/** What is left of a refused request is read and thrown away for so long. Milliseconds. */
const LINGER = 5_000;
/** A client has this long to send its whole request (slow loris). */
const REQUEST_TIMEOUT = 10_000;
const HEADERS_TIMEOUT = 5_000;
const KEEP_ALIVE_TIMEOUT = 30_000;
/** Behind the time-outs of the database, which come first. */
const HANDLER_TIMEOUT = 15_000;
const MAX_CONNECTIONS = 2_000;

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The server, not listening yet: `await app.listen(settings.web)`, `await app.close()`. */
export function createHttp(context: Context): FastifyInstance {
  const handleError = errorHandler(context.log);
  const app = fastify({
    // Requests are logged below, by their route: addresses, headers and bodies may hold secrets.
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: UPLOAD_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    handlerTimeout: HANDLER_TIMEOUT,
    http: { headersTimeout: HEADERS_TIMEOUT, connectionsCheckingInterval: 1_000 },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => {
      reply.headers({ ...HEADERS, 'x-request-id': request.id });
      handleError(error, request, reply);
    },
    clientErrorHandler: answerBrokenRequest,
    // A proxy on this machine says whose requests it passes on, and whether they came by https.
    trustProxy: 'loopback',
  });
  app.server.maxConnections = MAX_CONNECTIONS;

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  const answerOtherMethod = answerOtherMethods(app);
  app.setNotFoundHandler(
    (request, reply) => answerOtherMethod(request, reply) ?? answerWithPage(context.page, request, reply),
  );
  readJsonOnly(app);
  rememberReaders(app);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...HEADERS, 'x-request-id': request.id });
  });
  limitArrival(app);
  readAwayWhatIsRefused(app);
  takeWebSockets(app);
  guardEveryRoute(app, context);
  app.addHook('onResponse', async (request, reply) => {
    const { scope, isOpenTo } = request.routeOptions.config;
    const isProbe = (scope === 'open' || isOpenTo !== undefined) && reply.statusCode < 500;
    context.log[isProbe ? 'debug' : 'info']('http-request', {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      duration: Math.round(reply.elapsedTime * 10) / 10,
      askedBy: request.actor?.id ?? request.session?.person.id ?? null,
      organizationId: request.actor?.organizationId ?? null,
    });
  });

  for (const plugin of [
    organizations,
    extensions,
    devices,
    numbers,
    trunks,
    revisions,
    callExport,
    statistics,
    calls,
    files,
    voicemail,
    spending,
    suspensions,
    login,
    site,
    users,
    keys,
    webhooks,
    audit,
    alerts,
    mail,
    metrics,
    system,
    protection,
    events,
    docs,
  ]) {
    app.register(plugin, context);
  }
  return app;
}

/** The server's own limit is one for all, and uploads need a longer one. */
function limitArrival(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isUpload || request.raw.complete) return;
    const { raw } = request;
    const late = setTimeout(() => {
      if (!raw.complete) answerBrokenRequest({ name: '', message: '', code: 'ERR_HTTP_REQUEST_TIMEOUT' }, raw.socket);
    }, REQUEST_TIMEOUT).unref();
    raw.once('close', () => clearTimeout(late));
    reply.raw.once('finish', () => clearTimeout(late));
  });
}

/**
 * A body that is too large, or not wanted, is refused before it was read. Closing then tells the sender by a reset, which
 * often overtakes the answer: it would see a broken connection and no reason. So the rest is read first, for a while.
 */
function readAwayWhatIsRefused(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { raw } = request;
    const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
    const isRead = raw.complete || raw.readableEnded || raw.destroyed;
    if (!hasBody || isRead || reply.statusCode < 400) return payload;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, LINGER);
      const done = () => {
        clearTimeout(late);
        resolve();
      };
      raw.once('end', done).once('close', done).once('error', done).resume();
    });
    // Whoever sends on finds the connection closed.
    if (!raw.complete) reply.header('connection', 'close');
    return payload;
  });
}

/** Bodies are JSON, and not compressed. An empty one is no body, as `curl -X POST` with a JSON content type sends it. */
function readJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(encoding));
    else if (body === '') done(null, undefined);
    else parse(request, body as string, done);
  });
}
