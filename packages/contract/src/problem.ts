/**
 * Refusals, as RFC 9457 problem details. `id` is stable and is what programs look at; `title` and `detail` are for
 * people and may change.
 */
import { z } from 'zod';

/** Every id the API may answer, with its status and title. */
export const PROBLEMS = {
  invalid: { status: 400, title: 'Invalid input' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'not-authenticated': { status: 401, title: 'No valid API key or session' },
  'login-failed': { status: 401, title: 'Not logged in' },
  'login-expired': { status: 401, title: 'Log in again from the start' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-same-origin': { status: 403, title: 'The request came from another page' },
  suspended: { status: 403, title: 'Suspended' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Not done at this address' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'Conflict' },
  'number-taken': { status: 409, title: 'Number is taken' },
  'slug-taken': { status: 409, title: 'Short name is taken' },
  'quota-reached': { status: 409, title: 'There is no room for more' },
  allowed: { status: 409, title: 'Address is on the allow-list' },
  'in-use': { status: 409, title: 'Still in use' },
  stale: { status: 409, title: 'Somebody else has changed it' },
  'idempotency-key-reused': { status: 422, title: 'The key was used for another request' },
  'draft-invalid': { status: 409, title: 'The draft cannot be applied' },
  'last-admin': { status: 409, title: 'The last admin' },
  'login-needed': { status: 409, title: 'Log in first' },
  'mail-not-configured': { status: 409, title: 'No mail server is set' },
  'mail-not-sent': { status: 409, title: 'The mail server did not take the mail' },
  'storage-full': { status: 409, title: 'Storage is full' },
  'precondition-failed': { status: 412, title: 'It is not what you saw' },
  'link-void': { status: 410, title: 'The link is not valid any more' },
  'too-large': { status: 413, title: 'Request is too large' },
  'unsupported-media-type': { status: 415, title: 'This is not read here' },
  'image-invalid': { status: 422, title: 'No image that can be shown' },
  'sound-invalid': { status: 422, title: 'No sound that can be played' },
  'too-many-uploads': { status: 429, title: 'Too many uploads at once' },
  'range-not-satisfiable': { status: 416, title: 'There are no such bytes' },
  'upgrade-required': { status: 426, title: 'This is a WebSocket' },
  'too-many-attempts': { status: 429, title: 'Too many failed attempts' },
  'headers-too-large': { status: 431, title: 'Request headers are too large' },
  'internal-error': { status: 500, title: 'Fault on our side' },
  'database-unavailable': { status: 503, title: 'The database is away' },
  'engine-unavailable': { status: 503, title: 'The call engine is away' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemId = keyof typeof PROBLEMS;

/** Refusals that any guarded route may answer. */
export const COMMON_PROBLEMS = [
  'not-authenticated',
  'too-many-attempts',
  'forbidden',
  'not-same-origin',
  'suspended',
  'internal-error',
  'database-unavailable',
] as const satisfies readonly ProblemId[];

const fieldProblem = z.object({
  field: z.string().meta({ description: 'Dotted path of the input, e.g. `limits.concurrentCalls`.' }),
  reason: z.string().meta({ description: 'Why it is refused.' }),
  expected: z.unknown().optional().meta({ description: 'Of `stale`: the value that the request expected.' }),
  current: z.unknown().optional().meta({ description: 'Of `stale`: the value that stands there now.' }),
  changedAt: z.int().optional().meta({ description: 'Of `stale`: since when. Milliseconds since the epoch.' }),
  changedBy: z
    .object({ kind: z.string(), id: z.string().nullable(), name: z.string() })
    .optional()
    .meta({ description: 'Of `stale`: who wrote that.' }),
});

export const problem = z
  .object({
    type: z.string().meta({ description: 'URI of the kind of problem: `urn:littlepbx:problem:` and the id.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What happened, in a sentence.' }),
    id: z.string().meta({ description: 'Stable kebab-case id of the kind of problem.' }),
    fields: z.array(fieldProblem).meta({ description: 'Inputs that are refused, one by one; empty when none is.' }),
    requestId: z.string().meta({ description: 'Names the request in the log of the server.' }),
  })
  .meta({
    id: 'Problem',
    description: 'A refusal or fault (RFC 9457).',
    examples: [
      {
        type: 'urn:littlepbx:problem:invalid',
        title: 'Invalid input',
        status: 400,
        detail: 'number: must be 2 to 8 digits',
        id: 'invalid',
        fields: [{ field: 'number', reason: 'must be 2 to 8 digits' }],
        requestId: '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10',
      },
    ],
  });

export type Problem = z.infer<typeof problem>;

/** The body for a refusal; status and title follow from the id. */
export function problemOf(id: ProblemId, detail: string, requestId: string, fields: Problem['fields'] = []): Problem {
  const { status, title } = PROBLEMS[id];
  return { type: `urn:littlepbx:problem:${id}`, title, status, detail, id, fields, requestId };
}
