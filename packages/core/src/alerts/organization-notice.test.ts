import { expect, test } from 'vitest';
import { ALERT_KINDS, type AlertKind, isForOrganization } from './kinds.ts';
import { organizationNotice } from './organization-notice.ts';

const facts = { organization: 'acme', extension: '101', cap: 'money-per-day', reason: 'short-calls', usedPercent: 91 };

test('an organization is told in its own words, in either language, what to do', () => {
  for (const kind of (Object.keys(ALERT_KINDS) as AlertKind[]).filter(isForOrganization)) {
    for (const language of ['en', 'ru'] as const) {
      const { subject, text } = organizationNotice({ kind, facts }, 'Acme Ltd', language);
      expect(subject, kind).toMatch(/^Acme Ltd: ./);
      expect(text, kind).not.toMatch(/money-per-day|short-calls|undefined|null/);
      expect(/[а-я]/.test(text), `${kind} ${language}`).toBe(language === 'ru');
      expect(text.length, kind).toBeGreaterThan(100);
    }
  }
});

test('a limit of the whole organization names no extension', () => {
  const { text } = organizationNotice(
    { kind: 'spend-limit-reached', facts: { cap: 'minutes-per-hour' } },
    'Acme',
    'en',
  );
  expect(text).toContain('The limit: minutes of calls to the outside in an hour.');
});
