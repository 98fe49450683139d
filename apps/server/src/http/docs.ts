/**
 * The OpenAPI document and a page to read it with. Both are made when first asked for, so that they cost nothing at
 * start. The page is Swagger UI, with the assets that `@fastify/swagger-ui` ships; that plugin itself would build the
 * document from Fastify's routes, and ours comes from the contract. `swagger-ui-dist`, where the same assets are
 * published, runs a telemetry script at install.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BASE_PATH, openApiDocument } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { sendProblem } from './problems.ts';

const ASSETS: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>LittlePBX API</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="/api/docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="docs"></div>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '${BASE_PATH}/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
  displayRequestDuration: true,
});
`;

/** Swagger UI sets styles in attributes; scripts are ours alone. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export async function docs(app: FastifyInstance, { live }: Context): Promise<void> {
  const open = { config: { scope: 'open' } };
  let document: string | undefined;

  app.get(`${BASE_PATH}/openapi.json`, open, async (_request, reply) => {
    document ??= JSON.stringify(openApiDocument(live.health().version));
    return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(document);
  });
  app.get('/api/docs', open, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', CSP).send(PAGE),
  );
  app.get('/api/docs/start.js', open, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(START),
  );
  const read = new Map<string, Promise<Buffer>>();
  app.get<{ Params: { asset: string } }>('/api/docs/:asset', open, async (request, reply) => {
    const { asset } = request.params;
    const type = Object.hasOwn(ASSETS, asset) ? ASSETS[asset] : undefined;
    if (type === undefined) return sendProblem(reply, 'not-found', 'There is nothing here.');
    const content = read.get(asset) ?? readFile(join(assetFolder(), asset));
    read.set(asset, content);
    return reply
      .type(type)
      .header('cache-control', 'public, max-age=86400')
      .send(await content);
  });
}

function assetFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')), 'static');
}
