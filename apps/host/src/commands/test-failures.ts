/** What failed in a run of Vitest, for the end of a long log: its JSON report as one line a test. */
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** The part of https://vitest.dev/guide/reporters#json-reporter that is read here. */
interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] | null }[];
  }[];
}

const LONGEST = 300;

/** One line for each test that failed, and for each file that failed as a whole: where, what, first line of the error. */
export function failedTests(report: string, folder: string): string[] {
  const { testResults } = JSON.parse(report) as Report;
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(folder, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [`${file}: ${firstLine(message)}`];
    return failed.map((test) => `${file}: ${test.fullName}: ${firstLine(test.failureMessages?.join('\n') ?? '')}`);
  });
}

function firstLine(text: string): string {
  const line = stripVTControlCharacters(text)
    .split('\n')
    .map((part) => part.trim())
    .find((part) => part !== '');
  return (line ?? 'no error was given').slice(0, LONGEST);
}
