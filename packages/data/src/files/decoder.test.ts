import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Decoder } from './decoder.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'lpbx-decoder-'));
  mkdirSync(join(base, 'secret'));
  writeFileSync(join(base, 'secret/key'), 'the key');
});
afterEach(() => rmSync(base, { recursive: true }));

const canUnshare = spawnSync('unshare', ['--user', '--map-root-user', '--mount', '--net', 'true']).status === 0;
/** What a program that was taken over would do. */
const steal = (decoder: Decoder, how: string) =>
  decoder.run('sh', '-c', `cd "$1"; ${how}; cat secret/key > stolen`, 'sh', base);

test.skipIf(!canUnshare)('finds the hidden folders empty, and cannot bring them back', async () => {
  const decoder = new Decoder(['--nofile=32']);
  expect(await steal(decoder, ':')).toBe(true);
  expect(readFileSync(join(base, 'stolen'), 'utf8')).toBe('the key');
  expect(await decoder.hide([join(base, 'secret')])).toBe(true);
  for (const how of [':', 'umount secret', `cd /proc/${process.pid}/root${base}`]) {
    await steal(decoder, how);
    expect(readFileSync(join(base, 'stolen'), 'utf8'), how).toBe('');
  }
});

test('does its work where nothing can be hidden', async () => {
  const decoder = new Decoder(['--nofile=32']);
  expect(await decoder.hide([join(base, 'missing')])).toBe(false);
  expect(await decoder.run('true')).toBe(true);
  expect(await decoder.run('false')).toBe(false);
  await expect(decoder.run('no-such-program')).rejects.toThrow('is not installed');
});
