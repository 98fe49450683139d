/** Login by requests of its own, until the contract has these routes; then `api` has them, and this file goes. */
import type { Scope } from '@littlepbx/contract';
import { ApiProblem } from '@littlepbx/contract/client';
import { send } from './api.ts';

export interface Membership {
  organizationId: string;
  slug: string;
  companyName: string;
  role: 'admin' | 'viewer';
  scopes: Scope[];
  isSuspended: boolean;
}

export interface Person {
  kind: 'person';
  id: string;
  name: string;
  email: string;
  language: 'en' | 'ru';
  theme: 'system' | 'light' | 'dark';
  isOperator: boolean;
  hasTwoFactor: boolean;
  memberships: Membership[];
}

interface LoggedIn {
  isCodeNeeded: boolean;
  person: Person | null;
}

interface Site {
  organization: { slug: string; companyName: string; logo: string | null } | null;
}

export const loginApi = {
  getMe: () => ask<Person | { kind: 'key' }>('GET', '/me'),
  updateMe: ({ body }: { body: Partial<Pick<Person, 'name' | 'language' | 'theme'>> }) =>
    ask<Person>('PATCH', '/me', body),
  getSite: () => ask<Site>('GET', '/site'),
  logIn: ({ body }: { body: { email: string; password: string; isRemembered?: boolean } }) =>
    ask<LoggedIn>('POST', '/login', body),
  sendLoginCode: ({ body }: { body: { code: string } }) => ask<LoggedIn>('POST', '/login/code', body),
  logOut: () => ask<null>('POST', '/logout'),
};

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(`/api/v1${path}`, {
    method,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  }).catch((error: unknown) => {
    throw new ApiProblem({ id: 'unreachable', status: 0, detail: String(error) });
  });
  if (response.status === 204) return null as T;
  if (!response.ok) throw new ApiProblem(await response.json());
  return (await response.json()) as T;
}
