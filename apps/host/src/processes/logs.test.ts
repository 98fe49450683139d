import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rotateLogs } from './logs.ts';

it('puts big logs aside, keeps five, and leaves small ones alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpbx-logs-'));
  try {
    writeFileSync(join(folder, 'small.log'), 'x');
    for (let n = 1; n <= 8; n += 1) {
      writeFileSync(join(folder, 'brain.log'), `${n}`.repeat(100));
      rotateLogs([folder], 50);
    }
    const kept = [1, 2, 3, 4, 5].map((n) => `brain.log.${n}`);
    expect(readdirSync(folder).sort()).toEqual(['brain.log', ...kept, 'small.log']);
    expect(readFileSync(join(folder, 'brain.log'), 'utf8')).toBe('');
    expect(kept.map((name) => readFileSync(join(folder, name), 'utf8')[0])).toEqual(['8', '7', '6', '5', '4']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
