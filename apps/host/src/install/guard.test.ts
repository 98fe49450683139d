import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { guardFault, needsGuard, noteBuild, withSources } from './guard.ts';

test('sources are asked for where packages come from', () => {
  const list = '# a comment\ndeb http://mirror.example/debian forky main\n\n';
  expect(withSources(list)).toBe(
    'deb http://mirror.example/debian forky main\ndeb-src http://mirror.example/debian forky main\n',
  );
});

describe('whether a root needs its guard', () => {
  let root: string;
  const installed = (version: string) =>
    writeFileSync(
      join(root, 'var/lib/dpkg/status'),
      `Package: asterisk-modules\nVersion: 9\n\nPackage: asterisk\nStatus: install ok installed\nVersion: ${version}\n\n`,
    );

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lpbx-guard-'));
    for (const path of ['var/lib/dpkg', 'usr/lib/x86_64-linux-gnu/asterisk/modules', 'usr/share/asterisk/sounds']) {
      mkdirSync(join(root, path), { recursive: true });
    }
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(root, { recursive: true });
  });

  test('without an Asterisk of Debian’s there is none', () => {
    writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    expect(needsGuard(root)).toBe(false);
  });

  test('it is built once for each version of Asterisk', () => {
    installed('1:22.10.1-1');
    expect([needsGuard(root), guardFault(root)]).toEqual([true, 'it was not built yet']);
    noteBuild(root, null);
    expect([needsGuard(root), guardFault(root)]).toEqual([false, null]);
    installed('1:22.10.2-1');
    expect(needsGuard(root)).toBe(true);
  });

  test('one that could not be built is tried again a day later', () => {
    vi.useFakeTimers();
    installed('1:22.10.1-1');
    noteBuild(root, 'no mirror');
    expect([needsGuard(root), guardFault(root)]).toEqual([false, 'no mirror']);
    vi.advanceTimersByTime(25 * 3600 * 1000);
    expect(needsGuard(root)).toBe(true);
  });
});
