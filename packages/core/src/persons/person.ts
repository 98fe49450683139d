/** Persons who may log in to the pages, and what each may do where (decision 0012). */
import { type Actor, ALL_SCOPES, type Scope } from '../tenancy/actor.ts';
import { ADMIN_SCOPES } from '../tenancy/keys.ts';
import type { OrganizationId } from '../tenancy/organization.ts';

export type Language = 'en' | 'ru';
export type Theme = 'system' | 'light' | 'dark';
/** `user`: of one extension alone. */
export type Role = 'admin' | 'viewer' | 'user';

export interface Person {
  id: string;
  /** Lower case; unique in the installation. */
  email: string;
  name: string;
  language: Language;
  theme: Theme;
  /** May name any organization. */
  isOperator: boolean;
  /** Cannot log in. */
  isSuspended: boolean;
  hasTwoFactor: boolean;
  createdAt: number;
}

export interface Membership {
  organizationId: OrganizationId;
  slug: string;
  companyName: string;
  role: Role;
  /** Of a `user`. */
  extensionId: string | null;
  /** Of the organization. */
  timeZone: string;
  /** The organization is. */
  isSuspended: boolean;
  logoTag: string | null;
}

/** A person who is logged in. */
export interface Session {
  id: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  person: Person;
  /** By company name, without deleted organizations. */
  memberships: Membership[];
}

/** Where a person is logged in. */
export interface OwnSession {
  id: string;
  address: string | null;
  userAgent: string | null;
  loggedInAt: number;
  expiresAt: number;
}

/** Configuration, calls and figures; nothing that somebody said, and no keys. */
const VIEWER_SCOPES: readonly Scope[] = [
  'organizations:read',
  'extensions:read',
  'devices:read',
  'numbers:read',
  'trunks:read',
  'revisions:read',
  'calls:read',
];

/** Of one extension alone: each use case looks whose things they are (`own-extension.ts`). */
const USER_SCOPES: readonly Scope[] = [
  'extensions:write',
  'devices:write',
  'calls:write',
  'files:write',
  'voicemail:write',
  'organizations:read',
];

export const ROLE_SCOPES: Record<Role, readonly Scope[]> = {
  admin: ADMIN_SCOPES,
  viewer: VIEWER_SCOPES,
  user: USER_SCOPES,
};

/** The person as the operator, or as a member of one organization. */
export function actorOf(
  person: Person,
  as: Pick<Membership, 'organizationId' | 'role' | 'extensionId'> | 'operator',
): Actor {
  const who = { kind: 'person', id: person.id, name: person.name } as const;
  if (as === 'operator') return { ...who, organizationId: null, scopes: new Set(ALL_SCOPES) };
  const actor: Actor = { ...who, organizationId: as.organizationId, scopes: new Set(ROLE_SCOPES[as.role]) };
  // Of a user whose extension is not known nothing may be seen.
  return as.role === 'user' ? { ...actor, onlyExtension: as.extensionId ?? '' } : actor;
}

/** As it is stored and compared. */
export function canonicalEmail(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}

/** Null when it will do; else what is wrong with it. */
export function weaknessOf(password: string, email: string): string | null {
  if (password.length < 10) return 'must be at least 10 characters';
  if (password.length > 128) return 'must be at most 128 characters';
  if (new Set(password).size < 5) return 'must have at least 5 different characters';
  const plain = password.toLowerCase();
  if (plain === email.toLowerCase()) return 'must not be the e-mail address';
  return null;
}
