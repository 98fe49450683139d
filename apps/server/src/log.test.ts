import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog, type PersonalData } from './log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'h-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const key = randomBytes(32);
function written(personalData: PersonalData, write: (log: ReturnType<typeof createLog>) => void): object[] {
  const to = join(folder, personalData);
  write(createLog({ level: 'info', personalData, key, to }));
  const lines = readFileSync(to, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as object);
}

describe('the log', () => {
  test('writes personal data as it is, as a code, or not at all', () => {
    const say = (log: ReturnType<typeof createLog>): void => {
      log.info('turned-away', { reason: 'unknown-did', personal: { dialled: '+442079460999', from: null } });
      log.info('turned-away', { reason: 'unknown-did', personal: { dialled: '+442079460999', from: '101' } });
    };
    expect(written('plain', say)[0]).toMatchObject({ personal: { dialled: '+442079460999', from: null } });
    const [first, second] = written('hashed', say) as { personal: Record<string, string> }[];
    expect(first!.personal.dialled).toMatch(/^[\w-]{12}$/);
    expect(second!.personal.dialled).toBe(first!.personal.dialled);
    expect(second!.personal.from).not.toBe(first!.personal.dialled);
    expect(first!.personal.from).toBeNull();
    const [removed] = written('removed', say);
    expect(removed).toMatchObject({ event: 'turned-away', reason: 'unknown-did' });
    expect(JSON.stringify(removed)).not.toMatch(/personal|442079460999/);
  });

  test('holds no secret, whatever it is handed', () => {
    const lines = written('plain', (log) =>
      log.error('fault', { password: 'hush-1', request: { token: 'hush-2' }, personal: { secret: 'hush-3' } }),
    );
    expect(JSON.stringify(lines)).not.toContain('hush');
  });

  test('a full disk drops lines past a bound, and ends nobody', () => {
    const log = createLog({ level: 'info', personalData: 'plain', key, to: '/dev/full', maxWaiting: 10_000 });
    for (let n = 0; n < 1_000; n += 1) log.info('something', { text: 'x'.repeat(100) });
  });

  test('personal data stands under `personal`, all over the source', () => {
    const root = new URL('../../..', import.meta.url).pathname;
    const files = execFileSync('git', ['ls-files', 'apps/server/src', 'packages/*/src'], {
      cwd: root,
      encoding: 'utf8',
    });
    const found: string[] = [];
    for (const file of files.split('\n').filter((name) => name.endsWith('.ts') && !/test(ing)?[./]/.test(name))) {
      const source = readFileSync(join(root, file), 'utf8');
      for (const [call] of source.matchAll(/\blog\.(?:debug|info|warn|error)\((?:[^()]|\([^()]*\))*\)/g)) {
        const bare = call.replace(/personal: \{[^}]*\}/g, '');
        if (/[{,]\s*(from|to|dialled|number|callerId|source|address|email|callee|caller)\b(?!\w)[:,\s}]/.test(bare)) {
          found.push(`${file}: ${call.replace(/\s+/g, ' ')}`);
        }
      }
    }
    expect(found).toEqual([]);
    expect(readdirSync(join(root, 'apps/server/src'))).toContain('log.ts');
  });
});
