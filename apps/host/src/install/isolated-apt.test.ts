import { expect, it } from 'vitest';
import { describePackages, parseSimulation } from './isolated-apt.ts';

it('says which packages Debian has newer, and of Asterisk and PostgreSQL how much', () => {
  const said = [
    'The following packages will be upgraded:',
    '  asterisk libssl3t64 postgresql-18',
    'Inst libssl3t64 [3.5.4-1] (3.5.5-1 Debian:testing [amd64])',
    'Inst asterisk [1:22.10.1~dfsg-1] (1:22.11.0~dfsg-1 Debian:testing [amd64]) []',
    'Inst libnew1 (1.0-1 Debian:testing [amd64])',
    'Inst postgresql-18 [18.6-3] (18.7-1 Debian:testing [amd64])',
    'Conf asterisk (1:22.11.0~dfsg-1 Debian:testing [amd64])',
  ].join('\n');
  const newer = parseSimulation(said);
  expect(newer.map(({ name }) => name)).toEqual(['libssl3t64', 'asterisk', 'libnew1', 'postgresql-18']);
  expect(newer[2]).toEqual({ name: 'libnew1', from: null, to: '1.0-1' });
  expect(describePackages(newer)).toBe(
    'asterisk 1:22.10.1~dfsg-1 -> 1:22.11.0~dfsg-1, postgresql-18 18.6-3 -> 18.7-1, 2 other packages',
  );
  expect(parseSimulation('0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.')).toEqual([]);
  expect(describePackages(newer.slice(0, 1))).toBe('1 packages');
});
