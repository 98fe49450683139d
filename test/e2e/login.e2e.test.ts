/** Persons, from the first operator's command to a user who came by mail, at the whole installation. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { codeOf } from '../kit/authenticator.ts';
import { Browsers } from '../kit/browser.ts';
import { littlepbx } from '../kit/installation.ts';
import { type MailServer, mailServer } from '../kit/mail-server.ts';
import { newAddress } from '../kit/stranger.ts';
import { expect, system, test } from '../kit/test.ts';
import { Visitor } from '../kit/visitor.ts';
import { eventually } from '../phones/index.ts';

const { web } = system.installation;
const PASSWORD = 'correct horse battery';
let mails: MailServer;
const browsers = new Browsers(system);
const made: string[] = [];

beforeAll(async () => {
  mails = await mailServer();
  await system.api.setMailServer({
    body: { host: '127.0.0.1', port: mails.port, security: 'none', fromAddress: 'pbx@example.com' },
  });
});
afterAll(async () => {
  await browsers.close();
  await system.api.removeMailServer();
  await mails?.close();
  for (const email of made) {
    const [user] = (await system.api.listUsers({ query: { email } })).items;
    if (user) await system.api.deleteUser({ params: { user: user.id } });
  }
});

/** An address that nobody has used. */
function newEmail(name: string): string {
  const email = `${name}-${randomBytes(4).toString('hex')}@example.com`;
  made.push(email);
  return email;
}

/** The link in the latest mail to somebody. */
async function linkTo(email: string, page: string): Promise<{ link: string; token: string }> {
  const reason = () => `no mail to ${email} with a link to ${page}; ${mails.received.length} came`;
  return eventually(
    async () => {
      const mail = mails.received.findLast(({ to }) => to.includes(email));
      // Long lines are folded (RFC 2045, section 6.7).
      const text = mail?.raw.replace(/=\r?\n/g, '').replaceAll('=3D', '=') ?? '';
      const [link, token] = new RegExp(`http\\S+/${page}#([A-Za-z0-9_-]+)`).exec(text) ?? [];
      return link && token ? { link, token } : undefined;
    },
    { reason },
  );
}

test('an operator made by command makes an organization, whose admin comes by the link in the mail', async ({
  town,
}) => {
  const other = await town.office();
  const [olga, alice, bob] = [newEmail('olga'), newEmail('alice'), newEmail('bob')];
  const typed = await littlepbx(['user', 'create', '--operator', '--email', olga, '--data', system.installation.data]);
  const [, olgas = ''] = /^password: (\S+)$/m.exec(typed.out) ?? [];
  const operator = new Visitor(web);
  expect(await operator.logIn(olga, olgas)).toMatchObject({ status: 200, body: { person: { isOperator: true } } });

  const slug = `l${randomBytes(5).toString('hex')}`;
  const wish = { slug, name: 'Alice & Co', country: 'GB', admin: { email: alice } };
  const created = await operator.ask('POST', '/organizations', wish);
  expect(created).toMatchObject({ status: 201, body: { adminInvitation: { isMailed: true, link: null } } });
  try {
    const invited = await linkTo(alice, 'invitation');
    expect(invited.link.startsWith('http')).toBe(true);
    const admin = new Visitor(web);
    const acceptance = { token: invited.token, name: 'Alice', password: PASSWORD };
    expect(await admin.ask('POST', '/invitation/accept', acceptance)).toMatchObject({
      status: 200,
      body: { email: alice, memberships: [{ slug, companyName: 'Alice & Co', role: 'admin' }] },
    });
    // With the cookie as with a key, in the own organization alone.
    const extension = { number: '101', name: 'Alice' };
    expect((await admin.ask('POST', `/organizations/${slug}/extensions`, extension)).status).toBe(201);
    expect((await admin.ask('POST', `/organizations/${slug}/apply`, {})).status).toBe(200);
    expect((await admin.ask('GET', `/organizations/${other.slug}/extensions`)).status).toBe(404);
    const { body: audit } = await admin.ask('GET', `/organizations/${slug}/audit?resource=extension`);
    expect(audit.items[0].author).toMatchObject({ kind: 'person', name: 'Alice', address: '127.0.0.1' });

    // A page of somebody else, open in the same browser.
    admin.origin = 'https://evil.example.com';
    expect(await admin.ask('PATCH', `/organizations/${slug}`, { name: 'Mine' })).toMatchObject({
      status: 403,
      body: { id: 'not-same-origin' },
    });
    admin.origin = web;

    // A viewer of two organizations.
    expect((await admin.ask('POST', `/organizations/${slug}/invitations`, { email: bob, role: 'viewer' })).status).toBe(
      201,
    );
    const viewer = new Visitor(web);
    const joining = { token: (await linkTo(bob, 'invitation')).token, name: 'Bob', password: PASSWORD };
    expect((await viewer.ask('POST', '/invitation/accept', joining)).status).toBe(200);
    const second = { email: bob, role: 'admin' };
    expect((await operator.ask('POST', `/organizations/${other.slug}/invitations`, second)).status).toBe(201);
    const again = await eventually(
      async () => {
        const { token } = await linkTo(bob, 'invitation');
        return token === joining.token ? undefined : token;
      },
      { reason: () => 'the second invitation did not come' },
    );
    expect((await viewer.ask('POST', '/invitation/accept', { token: again })).body.memberships).toHaveLength(2);
    const rename = (org: string) => viewer.ask('PATCH', `/organizations/${org}`, { name: 'Renamed' });
    expect((await rename(slug)).status).toBe(403);
    expect((await rename(other.slug)).status).toBe(200);

    // Suspended, the session is over at once.
    expect((await operator.ask('POST', `/organizations/${slug}/suspend`, { calls: 'end' })).status).toBe(200);
    expect((await admin.ask('GET', '/me')).status).toBe(401);
    expect((await viewer.ask('GET', `/organizations/${slug}`)).body.id).toBe('suspended');
    expect((await viewer.ask('GET', `/organizations/${other.slug}`)).status).toBe(200);
  } finally {
    const query = { confirm: slug, calls: 'end', erase: 'now' } as const;
    await system.api.deleteOrganization({ params: { org: slug }, query });
  }
});

