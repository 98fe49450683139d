/**
 * A route as data. The server registers it, the client calls it and the OpenAPI document describes it, all from the
 * same object, so they cannot disagree.
 */
import type { z } from 'zod';
import type { ProblemId } from './problem.ts';

export const SCOPES = [
  'organizations:read',
  'organizations:write',
  'extensions:read',
  'extensions:write',
  'devices:read',
  'devices:write',
  'numbers:read',
  'numbers:write',
  'trunks:read',
  'trunks:write',
  'revisions:read',
  'revisions:write',
  'calls:read',
  'calls:write',
  'files:read',
  'files:write',
  'voicemail:read',
  'voicemail:write',
  'keys:read',
  'keys:write',
  'users:read',
  'users:write',
  'webhooks:read',
  'webhooks:write',
  'audit:read',
  'system:read',
  'system:write',
  'bans:read',
  'bans:write',
] as const;

/** What an API key or a person's role may do. `write` on a resource implies `read` on it. */
export type Scope = (typeof SCOPES)[number];

export type Tag =
  | 'Organizations'
  | 'Extensions'
  | 'Devices'
  | 'Numbers'
  | 'Trunks'
  | 'Draft and revisions'
  | 'Calls'
  | 'Files'
  | 'Voicemail'
  | 'Spending'
  | 'Suspension'
  | 'Login'
  | 'Users'
  | 'Events'
  | 'Webhooks'
  | 'API keys'
  | 'Audit log'
  | 'Mail'
  | 'Alerts'
  | 'System'
  | 'Protection';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `BASE_PATH`, parameters as `{name}`. */
  path: `/${string}`;
  summary: string;
  /** What a caller must know beyond the summary: effects, and when they are live. */
  description: string;
  tags: readonly Tag[];
  /** Scope that whoever asks must hold; `self`: any valid key or session will do; `open` needs neither. */
  scope: Scope | 'self' | 'open';
  /** An API key is refused. */
  isPersonOnly?: true;
  /** Something secret can be tried here: who failed too often is refused first. */
  isGuessable?: true;
  /** Only keys of the installation's operator and persons who are operators, never an organization's. */
  isOperatorOnly?: true;
  /** The answer holds a secret: nobody may keep it in a cache. */
  isSecret?: true;
  /** Takes an `Idempotency-Key`: sent again with it, it is done once. */
  isRepeatable?: true;
  /** Bytes of a body, where more than the usual 64 KiB make sense. */
  maxBody?: number;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** The body is a sound, or an image, in whatever format. */
  isUpload?: true | 'image';
  responses: {
    /** Status of success. */
    status: 200 | 201 | 204;
    /** Null: no content. */
    body: z.ZodType | null;
    description: string;
    /** Media type of an answer that is no JSON; of a sound the byte range that was asked for (RFC 9110, section 14). */
    media?: 'audio/wav' | 'text/csv' | 'image/*';
    /** Also answered with this status, in the same shape. */
    alsoStatus?: 503;
    /**
     * Of the answer of one thing: members that come and go without anybody changing it; its ETag is of the others. `all`: it
     * has none. See `versions.ts`.
     */
    unversioned?: readonly string[] | 'all';
    /** Refusals beyond those that every guarded route has. */
    problems: readonly ProblemId[];
  };
}

/** Cookie of a person's session. */
export const SESSION_COOKIE = 'littlepbx.session';

/** Everything in the API stands below it. */
export const BASE_PATH = '/api/v1';

/** Media type of every refusal. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Keeps the exact type of a route. */
export function route<const R extends Route>(definition: R): R {
  return definition;
}

type Simplify<T> = { [K in keyof T]: T[K] } & {};

type Part<R, K extends 'params' | 'query' | 'body'> = R extends { [P in K]: z.ZodType } ? R[K] : never;

/** What a caller sends. A part with no required member may be left out. */
export type Sent<R> = Simplify<
  (R extends { isUpload: true } ? { sound: Blob } : R extends { isUpload: 'image' } ? { image: Blob } : unknown) &
    (R extends { isRepeatable: true } ? { idempotencyKey?: string } : unknown) &
    SentPart<'params', Part<R, 'params'>> &
    SentPart<'query', Part<R, 'query'>> &
    SentPart<'body', Part<R, 'body'>>
>;
type SentPart<K extends string, S> = [S] extends [never]
  ? unknown
  : S extends z.ZodType
    ? Record<never, never> extends z.input<S>
      ? { [P in K]?: z.input<S> }
      : { [P in K]: z.input<S> }
    : unknown;

/** What the server's handler gets, checked and with defaults filled in. */
export type Received<R> = Simplify<
  ReceivedPart<'params', Part<R, 'params'>> &
    ReceivedPart<'query', Part<R, 'query'>> &
    ReceivedPart<'body', Part<R, 'body'>>
>;
type ReceivedPart<K extends string, S> = [S] extends [never]
  ? unknown
  : S extends z.ZodType
    ? { [P in K]: z.output<S> }
    : unknown;

/** What comes back on success; null where there is no content, and the response itself where it is no JSON. */
export type Answer<R extends Route> = R['responses'] extends { media: string }
  ? Response
  : R['responses']['body'] extends z.ZodType
    ? z.output<R['responses']['body']>
    : null;
