import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { saveInstallation, withFlags } from './installation.ts';
import { forgetInstallation, noteInstallation, otherInstallations } from './installations.ts';

const home = mkdtempSync(join(tmpdir(), 'lpbx-home-'));
afterAll(() => rmSync(home, { recursive: true }));

it('knows the other installations of the machine, and forgets those that are gone', () => {
  const [first, second] = ['first', 'second'].map((name) => {
    const data = join(home, name);
    mkdirSync(data);
    saveInstallation(data, withFlags(null, {}));
    noteInstallation(data, home);
    noteInstallation(data, home);
    return data;
  }) as [string, string];
  expect(readFileSync(join(home, 'installations'), 'utf8')).toBe(`${first}\n${second}\n`);
  expect(otherInstallations(first, home)).toEqual([second]);
  rmSync(second, { recursive: true });
  expect(otherInstallations(first, home)).toEqual([]);
  forgetInstallation(first, home);
  expect(readFileSync(join(home, 'installations'), 'utf8')).toBe('');
});
