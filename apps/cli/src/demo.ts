/**
 * Two organizations to try the system with. Both have the same extensions on purpose. Their numbers are set aside for
 * fiction (Ofcom's 020 7946 0xxx, the 555-01xx of North America), so no real phone ever rings.
 */
import { ApiProblem, type Client, everyPage } from '@littlepbx/contract/client';

export interface DemoPhone {
  extension: string;
  username: string;
  password: string;
  server: string;
  port: number;
  transport: 'udp' | 'tls';
}
/** Of the pages. */
export interface DemoLogin {
  email: string;
  password: string;
}
export interface DemoOrganization {
  slug: string;
  name: string;
  admin: DemoLogin;
  /** API key of its admin. */
  adminToken: string;
  /** E.164. The first leads to extension 101, the second to 102. */
  numbers: string[];
  /** Two for each extension. */
  phones: DemoPhone[];
}
export interface DemoSummary {
  operator: DemoLogin;
  organizations: DemoOrganization[];
}

interface Plan {
  slug: string;
  name: string;
  country: string;
  admin: { email: string; name: string };
  people: Record<string, string>;
  numbers: [string, string];
  carrier: { name: string; port: number; address: string };
}

const PLANS: Plan[] = [
  {
    slug: 'demo',
    name: 'Demo Company',
    country: 'GB',
    admin: { email: 'alice@demo.example.com', name: 'Alice Johnson' },
    people: { '101': 'Alice Johnson', '102': 'Bob Williams', '103': 'Carol Davies' },
    numbers: ['+442079460101', '+442079460102'],
    carrier: { name: 'Demo carrier', port: 5090, address: '127.0.0.2' },
  },
  {
    slug: 'acme',
    name: 'Acme Corporation',
    country: 'US',
    admin: { email: 'dave@acme.example.com', name: 'Dave Miller' },
    people: { '101': 'Dave Miller', '102': 'Erin Garcia', '103': 'Frank Moore' },
    numbers: ['+12125550101', '+12125550102'],
    carrier: { name: 'Acme carrier', port: 5091, address: '127.0.0.3' },
  },
];

const OPERATOR = { email: 'operator@example.com', name: 'Operator' };
const DEVICES = ['Desk phone', 'Mobile'];
const ADMIN_KEY = 'Demo admin';

/**
 * Brings both organizations to where they should be, and applies. Doing it again changes nothing that is there.
 * Passwords and tokens are shown once: those in `before` (an earlier summary) are kept, unknown ones are made anew.
 */
export async function fillDemo(client: Client, before?: DemoSummary): Promise<DemoSummary> {
  const organizations: DemoOrganization[] = [];
  for (const plan of PLANS) {
    const known = before?.organizations.find((o) => o.slug === plan.slug);
    organizations.push(await fill(client, plan, known));
  }
  const { email, name } = OPERATOR;
  return { operator: await login(client, { email, name, isOperator: true }, before?.operator), organizations };
}

async function fill(client: Client, plan: Plan, known: DemoOrganization | undefined): Promise<DemoOrganization> {
  const { slug, name, country } = plan;
  const params = { org: slug };
  const organization =
    (await orAbsent(client.getOrganization({ params }))) ??
    (await client.createOrganization({ body: { slug, name, country } }));

  const extensions = await everyPage((query) => client.listExtensions({ params, query }));
  for (const [number, person] of Object.entries(plan.people)) {
    if (!extensions.some((e) => e.number === number)) {
      await client.createExtension({ params, body: { number, name: person } });
    }
  }

  const numbers = await everyPage((query) => client.listNumbers({ params, query }));
  for (const [i, number] of plan.numbers.entries()) {
    if (!numbers.some((n) => n.number === number)) {
      await client.assignNumber({ params, body: { number, extension: String(101 + i) } });
    }
  }
  if (organization.defaultNumber === null) {
    await client.updateOrganization({ params, body: { defaultNumber: plan.numbers[0] } });
  }

  const trunks = await everyPage((query) => client.listTrunks({ params, query }));
  if (trunks.length === 0) {
    const { name: carrier, port, address } = plan.carrier;
    await client.createTrunk({
      params,
      body: {
        name: carrier,
        host: '127.0.0.1',
        port,
        transport: 'udp',
        register: false,
        isInbound: true,
        isOutbound: true,
        addresses: [address],
      },
    });
  }

  const { pendingChanges } = await client.getOrganization({ params });
  if (pendingChanges > 0) await client.applyDraft({ params, body: { note: 'Demo' } });

  return {
    slug,
    name: organization.name,
    admin: await login(client, { ...plan.admin, memberships: [{ org: slug, role: 'admin' }] }, known?.admin),
    adminToken: await adminToken(client, slug, known?.adminToken),
    numbers: plan.numbers,
    phones: await phones(client, plan, known?.phones ?? []),
  };
}

async function phones(client: Client, plan: Plan, known: DemoPhone[]): Promise<DemoPhone[]> {
  const params = { org: plan.slug };
  const devices = await everyPage((query) => client.listDevices({ params, query }));
  const all: DemoPhone[] = [];
  for (const extension of Object.keys(plan.people)) {
    for (const name of DEVICES) {
      const device = devices.find((d) => d.extension === extension && d.name === name);
      const kept = device && known.find((p) => p.username === device.username);
      const credentials = device
        ? (kept ?? (await client.resetDevicePassword({ params: { username: device.username } })))
        : await client.createDevice({ params, body: { extension, name } });
      all.push({ ...credentials, extension });
    }
  }
  return all;
}

async function adminToken(client: Client, org: string, known: string | undefined): Promise<string> {
  const params = { org };
  const keys = (await everyPage((query) => client.listKeys({ params, query }))).filter((k) => k.name === ADMIN_KEY);
  if (known !== undefined && keys.length > 0) return known;
  for (const key of keys) await client.deleteKey({ params: { key: key.id } });
  return (await client.createKey({ params, body: { name: ADMIN_KEY } })).token;
}

/** Who is there keeps the password that is known; else there is a new one. */
async function login(
  client: Client,
  user: Parameters<Client['createUser']>[0]['body'],
  known: DemoLogin | undefined,
): Promise<DemoLogin> {
  const { email } = user;
  const [there] = (await client.listUsers({ query: { email } })).items;
  if (!there) return { email, password: (await client.createUser({ body: user })).password ?? '' };
  return known ?? client.resetUserPassword({ params: { user: there.id } });
}

async function orAbsent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiProblem && error.id === 'not-found') return null;
    throw error;
  }
}
