/** Answers as examples show them: what differs each time is replaced by something that always is the same. */

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
/** What tests put there themselves lies before. */
const NEW_YEAR = Date.UTC(2026, 0, 1);
const KEY_ID = /\b[0-9a-f]{16}\b/g;
/** As devices get them; what people choose is shorter here, or has something between. */
const SIP_USERNAME = /^[a-z][a-z0-9]{15}$/;
const HOUR = 3_600_000;

/** Members that are made by chance, and what stands for them. */
const MADE: Record<string, string> = {
  adminToken: 'lpbx_3f9c0d5e7a1b2c4d_kq3v0Yb1',
  link: 'https://pbx.example.com/invitation#kq3v0Yb1',
  nextCursor: 'MTAy',
  password: 'kq3v0Yb1',
  requestId: '01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10',
  secret: 'JBSWY3DPEHPK3PXP',
  timestamp: '2026-01-01T00:00:00.000Z',
  token: 'lpbx_3f9c0d5e7a1b2c4d_kq3v0Yb1',
  uri: 'otpauth://totp/LittlePBX:alice@example.com?secret=JBSWY3DPEHPK3PXP&issuer=LittlePBX',
};

/**
 * Ids by the order in which they appear, times by the hour from now.
 * @param names what the test calls differently each time, and the example's word for it
 */
export function canonical(answer: unknown, names: Record<string, string>): unknown {
  let text = JSON.stringify(answer);
  for (const [name, shown] of Object.entries(names)) text = text.replaceAll(name, shown);
  const ids = new Map<string, string>();
  text = text.replace(UUID, (id) => {
    const known = ids.get(id) ?? `01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d${(16 + ids.size).toString(16)}`;
    ids.set(id, known);
    return known;
  });
  text = text.replace(KEY_ID, '3f9c0d5e7a1b2c4d');
  let entry = 43;
  const now = Date.now();
  return JSON.parse(text, (member, value: unknown) => {
    if (typeof value === 'number' && value >= NEW_YEAR && value < 2 * NEW_YEAR) {
      return NEW_YEAR + Math.round((value - now) / HOUR) * HOUR;
    }
    // It is written behind the answer.
    if (member === 'lastUsedAt') return null;
    // Of the audit log, newest first.
    if (member === 'id' && typeof value === 'number') return --entry;
    if (member === 'username' && typeof value === 'string') return value.replace(SIP_USERNAME, 'k7p2m9x4c1q8');
    if (member === 'recoveryCodes') return ['aB3dE-fG7hJ'];
    if (member === 'secret' && String(value).startsWith('whsec_')) return 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    return typeof value === 'string' && Object.hasOwn(MADE, member) ? MADE[member] : value;
  });
}
