/** On a real Postgres: an organization with something of everything, as the examples of the contract tell of it. */
import type { Client } from '@littlepbx/contract/client';
import { insertFiles } from '../../../../../packages/data/src/stores/files.ts';
import { soundFile } from '../../../../../packages/data/src/testing/files.ts';
import { type TestInstallation, uuidv7 } from '../../../../../packages/data/src/testing/installation.ts';

export interface Settled {
  id: string;
  slug: string;
  /** Of a key of its admin's. */
  token: string;
  phone: { username: string; password: string };
  number: string;
  /** Path values that name what is its own. */
  values: Values;
}

type Values = Record<
  | 'org'
  | 'extension'
  | 'username'
  | 'number'
  | 'trunk'
  | 'prefix'
  | 'revision'
  | 'call'
  | 'key'
  | 'message'
  | 'file'
  | 'user'
  | 'invitation'
  | 'webhook'
  | 'delivery',
  string[]
>;

let settled = 0;

/** @param client the operator's */
export async function settle(installation: TestInstallation, client: Client, slug: string): Promise<Settled> {
  const params = { org: slug };
  const org = await client.createOrganization({ body: { slug, name: 'Acme Ltd', country: 'GB' } });
  const alice = { number: '101', name: 'Alice Johnson' };
  const { id: extensionId } = await client.createExtension({ params, body: alice });
  await client.createExtension({ params, body: { number: '102', name: "Bob O'Brien", forwardNoAnswer: '101' } });
  const phone = await client.createDevice({ params, body: { extension: '101', name: 'Desk phone' } });
  const number = `+442079461${String(settled++).padStart(3, '0')}`;
  await client.assignNumber({ params, body: { number, extension: '101' } });
  const trunk = await client.createTrunk({ params, body: { name: 'Carrier', host: '192.0.2.10' } });
  await client.applyDraft({ params, body: { note: 'First' } });
  const key = await client.createKey({ params, body: { name: 'Admin' } });
  const hook = { url: 'https://crm.example.com/hooks/littlepbx', events: ['call-ended' as const] };
  const webhook = await client.createWebhook({ params, body: hook });
  const delivery = await client.testWebhook({ params: { ...params, webhook: webhook.id } });
  const user = await viewer(installation, org.id, `viewer@${slug}.example.com`);
  const newcomer = { email: `new@${slug}.example.com`, role: 'viewer' } as const;
  const invitation = await client.invite({ params, body: newcomer });
  const file = soundFile(org.id);
  const message = soundFile(org.id, { kind: 'voicemail', details: { extensionId, from: '102', fromName: null } });
  await installation.db.asOperator((trx) => insertFiles(trx, [file, message]));
  return {
    id: org.id,
    slug,
    token: key.token,
    phone,
    number,
    values: {
      org: [slug, org.id],
      extension: ['101', '102'],
      username: [phone.username],
      number: [number],
      trunk: [trunk.id],
      prefix: ['44'],
      revision: ['1'],
      call: ['01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10'],
      key: [key.id],
      message: [message.id],
      file: [file.id],
      user: [user],
      invitation: [invitation.id],
      webhook: [webhook.id],
      delivery: [delivery.id],
    },
  };
}

/** Without a password, whose hash would take its time. */
async function viewer(installation: TestInstallation, org: string, email: string): Promise<string> {
  const id = uuidv7();
  await installation.stores.asOperator(async ({ persons, users }) => {
    const rest = { language: 'en', theme: 'system', createdAt: Date.now() } as const;
    const is = { isOperator: false, isSuspended: false, hasTwoFactor: false };
    await persons.insert({ id, email, name: 'Viewer', ...rest, ...is }, 'no hash');
    await users.put(org, id, { role: 'viewer', extensionId: null });
  });
  return id;
}
