/**
 * What a new organization starts with: extensions, numbers, a trunk, its admin and a key. All of it is checked before the
 * first write, each complaint naming its field; what only the database knows (a number that is taken) undoes the whole.
 */
import { EMPTY_CONTENT } from '../config/diff.ts';
import { canonicalEmail, type Language } from '../persons/person.ts';
import type { AdministrationPorts } from './access.ts';
import type { Actor } from './actor.ts';
import { assignableNumber } from './dialling.ts';
import { newExtension } from './extensions.ts';
import { newKey } from './keys.ts';
import { mailServer } from './mail.ts';
import type { Extension, Route, Trunk } from './organization.ts';
import type { Refusal } from './outcome.ts';
import type { OrganizationRow, StoreSet } from './stores.ts';
import { inviterOf, sendInvitation } from './users.ts';
import { Complaints, checkEmail, checkExtension, checkTrunk, completeTrunk, missingForwards } from './validation.ts';
import type { NewOrganization, SentInvitation } from './views.ts';

/** Thrown inside of a transaction, so that it is rolled back; it is a refusal outside. */
export class Undone extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export interface Start {
  extensions: Extension[];
  numbers: string[];
  routes: Route[];
  trunk: Trunk | null;
  admin: { email: string; language: Language } | null;
  hasAdminKey: boolean;
}

/** @param c hears what is wrong, as `extensions.0.name`, `numbers.1.number`, `trunk.host` */
export function checkStart(c: Complaints, row: OrganizationRow, o: NewOrganization, nextId: () => string): Start {
  const { country } = row;
  const numbers = (o.numbers ?? []).map(({ number }, i) => {
    const e164 = assignableNumber(number, country);
    if (e164 === null)
      c.add(`numbers.${i}.number`, `must be a phone number that exists, in E.164 or as written in ${country}`);
    return e164 ?? '';
  });
  const asked = (o.extensions ?? []).map((e) => newExtension(nextId(), e));
  const ids = new Map(asked.map((e) => [e.number, e.id]));
  const context = { country, numbers: new Set(numbers), others: ids };
  const extensions = asked.map((e, i) => {
    const checked = checkExtension(c, e, context, `extensions.${i}.`);
    for (const field of missingForwards(checked, country, new Set(ids.keys()))) {
      c.add(`extensions.${i}.${field}`, 'there is no such extension');
    }
    if (ids.get(e.number) !== e.id) c.add(`extensions.${i}.number`, `${e.number} is there twice`);
    return checked;
  });
  const routes: Route[] = [];
  for (const [i, { extension }] of (o.numbers ?? []).entries()) {
    if (numbers.indexOf(numbers[i]!) !== i) c.add(`numbers.${i}.number`, 'is there twice');
    if (extension === null || extension === undefined) continue;
    const extensionId = ids.get(extension);
    if (extensionId) routes.push({ number: numbers[i]!, extensionId });
    else c.add(`numbers.${i}.extension`, 'there is no such extension');
  }
  for (const kind of ['extensions', 'numbers'] as const) {
    const count = o[kind]?.length ?? 0;
    if (count > row.quotas[kind]) c.add(kind, `must be at most ${row.quotas[kind]}, its quota`);
  }
  const ofTrunk = new Complaints();
  const trunk = o.trunk ? checkTrunk(ofTrunk, completeTrunk(nextId(), o.trunk)) : null;
  for (const { field, reason } of ofTrunk.fields) c.add(`trunk.${field}`, reason);
  const admin = o.admin
    ? { email: canonicalEmail(checkEmail(c, 'admin.email', o.admin.email)), language: o.admin.language ?? 'en' }
    : null;
  return { extensions, numbers, routes, trunk, admin, hasAdminKey: o.hasAdminKey ?? false };
}

/**
 * Puts it in and applies it, so that the organization can be called at once.
 * @returns its row as it is now, the token of the admin's key, and the admin's invitation
 * @throws Undone
 */
export async function furnish(
  ports: AdministrationPorts,
  actor: Actor,
  stores: StoreSet,
  row: OrganizationRow,
  start: Start,
): Promise<{ row: OrganizationRow; adminToken: string | null; adminInvitation: SentInvitation | null }> {
  const { clock, secrets } = ports;
  const { id } = row;
  for (const [i, number] of start.numbers.entries()) {
    if (await stores.numbers.assign(id, number)) continue;
    const [field, reason] = [`numbers.${i}.number`, `${number} is taken`];
    throw new Undone({ id: 'number-taken', message: `${field}: ${reason}`, fields: [{ field, reason }] });
  }
  if (start.trunk) await stores.trunks.insert(id, start.trunk);
  const patch: Partial<OrganizationRow> = { defaultNumber: start.numbers[0] ?? null };
  if (start.extensions.length > 0) {
    const content = { ...EMPTY_CONTENT, extensions: start.extensions, routes: start.routes };
    await stores.drafts.replace(id, content);
    // As it is read again: in the order of numbers, with what the database fills in.
    const revision = { number: 1, appliedAt: clock.now(), appliedBy: actor.name, note: null };
    await stores.revisions.insert(id, revision, actor.id, await stores.drafts.content(id));
    patch.currentRevision = 1;
  }
  await stores.organizations.update(id, patch);
  let adminInvitation: SentInvitation | null = null;
  if (start.admin) {
    const isMailed = (await mailServer(stores.settings)) !== null;
    const wish = { ...start.admin, role: 'admin' as const, extensionId: null, invitedBy: inviterOf(actor), isMailed };
    adminInvitation = await sendInvitation(ports, stores, row, wish);
  }
  let adminToken: string | null = null;
  if (start.hasAdminKey) {
    const key = newKey(secrets, { name: 'Admin', organizationId: id, createdAt: clock.now() });
    await stores.keys.insert(key.key, key.secretSha256);
    adminToken = key.token;
  }
  return { row: { ...row, ...patch }, adminToken, adminInvitation };
}
