/** What a use case answers: expected outcomes are values, and a refusal says what the asker can do. */
import type { Author } from './audit-entry.ts';

/** A refusal that the asker can act on. `id` is stable kebab-case and becomes the problem+json type. */
export interface Refusal {
  id:
    | 'not-found'
    | 'forbidden'
    | 'invalid'
    | 'conflict'
    | 'number-taken'
    | 'slug-taken'
    | 'in-use'
    | 'stale'
    | 'precondition-failed'
    | 'idempotency-key-reused'
    | 'quota-reached'
    | 'draft-invalid'
    | 'storage-full'
    | 'sound-invalid'
    | 'image-invalid'
    | 'too-large'
    | 'too-many-uploads'
    | 'mail-not-configured'
    | 'mail-not-sent'
    | 'last-admin'
    | 'login-needed'
    | 'link-void'
    | 'database-unavailable';
  message: string;
  /** Dotted path of the offending input, and why; named one by one. */
  fields?: FieldRefusal[];
}

export interface FieldRefusal {
  field: string;
  reason: string;
  /** Of `stale`: what the asker saw, what stands there now, and who wrote that. */
  expected?: unknown;
  current?: unknown;
  changedAt?: number;
  changedBy?: Pick<Author, 'kind' | 'id' | 'name'>;
}

export type Outcome<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export interface Page {
  /** 1 to 200. */
  limit: number;
  /** Opaque; from the last answer's `nextCursor`. */
  cursor: string | null;
}
/** Of a list that can be searched. */
export interface SearchedPage extends Page {
  /** A part of what names the items. */
  search?: string;
}

export interface Paged<T> {
  items: T[];
  nextCursor: string | null;
}
