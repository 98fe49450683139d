import { expect, test } from 'vitest';
import { failedTests } from './test-failures.ts';

const file = (name: string, status: string, message: string, tests: [string, string, string[] | null][]) => ({
  name: `/app/${name}`,
  status,
  message,
  assertionResults: tests.map(([fullName, state, failureMessages]) => ({ fullName, status: state, failureMessages })),
});

test('who reads only the end of the log sees which tests failed, and the first line of why', () => {
  const report = JSON.stringify({
    testResults: [
      file('a.test.ts', 'passed', '', [['all is well', 'passed', []]]),
      file('b.test.ts', 'failed', '', [
        ['bob hears ann', 'failed', ['\u001b[31mNotInTime: no tone\u001b[39m\n    at b.test.ts:3']],
        ['ann hears bob', 'passed', null],
      ]),
      file('c.test.ts', 'failed', '\nSyntaxError: unexpected token\n    at c.test.ts', []),
      file('d.test.ts', 'failed', '', [['says nothing', 'failed', []]]),
    ],
  });
  expect(failedTests(report, '/app')).toEqual([
    'b.test.ts: bob hears ann: NotInTime: no tone',
    'c.test.ts: SyntaxError: unexpected token',
    'd.test.ts: says nothing: no error was given',
  ]);
});
