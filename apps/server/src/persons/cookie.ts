/** The session cookie: better-auth's token with its HMAC, so that who reads the table of sessions has none that opens. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { SESSION_COOKIE } from '@littlepbx/contract';

/** Marks sessions that end with the browser; better-auth's. */
const BRIEF_COOKIE = 'littlepbx.dont_remember';

/** Values by name; of two of one name the first. */
export function cookiesOf(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    if (at > 0 && !cookies.has(name)) cookies.set(name, part.slice(at + 1).trim());
  }
  return cookies;
}

/** The token, when the cookie is one of ours. */
export function sessionToken(header: string | undefined, secret: string): string | null {
  const value = decoded(cookiesOf(header).get(SESSION_COOKIE) ?? '');
  const at = value.lastIndexOf('.');
  if (at < 1) return null;
  const token = value.slice(0, at);
  const wanted = createHmac('sha256', secret).update(token).digest();
  const given = Buffer.from(value.slice(at + 1), 'base64');
  return wanted.length === given.length && timingSafeEqual(wanted, given) ? token : null;
}

export function hasSessionCookie(header: string | undefined): boolean {
  return cookiesOf(header).has(SESSION_COOKIE);
}

/** Whether the session is renewed by visits. */
export function isRenewable(header: string | undefined): boolean {
  return !cookiesOf(header).has(BRIEF_COOKIE);
}

/** The header without the session, for a login that is not over yet. */
export function withoutSession(header: string | undefined): string {
  const rest = [...cookiesOf(header)].filter(([name]) => name !== SESSION_COOKIE);
  return rest.map(([name, value]) => `${name}=${value}`).join('; ');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
