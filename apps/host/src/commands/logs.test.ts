import { expect, it } from 'vitest';
import { readable } from './logs.ts';

it.each([
  [
    '{"level":40,"time":"2026-11-22T01:02:03.004Z","event":"engine-lost","calls":2,"who":{"a":1}}',
    '2026-11-22T01:02:03.004Z WARN  engine-lost calls=2 who={"a":1}',
  ],
  ['{"level":50,"time":"t","event":"fault","error":"Error: x\\n  at y"}', 't ERROR fault error=\n  Error: x\n    at y'],
  ['{ not JSON', '{ not JSON'],
  ['==> /log/brain.log <==', '==> /log/brain.log <=='],
  ['', ''],
])('%s', (line, expected) => expect(readable(line)).toBe(expected));
