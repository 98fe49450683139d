/**
 * Why a value is refused, in words for people, where its schema has no words of its own: zod's are for programmers. The page
 * knows each of them by its text (`apps/web/src/parts/reasons.ts`).
 */
import { z } from 'zod';

const KINDS: Record<string, string> = {
  string: 'must be text',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be yes or no',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
};

z.config({
  localeError(issue) {
    switch (issue.code) {
      case 'invalid_type':
        if (issue.input === undefined) return 'is required';
        return issue.input === null ? 'must not be null' : (KINDS[issue.expected] ?? 'is of another kind');
      case 'too_small':
        if (issue.origin === 'string') {
          return issue.minimum === 1 ? 'must not be empty' : `must be at least ${issue.minimum} characters`;
        }
        if (issue.origin === 'array') {
          return issue.minimum === 1 ? 'must name at least one' : `must have at least ${issue.minimum} entries`;
        }
        return Number.isSafeInteger(issue.minimum) && issue.minimum !== Number.MIN_SAFE_INTEGER
          ? `must be at least ${issue.minimum}`
          : 'is too great a number';
      case 'too_big':
        if (issue.origin === 'string') return `must be at most ${issue.maximum} characters`;
        if (issue.origin === 'array') return `must have at most ${issue.maximum} entries`;
        return issue.maximum === Number.MAX_SAFE_INTEGER ? 'is too great a number' : `must be at most ${issue.maximum}`;
      case 'invalid_value':
        return `must be one of ${issue.values.map(String).join(', ')}`;
      case 'unrecognized_keys':
        return 'is not known here';
      default:
        return 'has not the form that is wanted';
    }
  },
});
