import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identify, isAlive, parseStat, startedAt } from './process-id.ts';

describe('process ids', () => {
  const rest = 'S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0';
  it('finds the start whatever the command is called', () => {
    expect(parseStat(7, `7 (a) b) ${rest}`)).toEqual({ pid: 7, start: '12345' });
    expect(parseStat(7, `7 (sh) ${rest.replace('S', 'Z')}`)).toBeNull();
  });

  it('tells a process from a later one with its number', async () => {
    const child = spawn('sleep', ['60']);
    const id = identify(child.pid!)!;
    expect(isAlive(id)).toBe(true);
    expect(isAlive({ ...id, start: '1' })).toBe(false);
    expect(Math.abs(startedAt(id) - Date.now())).toBeLessThan(5000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(id)).toBe(false);
  });
});