test('a forgotten password is set anew by mail, a code is asked for after it, and who guesses is banned', async () => {
  const email = newEmail('carol');
  await system.api.createUser({ body: { email, name: 'Carol', isOperator: true, password: PASSWORD } });
  const carol = new Visitor(web);
  expect((await carol.logIn(email, PASSWORD)).status).toBe(200);
  const { body: start } = await carol.ask('POST', '/me/two-factor', { password: PASSWORD });
  expect((await carol.ask('POST', '/me/two-factor/confirm', { code: codeOf(start.secret) })).status).toBe(204);

  const next = 'another good password';
  const window = await browsers.open();
  const { page } = window;
  await page.goto('/reset-password');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('a mail is on its way').waitFor();
  // Where it was asked for.
  await page.goto(`/reset-password#${(await linkTo(email, 'reset-password')).token}`);
  await page.getByLabel('New password', { exact: true }).fill(next);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('The new password is set.').waitFor();
  expect(page.url()).not.toContain('#');
  await window.close();
  expect((await carol.ask('GET', '/me')).status).toBe(401);
  expect((await carol.logIn(email, next)).body).toEqual({ isCodeNeeded: true, person: null });
  expect((await carol.ask('GET', '/me')).status).toBe(401);
  expect((await carol.ask('POST', '/login/code', { code: codeOf(start.secret) })).status).toBe(200);
  expect((await carol.ask('GET', '/system')).status).toBe(200);

  const guesser = new Visitor(web, newAddress());
  const seen = [];
  for (let i = 0; i < 5; i++)
    seen.push((await guesser.logIn(i % 2 ? email : 'nobody@example.com', `guess ${i}`)).body.detail);
  expect(new Set(seen).size).toBe(1);
  expect(await guesser.logIn(email, next)).toMatchObject({ status: 429, body: { id: 'too-many-attempts' } });
  expect((await carol.ask('GET', '/me')).status).toBe(200);
  expect((await carol.ask('POST', '/logout')).status).toBe(204);
  expect((await carol.ask('GET', '/me')).status).toBe(401);
});

