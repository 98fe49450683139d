/** API tokens: `lpbx_<id>_<secret>`. The id is public (it finds the row), the secret is stored as its SHA-256 only. */

const TOKEN = /^lpbx_([A-Za-z0-9-]{4,64})_([A-Za-z0-9_-]{20,200})$/;

/** The two parts of a token, or null when it does not look like one. */
export function parseToken(token: string): { id: string; secret: string } | null {
  const match = TOKEN.exec(token);
  return match ? { id: match[1]!, secret: match[2]! } : null;
}
