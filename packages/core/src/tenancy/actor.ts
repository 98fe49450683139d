/** Who asks, and what a key or a person may do. */
import type { Origin } from './audit-entry.ts';
import type { OrganizationId } from './organization.ts';

/** What an API key or a person's role may do. `read` on a resource is implied by `write` on it. */
export const ALL_SCOPES = [
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
export type Scope = (typeof ALL_SCOPES)[number];

/** Who is asking, as authenticated. `organizationId` null: the operator, who may name any organization. */
export interface Actor {
  kind: 'key' | 'person';
  /** Of the key or the person. */
  id: string;
  name: string;
  organizationId: OrganizationId | null;
  scopes: ReadonlySet<Scope>;
  /** Id of an extension: the actor may do what concerns it alone. */
  onlyExtension?: string;
  /** Where the request came from, for the audit log. */
  origin?: Origin;
  /** What is asked for is done once, however often it is asked. */
  repeat?: Repeat;
  /** What is asked for is done only when this holds. */
  precondition?: Precondition;
}

/** That what is to be changed is still what the asker saw. */
export interface Precondition {
  /** @param reader the same asker; what it reads is read in the transaction of the change, behind its lock */
  isMet(reader: Actor): Promise<boolean>;
}

/** How a request that is sent again is known. */
export interface Repeat {
  /** As the asker chose it. */
  key: string;
  /** Of all that was asked for. */
  fingerprint: string;
}