test('a user sees the own extension alone, and a forward that is chosen there is in effect without anybody’s Apply', async ({
  town,
}) => {
  const office = await town.office();
  await office.extension('101', { name: 'Dave' });
  await office.extension('102', { name: 'Bob' });
  await office.apply();
  const { username } = await office.device('101');
  await office.change('102', { ringTimeInS: 45 });
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(await browsers.person(office, 'Dave', { userOf: '101' }), `/o/${office.slug}`);
  await page.getByRole('heading', { name: 'My phone' }).waitFor();
  const pages = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
  await expect.poll(() => pages.allTextContents()).toEqual(['My phone', 'Calls', 'Voicemail', 'Help']);
  await page.getByLabel('Busy: to').click();
  await page.getByRole('option', { name: '102 Bob' }).click();
  await page.getByRole('textbox', { name: 'Name of the phone' }).fill('Kitchen');
  await page.getByRole('switch', { name: 'Do not disturb' }).click();
  const device = async () => (await office.api.getDevice({ params: { username } })).name;
  await expect.poll(device, { timeout: 10_000 }).toBe('Kitchen');
  const changes = async () => (await office.api.getDraft({ params: office.params })).changes.map(({ name }) => name);
  const applied = async () => {
    const [latest] = (await office.api.listRevisions({ params: office.params })).items;
    const params = { ...office.params, revision: latest!.number };
    return (await office.api.getRevision({ params })).content.extensions.map((e) => [
      e.forwardBusy,
      e.doNotDisturb,
      e.ringTimeInS,
    ]);
  };
  const wanted = [
    ['102', true, 20],
    [null, false, 20],
  ];
  await expect.poll(applied).toEqual(wanted);
  expect(await changes()).toEqual(['102']);
  for (const name of ['Calls', 'Voicemail']) {
    await pages.filter({ hasText: name }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
  }
  await page.getByText('No messages').first().waitFor();
  expect(await window.barriers()).toEqual([]);
  // With another role, the page that is open is another at once.
  const [{ id: user } = { id: '' }] = (await office.api.listOrganizationUsers({ params: office.params })).items;
  await office.api.changeRole({ params: { ...office.params, user }, body: { role: 'viewer' } });
  await page.getByRole('heading', { name: 'Phones', level: 1 }).waitFor();
  expect(window.complaints).toEqual([]);
  await window.close();
});

test('a person has a code asked for, logs out elsewhere, and no tab is left behind that shows more than it may', async ({
  town,
}) => {
  const office = await town.office();
  const dave = await browsers.person(office, 'Dave');
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(dave, '/account');

  const code = page.getByRole('region', { name: 'Code at login' });
  await code.getByRole('button', { name: 'Set up' }).click();
  const setUp = page.getByRole('dialog', { name: 'Set up' });
  await setUp.getByLabel('Present password').fill(dave.password);
  await setUp.getByRole('button', { name: 'Go on' }).click();
  await setUp.getByRole('img', { name: /^Picture for the authenticator app/ }).waitFor();
  const secret = (await setUp.locator('code').textContent()) ?? '';
  await setUp.getByLabel('Code that the app shows').fill(codeOf(secret));
  await setUp.getByRole('button', { name: 'Switch on' }).click();
  const recovery = page.getByRole('dialog', { name: 'Recovery codes' });
  const first = (await recovery.getByRole('listitem').first().textContent()) ?? '';
  await recovery.getByRole('button', { name: 'I have kept them' }).click();
  await code.getByText('A code is asked for', { exact: true }).waitFor();
  await recovery.waitFor({ state: 'detached' });
  expect(await window.barriers()).toEqual([]);

  // At another machine, with a recovery code; thrown out from here.
  const elsewhere = await browsers.open();
  await elsewhere.page.goto('/');
  await elsewhere.page.getByLabel('E-mail address').fill(dave.email);
  await elsewhere.page.getByLabel('Password', { exact: true }).fill(dave.password);
  await elsewhere.page.getByRole('button', { name: 'Log in' }).click();
  await elsewhere.page.getByLabel('Code').fill(first);
  await elsewhere.page.getByRole('button', { name: 'Go on' }).click();
  await elsewhere.page.getByRole('heading', { name: 'Phones' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Log out everywhere else' }).click();
  await page.getByText('You are logged in nowhere else.').waitFor();
  await elsewhere.page.getByRole('dialog', { name: 'Log in again' }).waitFor();

  // In a second tab of the same browser: the first asks for the password, and goes on when the person is back.
  const second = await window.another();
  await second.page.goto('/account');
  await second.page.getByRole('button', { name: /^Dave: / }).click();
  await second.page.getByRole('button', { name: 'Log out', exact: true }).click();
  const again = page.getByRole('dialog', { name: 'Log in again' });
  await again.waitFor();
  await second.page.getByLabel('E-mail address').fill(dave.email);
  await second.page.getByLabel('Password', { exact: true }).fill(dave.password);
  await second.page.getByRole('button', { name: 'Log in' }).click();
  await second.page.getByLabel('Code').fill(codeOf(secret));
  await second.page.getByRole('button', { name: 'Go on' }).click();
  await again.waitFor({ state: 'detached' });
  expect([...window.complaints, ...second.complaints, ...elsewhere.complaints]).toEqual([]);
  await elsewhere.close();
  await window.close();
});
