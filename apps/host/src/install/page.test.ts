import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hashOf } from './page.ts';

it('builds the page anew when a source is another, new or renamed, and not for a new date or a test', () => {
  const root = mkdtempSync(join(tmpdir(), 'lpbx-sources-'));
  const write = (name: string, text: string) => writeFileSync(join(root, name), text);
  const seen = () => hashOf(root, ['src', 'package.json', 'not-there']);
  mkdirSync(join(root, 'src'));
  write('src/a.ts', 'one');
  write('package.json', '{}');
  const first = seen();

  utimesSync(join(root, 'src/a.ts'), 1, 1);
  write('src/a.test.ts', 'a test');
  expect(seen()).toBe(first);

  write('src/a.ts', 'two');
  const changed = seen();
  expect(changed).not.toBe(first);
  write('src/b.ts', '');
  expect(seen()).not.toBe(changed);
  rmSync(join(root, 'src/b.ts'));
  expect(seen()).toBe(changed);
  rmSync(root, { recursive: true });
});
