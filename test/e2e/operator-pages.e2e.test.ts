/** Pages of the operator and of an organization's office, by people who use them in a browser. */
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { Browsers } from '../kit/browser.ts';
import { mailServer } from '../kit/mail-server.ts';
import { Receiver } from '../kit/receiver.ts';
import { expect, system, test } from '../kit/test.ts';

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
  await expect.poll(() => page.getByLabel('Short name').inputValue()).toBe('alice-sohne');
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
    const admins = await browsers.open();
    await admins.page.goto(link);
    // Who said by mistake to have a login is let back.
    await admins.page.getByRole('button', { name: 'I have a login already' }).click();
    await admins.page.getByText('Log in with your password to accept.').waitFor();
    await admins.page.getByRole('button', { name: 'I have no login yet' }).click();
    await admins.page.getByLabel('Your name').fill('Alice');
    await admins.page.getByLabel('Password', { exact: true }).fill(alice.password);
    await admins.page.getByRole('button', { name: 'Accept' }).click();
    await admins.page.getByRole('link', { name: 'People' }).click();
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
    await page.getByRole('link', { name: 'Rates' }).click();
    await rates(page);
    expect(await window.barriers()).toEqual([]);
    await page.getByRole('link', { name: 'To the line' }).click();
    await page.getByRole('tab', { name: 'Limits' }).click();
    await expect.poll(() => page.getByLabel('Cost per day').inputValue()).toMatch(/^\d+ EUR$/);
    await oneBadLimit(page);
    await twoAtOneLimit(page, slug);
    await page.getByRole('tab', { name: 'Suspend, delete' }).click();
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
    await page.getByRole('link', { name: 'Organizations' }).click();
    await page.getByRole('searchbox').fill(number.slice(-8));
    await page.getByRole('link', { name: slug }).waitFor();

    // Addresses that name no page, or nobody.
    await page.goto(`/o/${slug}`);
    await page.getByRole('heading', { name: 'Phones', exact: true }).waitFor();
    await page.goto('/operator');
    await page.getByRole('heading', { name: 'Organizations' }).waitFor();
    await page.goto('/operator/organizations/nobody-at-all');
    await page.getByText('There is no such organization').waitFor();
    expect(window.complaints).toEqual([]);
  } finally {
    await system.api.deleteOrganization({ params: { org: slug }, query: { confirm: slug, erase: 'now' } });
    const [user] = (await system.api.listUsers({ query: { email: alice.email } })).items;
    if (user) await system.api.deleteUser({ params: { user: user.id } });
    await window.close();
  }
});

/** A table with faults is refused line by line; a good one is taken, and one rate of it changed. */
async function rates(page: Page): Promise<void> {
  const table = (...lines: string[]) => ({
    name: 'deck.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(['prefix,price_per_minute', ...lines].join('\n')),
  });
  await page.getByLabel('Currency').fill('EUR');
  const file = page.locator('input[type=file]');
  await file.setInputFiles(table('44,0.01', 'abc,0.02', '447,a lot'));
  await page.getByText('Line 3, prefix: 1 to 15 digits, the country code first.').waitFor();
  await page.getByText('Line 4, price_per_minute: An amount such as 0.012').waitFor();
  await page.getByText('There are no rates').waitFor();
  await file.setInputFiles(table('44,0.01', '447,0.09'));
  await page.getByText('deck.csv can be taken over: 2 rates').waitFor();
  await page.getByRole('button', { name: 'Take it over' }).click();
  await page.getByRole('button', { name: 'Edit the rate of +447' }).click();
  await page.getByLabel('Price of a minute').fill('0.085');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('row', { name: '+447 0.085' }).waitFor();
}

/** Who saves something that cannot be, far from the button, is led to it. */
async function oneBadLimit(page: Page): Promise<void> {
  const calls = page.getByLabel('Calls at once', { exact: true });
  await calls.fill('-5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Not stored. Look at what is marked red.').waitFor();
  await page.getByText('At least 0.').waitFor();
  await expect.poll(() => page.locator(':focus').inputValue()).toBe('-5');
}

