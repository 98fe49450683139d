/** Pages of the operator and of an organization's office, by people who use them in a browser. */
import { randomBytes } from 'node:crypto';
import { afterAll } from 'vitest';
import { Browsers } from '../kit/browser.ts';
import { expect, system, test } from '../kit/test.ts';
import { Visitor } from '../kit/visitor.ts';

const browsers = new Browsers(system);
afterAll(() => browsers.close());

test('an operator makes an organization with a number and a line in one form; its admin comes by the link, logs in and sees it', async ({
  town,
}) => {
  const taken = (await town.office()).slug;
  const slug = `o${randomBytes(5).toString('hex')}`;
  const alice = { email: `${slug}@example.com`, password: 'correct horse battery' };
  const number = town.newNumber();
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(await browsers.person('operator', 'Olga'), '/operator/new-organization');

  await page.getByLabel('Company name').fill('Alice & Söhne');
  // What the name suggests, until something else is typed.
  expect(await page.getByLabel('Short name').inputValue()).toBe('alice-sohne');
  await page.getByLabel('Short name').fill(taken);
  await page.getByLabel('Country').selectOption('GB');
  await page.getByLabel('E-mail address').fill(alice.email);
  await page.getByLabel('Whose it is').fill('Alice');
  await page.getByLabel('Phone number').fill('12');
  await page.getByLabel('Set up now').click();
  await page.getByLabel("Carrier's address").fill('192.0.2.10');
  await page.getByLabel('Log in at the carrier').click();
  expect(await window.barriers()).toEqual([]);

  // Each refusal stands at its field, and what was typed stays.
  const make = page.getByRole('button', { name: 'Make the organization' });
  await make.click();
  await page.getByText('There is no such phone number.').waitFor();
  await page.getByLabel('Phone number').fill(number);
  await make.click();
  await page.getByText(`${taken} is taken.`).waitFor();
  await page.getByLabel('Short name').fill(slug);
  await make.click();
  await page.getByRole('heading', { name: 'Alice & Söhne is made' }).waitFor();
  try {
    const link = await page.locator('code').innerText();
    const person = new Visitor(system.installation.web);
    const acceptance = { token: link.split('#')[1], name: 'Alice', password: alice.password };
    expect((await person.ask('POST', '/invitation/accept', acceptance)).status).toBe(200);

    const admins = await browsers.open();
    await admins.logIn(alice, `/o/${slug}/people`);
    await admins.page.getByText(alice.email).waitFor();
    await admins.page.getByRole('banner').getByText('Alice & Söhne').waitFor();
    await admins.page.getByRole('link', { name: 'Audit log' }).click();
    await admins.page.getByText(new RegExp(`^Phone number .*${number.slice(-4)}$`)).waitFor();
    await admins.page.getByText('Provider', { exact: true }).first().waitFor();
    expect(await admins.barriers()).toEqual([]);
    expect(admins.complaints).toEqual([]);
    await admins.close();

    // It is on the operator's list, suspended and resumed there.
    await page.getByRole('link', { name: 'To the organization' }).click();
    await page.getByRole('tab', { name: 'Lines' }).click();
    await page.getByText('Needs no login').waitFor();
    await page.getByRole('tab', { name: 'Suspend, delete' }).click();
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
    await page.getByRole('link', { name: 'Organizations' }).click();
    await page.getByRole('searchbox').fill(number.slice(-8));
    await page.getByRole('link', { name: slug }).waitFor();
    expect(window.complaints).toEqual([]);
  } finally {
    await system.api.deleteOrganization({ params: { org: slug }, query: { confirm: slug, erase: 'now' } });
    const [user] = (await system.api.listUsers({ query: { email: alice.email } })).items;
    if (user) await system.api.deleteUser({ params: { user: user.id } });
    await window.close();
  }
});

test('a key made in the page works as far as it was meant to, and revoked it does not', async ({ town }) => {
  const office = await town.office();
  const window = await browsers.open({ width: 390, height: 844, theme: 'dark' });
  const { page } = window;
  await window.logIn(await browsers.person(office), `/o/${office.slug}/keys`);
  await page.getByRole('button', { name: 'New key' }).first().click();
  await page.getByLabel('Name').fill('Reporting');
  expect(await window.barriers()).toEqual([]);
  await page.getByRole('button', { name: 'Make the key' }).click();
  const token = await page.getByLabel('Key', { exact: true }).inputValue();
  await page.getByRole('button', { name: 'I have copied it' }).click();

  const path = `/organizations/${office.slug}/extensions`;
  expect((await system.request('GET', path, token)).status).toBe(200);
  expect((await system.request('POST', path, token, { number: '150', name: 'Eve' })).status).toBe(403);

  const row = page.getByRole('listitem').filter({ hasText: 'Reporting' });
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await row.waitFor({ state: 'detached' });
  expect((await system.request('GET', path, token)).status).toBe(401);
  expect(window.complaints).toEqual([]);
  await window.close();
});
