/**
 * The page: what Vite made of apps/web, served from memory as it was when first asked for. Names below `/assets` carry a
 * hash of the content, so those files may be kept for ever; `index.html` is asked for anew each time, so that a new
 * version is seen at once. The page has addresses of its own: every path that is no file and wants HTML is `index.html`, and
 * `/` is so whatever is wanted: proxies and monitors ask for it with HEAD and no word of HTML.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problems.ts';

interface PageFile {
  type: string;
  etag: string;
  isForEver: boolean;
  plain: Buffer;
  /** Compressed when it was built; null: not worth it. */
  br: Buffer | null;
  gzip: Buffer | null;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};
const INDEX = '/index.html';

/** Scripts are ours alone, none of them in the HTML; the components set styles in attributes. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** The folder that `./littlepbx up` builds the page into. */
export class BuiltPage {
  readonly #folder: string;
  #files: Promise<Map<string, PageFile>> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** By path of the URL. Empty when nothing is built. */
  files(): Promise<Map<string, PageFile>> {
    this.#files ??= readFolder(this.#folder);
    return this.#files;
  }
}

async function readFolder(folder: string): Promise<Map<string, PageFile>> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const has = new Set(names);
  const compressed = (name: string) => (has.has(name) ? readFile(join(folder, name)) : null);
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const plain = await readFile(join(folder, name));
    files.set(`/${name}`, {
      type,
      etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      isForEver: name.startsWith('assets/'),
      plain,
      br: await compressed(`${name}.br`),
      gzip: await compressed(`${name}.gz`),
    });
  }
  return files;
}

/** Answers what no route does: a file of the page, the page itself, or that there is nothing. */
export async function answerWithPage(page: BuiltPage, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const path = request.url.split('?', 1)[0]!;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || /^\/api(\/|$)/.test(path)) return sendProblem(reply, 'not-found', 'There is no such route.');
  const files = await page.files();
  const wantsHtml = /text\/html/.test(request.headers.accept ?? '');
  const isPage = path === '/' || (wantsHtml && !path.startsWith('/assets/'));
  const file = files.get(path) ?? (isPage ? files.get(INDEX) : undefined);
  if (file !== undefined) return sendFile(file, request, reply);
  const isBuilt = files.has(INDEX);
  return sendProblem(
    reply,
    'not-found',
    isBuilt ? 'There is nothing here.' : 'The page was not built on this machine; `./littlepbx up` does so.',
  );
}

function sendFile(file: PageFile, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers({
    'content-security-policy': CSP,
    'cache-control': file.isForEver ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
  });
  if (headers['if-none-match'] === file.etag) return reply.code(304).send();
  reply.code(200).type(file.type);
  const accepted = headers['accept-encoding'] ?? '';
  if (file.br && /\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(file.br);
  if (file.gzip && /\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(file.gzip);
  return reply.send(file.plain);
}