/** Another operator is faster: both values are shown, and what was not touched by this one stays theirs. */
async function twoAtOneLimit(page: Page, org: string): Promise<void> {
  const calls = page.getByLabel('Calls at once', { exact: true });
  await calls.fill('44');
  const limits = { concurrentCalls: 55, callsPerSecond: 3 };
  await system.api.updateOrganization({ params: { org }, body: { limits } });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Theirs, stored now: 55').waitFor();
  await page.getByText('Yours: 44').waitFor();
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await page.getByRole('status').getByText('Stored').waitFor();
  const { limits: now } = await system.api.getOrganization({ params: { org } });
  expect(now).toMatchObject({ concurrentCalls: 44, callsPerSecond: 3 });
}

test('an operator learns in words why a test mail does not go out, who is told of alerts, and keeps an office from being kept out', async () => {
  const window = await browsers.open({ width: 390, height: 844 });
  const { page } = window;
  const mails = await mailServer();
  const before = await system.api.getAlertSettings();
  try {
    await window.logIn(await browsers.person('operator', 'Olga'), '/operator/system?part=mail');
    await page.getByLabel('Address of the server').fill('127.0.0.1');
    await page.getByLabel('Encryption').selectOption('none');
    await page.getByLabel('Port').fill(String(mails.port));
    await page.getByLabel('Sender’s address').fill('pbx@example.com');
    await page.getByRole('button', { name: 'Save' }).click();
    mails.refuse = { status: 550, text: 'no such mailbox here' };
    await page.getByRole('button', { name: 'Send a test mail' }).click();
    await page.getByText('The server does not take mails to this address.').waitFor();
    await page.getByText('no such mailbox here').waitFor();
    mails.refuse = null;
    await page.getByRole('button', { name: 'Send a test mail' }).click();
    await page.getByText('The mail server took the mail to').waitFor();
    expect(mails.received.length).toBe(1);
    expect(await window.barriers()).toEqual([]);

    await page.getByRole('tab', { name: 'Alerts' }).click();
    await page.getByLabel('By mail to').fill('olga@example.com');
    await page.getByLabel('Disk free, less than').fill('15');
    await page.getByLabel('There is no recent backup').uncheck();
    // Another operator was faster at one of them.
    await system.api.updateAlertSettings({ body: { thresholds: { diskFreePercent: 12 } } });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('12 %').waitFor();
    expect(await window.barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Keep mine' }).click();
    await page.getByText('Stored', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The mail server took the test mail.').waitFor();
    expect(await system.api.getAlertSettings()).toMatchObject({
      mailTo: ['olga@example.com'],
      muted: ['backup-old'],
      thresholds: { diskFreePercent: 15, certificateInDays: before.thresholds.certificateInDays },
    });
    expect(await window.barriers()).toEqual([]);

    await page.getByRole('tab', { name: 'Protection' }).click();
    await page.getByLabel('IP address or network').fill('198.51.100.0/24');
    await page.getByLabel('Whose it is').fill('Head office');
    await page.getByRole('button', { name: 'Never keep out' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'Head office' });
    await row.waitFor();
    await page.getByLabel('IP address', { exact: true }).fill('198.51.100.7');
    await page.getByRole('button', { name: 'Keep out', exact: true }).click();
    await page.getByText('This address may not be kept out').waitFor();
    expect(await window.barriers()).toEqual([]);
    await row.getByRole('button', { name: 'Take off: 198.51.100.0/24' }).click();
    await row.waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  } finally {
    await system.api.removeMailServer();
    await system.api.updateAlertSettings({ body: before });
    await mails.close();
    await window.close();
  }
});

/** A page that did not come by HTTPS has no clipboard, and may be forbidden to copy at all. */
async function copying(page: Page, text: string): Promise<void> {
  const copy = page.getByRole('dialog').getByRole('button', { name: 'Copy', exact: true });
  await page.evaluate(`
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
    document.addEventListener('copy', ({ target }) => { globalThis.copied = target.value; });
  `);
  await copy.click();
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor();
  expect(await page.evaluate('globalThis.copied')).toBe(text);
  await copy.waitFor();
  await page.evaluate('document.execCommand = () => false;');
  await copy.click();
  await page.getByText('The text is selected now').waitFor();
  expect(await page.evaluate('String(getSelection())')).toBe(text);
}

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
  await copying(page, token);
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

test('a program that an admin names in the page is told what happens; what it refused is sent again by hand, and switched off or deleted it is told nothing', async ({
  town,
}) => {
  const office = await town.office();
  const program = await Receiver.open();
  const window = await browsers.open({ width: 390, height: 844, theme: 'dark' });
  const { page } = window;
  try {
    await window.logIn(await browsers.person(office), `/o/${office.slug}/webhooks`);
    await page.getByText('No program is notified').waitFor();
    await page.getByRole('button', { name: 'Add a program' }).click();
    const form = page.getByRole('dialog', { name: 'Add a program' });
    await form.getByLabel('Address').fill('https://192.168.0.10/hook');
    await form.getByLabel('What it is for').fill('Customers');
    await form.getByLabel('Changes applied').check();
    await form.getByRole('button', { name: 'Add' }).click();
    await form.getByText('This address is in a private network.').waitFor();
    expect(await window.barriers()).toEqual([]);
    await form.getByLabel('Address').fill(program.url);
    await form.getByRole('button', { name: 'Add' }).click();
    const secret = page.getByRole('dialog', { name: 'Its secret' });
    program.secret = await secret.getByLabel('Secret', { exact: true }).inputValue();
    await secret.getByRole('button', { name: 'I have copied it' }).click();
    await secret.waitFor({ state: 'detached' });
    await page.reload();
    const row = page.getByRole('listitem', { name: 'Customers' });
    await row.getByText('Changes applied').waitFor();
    expect(await page.content()).not.toContain(program.secret);

    // Whoever answers 410 gets nothing more by itself: the second one is sent by hand.
    program.failing.set('test', 410);
    await row.getByRole('button', { name: 'Send a test' }).click();
    await row.getByText('Given up').waitFor();
    await row.getByText('answered 410, which means that it did not take it').waitFor();
    await row.getByText('Switched off: its server says that it wants no more messages').waitFor();
    expect(await window.barriers()).toEqual([]);
    await row.getByRole('button', { name: 'Send again' }).click();
    await row.getByText('Taken', { exact: true }).waitFor();
    const [first, second] = await program.hears('test', 2);
    expect(second).toEqual(first);
    await row.getByRole('button', { name: 'Show the message' }).click();
    const message = JSON.parse(await row.getByRole('region', { name: 'The message' }).innerText());
    expect({ id: first?.id, ...message }).toEqual(first);
    expect(await window.barriers()).toEqual([]);

    const isOn = row.getByRole('switch', { name: 'Notify Customers' });
    await isOn.press('Space');
    await row.getByText('Switched off: ').waitFor({ state: 'detached' });
    await office.extension('101');
    await office.apply('First');
    expect(await program.hears('revision-applied')).toMatchObject([{ data: { revision: 1, note: 'First' } }]);
    await isOn.press('Space');
    await row.getByText('Off', { exact: true }).waitFor();
    await office.change('101', { name: 'Ann' });
    await office.apply();
    const [{ id: webhook } = { id: '' }] = (await office.api.listWebhooks({ params: office.params })).items;
    const log = await office.api.listWebhookDeliveries({ params: { ...office.params, webhook } });
    expect(log.items.map(({ event }) => event)).toEqual(['revision-applied', 'test']);

    await row.getByRole('button', { name: 'More for Customers' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const question = page.getByRole('dialog', { name: 'Delete “Customers”?' });
    await question.getByText('This cannot be taken back').waitFor();
    await question.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No program is notified').waitFor();
    expect(window.complaints).toEqual([]);
  } finally {
    program.close();
    await window.close();
  }
});
