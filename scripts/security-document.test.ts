import { existsSync, readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'docs/security.md'), 'utf8');
const cited = [...text.matchAll(/`([^`]+\.test\.ts)`: "([^"]+)"/g)].map(([, file = '', name = '']) => ({ file, name }));

test('every test that docs/security.md names exists', () => {
  expect(cited.length).toBeGreaterThan(30);
  const missing = cited.filter(({ file, name }) => {
    const path = join(root, file);
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
  });
  expect(missing).toEqual([]);
});

test('every one of the 25 items and 14 rules has a test, or says why not', () => {
  const items = text.split('\n').filter((line) => /^\d+\. /.test(line));
  expect(items.map((line) => Number.parseInt(line, 10))).toEqual([
    ...Array.from({ length: 25 }, (_, i) => i + 1),
    ...Array.from({ length: 14 }, (_, i) => i + 1),
  ]);
  for (const line of items) expect(line).toMatch(/\.test\.ts`|Not yet|package-lock|item \d/);
});

test('rule 2: no shell is ever started with user text', async () => {
  const found: string[] = [];
  for await (const file of glob('{packages,apps/server}/*/**/*.ts', { cwd: root })) {
    if (/\.test\.ts$|\/(testing|conformance)\//.test(file)) continue;
    const source = readFileSync(join(root, file), 'utf8');
    if (/\bexec(Sync)?\b[^}]*\} from 'node:child_process'|shell: true|'(ba)?sh', \[/.test(source)) found.push(file);
  }
  expect(found).toEqual([]);
});
