/** What is stored of persons, and of who belongs to an organization. Part of a transaction's `StoreSet`. */
import type { OrganizationId } from '../tenancy/organization.ts';
import type { Slice } from '../tenancy/stores.ts';
import type { Language, Membership, OwnSession, Person, Role } from './person.ts';

export interface PersonStore {
  /** By e-mail address, which is what `after` is. */
  list(filter: { email?: string }, slice: Slice): Promise<Person[]>;
  get(id: string): Promise<Person | null>;
  byEmail(email: string): Promise<Person | null>;
  /** Of each, by company name, without deleted organizations; an entry for each id. */
  memberships(ids: string[]): Promise<Map<string, Membership[]>>;
  /** False when the address is taken. */
  insert(person: Person, passwordHash: string): Promise<boolean>;
  update(
    id: string,
    patch: Partial<Pick<Person, 'name' | 'language' | 'theme' | 'isOperator' | 'isSuspended'>>,
  ): Promise<void>;
  setPassword(id: string, hash: string): Promise<void>;
  /** False when this code opened already. */
  useCode(id: string, code: string): Promise<boolean>;
  removeTwoFactor(id: string): Promise<void>;
  /** That are not over; the latest login first. */
  sessions(id: string): Promise<OwnSession[]>;
  /** @param but the one that stays */
  endSessions(id: string, but?: string): Promise<void>;
  /** Forgets those that are over. */
  tidySessions(id: string): Promise<void>;
  delete(id: string): Promise<void>;
}

/** A person as an organization sees it. */
export interface OrganizationUser {
  id: string;
  name: string;
  email: string;
  role: Role;
  /** Of a `user`; its number in the draft, null: it is not there any more. */
  extensionId: string | null;
  extension: string | null;
  hasTwoFactor: boolean;
  isSuspended: boolean;
  joinedAt: number;
}

export interface Invitation {
  id: string;
  organizationId: OrganizationId;
  email: string;
  role: Role;
  /** Of a `user`. */
  extensionId: string | null;
  language: Language;
  /** Name of the person, as it was then; null: an API key did. */
  invitedBy: string | null;
  createdAt: number;
  expiresAt: number;
}

/** Who belongs to an organization, and who is asked to. */
export interface UserStore {
  /** By e-mail address. */
  list(organizationId: OrganizationId, slice: Slice): Promise<OrganizationUser[]>;
  get(organizationId: OrganizationId, personId: string): Promise<OrganizationUser | null>;
  /** Makes a member, or changes the role. */
  put(organizationId: OrganizationId, personId: string, is: Pick<Membership, 'role' | 'extensionId'>): Promise<void>;
  remove(organizationId: OrganizationId, personId: string): Promise<void>;
  /** How many admins could log in. */
  countAdmins(organizationId: OrganizationId): Promise<number>;
  /** By e-mail address. */
  invitations(organizationId: OrganizationId, slice: Slice): Promise<Invitation[]>;
  invitation(organizationId: OrganizationId, id: string): Promise<Invitation | null>;
  /** The one that was sent with this token. Only `asOperator` finds it. */
  invitationByToken(tokenSha256: string): Promise<Invitation | null>;
  countInvitations(organizationId: OrganizationId): Promise<number>;
  /** Replaces one to the same address. */
  invite(invitation: Invitation, tokenSha256: string): Promise<void>;
  /** False when it is not there: somebody else was faster. */
  revoke(organizationId: OrganizationId, id: string): Promise<boolean>;
}
