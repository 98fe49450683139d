import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltPage } from './page.ts';
import { type TestWorld, testWorld } from './testing/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'lpbx-page-'));
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
let world: TestWorld;

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>LittlePBX</title>');
  writeFileSync(join(folder, 'assets/index-abc123.js'), 'start()');
  writeFileSync(join(folder, 'assets/index-abc123.js.gz'), gzipSync('start()'));
  writeFileSync(join(folder, 'notes.txt'), 'no file of a page');
  world = await testWorld(new BuiltPage(folder));
});
afterAll(async () => {
  await world.app.close();
  rmSync(folder, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => world.app.inject({ method: 'GET', url, headers });

describe('the page', () => {
  it('is what every address shows that a person opens, and is asked for anew each time', async () => {
    for (const url of ['/', '/o/acme/phones', '/login?next=/o/acme/phones', '/%2e%2e/etc/passwd']) {
      const answer = await get(url, HTML);
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toContain('<title>LittlePBX</title>');
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-frame-options': 'DENY',
      });
      const policy = String(answer.headers['content-security-policy']);
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain('unsafe-eval');
      expect((await get(url, { ...HTML, 'if-none-match': String(answer.headers.etag) })).statusCode).toBe(304);
    }
  });

  it('is there for a proxy or monitor that asks whether it is', async () => {
    for (const method of ['HEAD', 'GET'] as const) {
      const answer = await world.app.inject({ method, url: '/', headers: { accept: '*/*' } });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.body.includes('<title>')).toBe(method === 'GET');
    }
  });

  it('has files that browsers keep for ever, compressed for those that can read it', async () => {
    const plain = await get('/assets/index-abc123.js');
    expect(plain.body).toBe('start()');
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    const packed = await get('/assets/index-abc123.js', { 'accept-encoding': 'gzip, br' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.rawPayload).toString()).toBe('start()');
  });

  it('is no answer for programs, for the API, or in place of a file that is gone', async () => {
    const refused: [string, Record<string, string>][] = [
      ['/o/acme/phones', { accept: 'application/json' }],
      ['/api', HTML],
      ['/api/v1/nothing', HTML],
      ['/assets/index-older.js', HTML],
      ['/notes.txt', {}],
    ];
    for (const [url, headers] of refused) {
      const answer = await get(url, headers);
      expect([url, answer.statusCode]).toEqual([url, 404]);
      expect(answer.headers['content-type']).toBe('application/problem+json');
    }
    expect((await world.app.inject({ method: 'POST', url: '/o/acme/phones', headers: HTML })).statusCode).toBe(404);
  });

  it('says how to get it where it was not built', async () => {
    const bare = await testWorld(new BuiltPage(join(folder, 'nowhere')));
    const answer = await bare.app.inject({ method: 'GET', url: '/', headers: HTML });
    expect(answer.statusCode).toBe(404);
    expect(answer.json().detail).toContain('./littlepbx up');
    await bare.app.close();
  });
});
