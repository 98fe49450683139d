/** The audit log's words: who did what to which thing. */
import type { OrganizationId } from './organization.ts';

/** On whose behalf a transaction runs; stands beside everything it changes. Without one it is the system's own doing. */
export interface Author {
  /** `person`, `key`: a user or an API key of an organization; `system`: nobody asked for it. */
  kind: 'operator' | 'person' | 'key' | 'system';
  /** Id of the person or key; null for the system. */
  id: string | null;
  /** Name of the person or key as it was then; of the system, what part of it. */
  name: string;
  /** Address the request came from. */
  address: string | null;
  /** Names the request in the log of the server. */
  requestId: string | null;
  /** Operation id of the API. */
  operation: string | null;
}

/** Nobody asked for it. @param name of the part of the system that does it */
export const bySystem = (name: string): Author => ({
  kind: 'system',
  id: null,
  name,
  address: null,
  requestId: null,
  operation: null,
});

/** What a request says of itself, beside who asks. */
export type Origin = Pick<Author, 'address' | 'requestId' | 'operation'>;

/** An act that changes no table: it is noted by whoever did it. */
export interface Act {
  /** What kind of thing, `call`; kebab-case. */
  resource: string;
  resourceId: string;
  /** Past participle, kebab-case: `hung-up`. */
  action: string;
  label?: string;
  /** What of it was changed. Never a secret. */
  changes?: AuditChanges;
}

/** Before and after, by field. Secrets read `(secret)`. */
export type AuditChanges = Record<string, { before: unknown; after: unknown }>;

export interface AuditEntry {
  /** Rises with time. */
  id: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** Null: of the installation. */
  organizationId: OrganizationId | null;
  author: Author;
  /** `created`, `changed`, `deleted`, or the word of an act. */
  action: string;
  resource: string;
  resourceId: string;
  label: string | null;
  changes: AuditChanges;
}

export interface AuditFilter {
  /** Id of the person or key. */
  author?: string;
  action?: string;
  resource?: string;
  resourceId?: string;
  /** Milliseconds since the epoch. */
  since?: number;
  until?: number;
}
