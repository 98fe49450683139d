/** The page, by people who use it: a browser, real phones and calls. */
import type { Locator, Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { Browsers } from '../kit/browser.ts';
import { hangUp, hearEachOther, talk } from '../kit/talk.ts';
import { expect, system, test } from '../kit/test.ts';
import { eventually } from '../phones/index.ts';
import { SAMPLE_RATE, Sine } from '../phones/tones.ts';
import { formatWav } from '../phones/wav.ts';

const browsers = new Browsers(system);
afterAll(() => browsers.close());

test('an admin logs in and sees the numbers and extensions; the page is light, and bars nobody', async ({ town }) => {
  const office = await town.office();
  await office.extension('101', { name: 'Ann' });
  const did = await office.did('101');
  await office.apply();
  const admin = await browsers.person(office);
  const window = await browsers.open();
  const { page } = window;

  await page.goto('/');
  await page.getByLabel('E-mail address').fill(admin.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('E-mail address or password is wrong.').waitFor();
  expect(await window.barriers()).toEqual([]);
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByRole('button', { name: 'Log in' }).click();

  await page.getByRole('region', { name: '101 Ann' }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/o/${office.slug}/phones`);
  await page.getByText(did.slice(-4)).waitFor();
  expect(await page.getByRole('textbox', { name: /leads to$/ }).inputValue()).toBe('101 Ann');
  await page.getByRole('button', { name: 'Phones, voicemail and more of 101' }).click();
  await page.getByRole('button', { name: 'Add phone' }).waitFor();
  expect(await window.barriers()).toEqual([]);

  // As somebody's first visit who is logged in: goes straight to the page, and loads little.
  const next = await window.another();
  await next.page.goto('/');
  await next.page.getByRole('region', { name: '101 Ann' }).waitFor();
  const weight = await next.weight();
  expect(weight).toBeGreaterThan(50_000);
  expect(weight).toBeLessThan(250_000);
  // Few files, and what was asked before the page's code was there is not asked again by it.
  const asked = await next.asked();
  expect(asked.filter((path) => path.startsWith('/assets/')).length).toBeLessThan(12);
  expect(asked.filter((path) => path === '/api/v1/session')).toHaveLength(1);
  expect(window.complaints).toEqual([]);
  await window.close();

  // The example of a number to dial is one of the office's country, not of the reader's.
  const russian = await browsers.open({ language: 'ru' });
  await russian.logIn(admin, `/o/${office.slug}/help`);
  await russian.page.getByRole('rowheader', { name: `${did.slice(0, 3)} ${did.slice(3, 5)} …` }).waitFor();
  await russian.close();
});

test('an admin adds an extension and a phone and applies, by double clicks: each is done once, the phone registers with the settings shown and calls, while a call of the office and one of another go on', async ({
  town,
}) => {
  const [office, neighbour] = [await town.office(), await town.office()];
  const { ann, bob } = await office.staff('ann', 'bob');
  const { carol, dave } = await neighbour.staff('carol', 'dave');
  const own = await talk(ann, '102', bob);
  const theirs = await talk(carol, '102', dave);
  // But that the office's phones are asked whether they are there, while somebody looks at them.
  const sent = () =>
    [ann, bob, carol, dave].map(({ wire }) => wire.received.entries.length - wire.received.requests('OPTIONS').length);
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(await browsers.person(office));
  const before = sent();

  await page.getByRole('button', { name: 'Add extension' }).click();
  await page.getByLabel('Number', { exact: true }).fill('103');
  await page.getByLabel('Name', { exact: true }).fill('Eve');
  await page.getByRole('button', { name: 'Add', exact: true }).dblclick();
  const eve = page.getByRole('region', { name: '103 Eve' });
  await eve.getByRole('button', { name: /^Phones, voicemail/ }).click();
  await eve.getByRole('button', { name: 'Add phone' }).dblclick();
  const settings = page.getByRole('dialog', { name: 'Settings of the phone' });
  const shown = (label: string) => settings.getByLabel(label, { exact: true }).inputValue();
  const [username, password, port] = [await shown('User name'), await shown('Password'), await shown('Port')];
  await settings.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('status').filter({ hasText: '1 change waits' }).waitFor();
  await page.getByRole('button', { name: 'Apply', exact: true }).dblclick();
  await page.getByText('Applied as revision 2.').waitFor();
  expect(sent()).toEqual(before);

  const phone = await town.phone({ name: 'eve', username, password, port: Number(port) });
  await phone.register();
  const [revisions, devices] = await Promise.all([
    office.api.listRevisions({ params: office.params }),
    office.api.listDevices({ params: office.params }),
  ]);
  expect(revisions.items.map(({ number }) => number)).toEqual([2, 1]);
  expect(devices.items.filter(({ extension }) => extension === '103')).toHaveLength(1);
  await eve.getByText('connected', { exact: true }).waitFor();
  await eve.getByText(/answers in \d+ ms$/).waitFor({ timeout: 60_000 });
  const echo = await phone.dial('*43');
  await echo.answered();
  await echo.hangUp();
  await hearEachOther(own.call, own.answered);
  await hearEachOther(theirs.call, theirs.answered);
  await hangUp(own.call, own.answered);
  await hangUp(theirs.call, theirs.answered);
  expect(window.complaints).toEqual([]);
  await window.close();
});

test('what is typed is stored by itself, a refusal is told at its field, what was deleted comes back, and so does an older version', async ({
  town,
}) => {
  const office = await town.office();
  await office.extension('101', { name: 'Ann' });
  await office.extension('102', { name: 'Bob' });
  await office.did('102');
  await office.apply();
  const extension = (number: string) =>
    office.api.getExtension({ params: { ...office.params, extension: number } }).catch(() => null);
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(await browsers.person(office));

  const ring = page.getByRole('textbox', { name: 'Ring time, 101' });
  await ring.fill('3');
  await page.getByText('At least 5 seconds.').waitFor();
  await ring.fill('35');
  await eventually(async () => (await extension('101'))?.ringTimeInS === 35 || undefined, {
    reason: () => 'the ring time that was typed was not stored',
  });
  await expect.poll(() => page.getByText('At least 5 seconds.').count()).toBe(0);

  const busy = page.getByRole('textbox', { name: 'Busy: to, 101' });
  await busy.click();
  await page.getByRole('option', { name: 'Voicemail' }).click();
  await busy.blur();
  await eventually(async () => (await extension('101'))?.forwardBusy === 'voicemail' || undefined, {
    reason: () => 'where calls go when it is busy was chosen, and not stored',
  });

  await page.getByRole('button', { name: 'More for 102' }).click();
  await page.getByRole('menuitem', { name: 'Delete extension' }).click();
  await page.getByRole('status').filter({ hasText: '2 changes wait' }).waitFor();
  expect(await extension('102')).toBeNull();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByRole('region', { name: '102 Bob' }).waitFor();
  await page.getByRole('status').filter({ hasText: '1 change waits' }).waitFor();
  await page.getByRole('button', { name: 'Add extension' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Eve');
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
  await page.getByRole('region', { name: '103 Eve' }).waitFor();
  await page.getByRole('button', { name: 'Undo: Adding of 103' }).click();
  await page.getByRole('region', { name: '103 Eve' }).waitFor({ state: 'detached' });
  await page.getByRole('status').filter({ hasText: '1 change waits' }).waitFor();
  expect(await extension('103')).toBeNull();

  // What is no number stays as it was typed, and whoever applies is told that it is not part of it.
  await ring.fill('2.5');
  await page.getByText('A whole number.').waitFor();
  await page.getByRole('button', { name: '1 red field is not stored' }).click();
  expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Ring time, 101');
  expect(await ring.inputValue()).toBe('2.5');

  // What an apply is refused for is marked at its field as well.
  await busy.fill('777');
  await busy.blur();
  await eventually(async () => (await extension('101'))?.forwardBusy === '777' || undefined, {
    reason: () => 'where calls go when it is busy was typed, and not stored',
  });
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  const changes = page.getByRole('dialog', { name: 'Changes' });
  await changes.getByText('There is no extension 777.').waitFor();
  await expect.poll(() => page.getByText('There is no extension 777.').count()).toBe(2);
  await changes.getByText('1 red field is not stored').waitFor();
  await changes.getByText('Extension 101 Ann').waitFor();
  await changes.getByText('Ring time: 20 s → 35 s').waitFor();
  await changes.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('dialog', { name: 'Discard all changes?' }).getByRole('button', { name: 'Discard' }).click();
  await expect.poll(() => ring.inputValue()).toBe('20');
  await expect.poll(() => page.getByText(/A whole number|no extension 777|red field/).count()).toBe(0);
  expect(await extension('101')).toMatchObject({ ringTimeInS: 20, forwardBusy: null });

  // Who goes back to an older version is told first what that takes away.
  await office.extension('103', { name: 'Cat' });
  await office.device('103');
  await office.apply();
  await office.change('102', { name: 'Robert' });
  await page.getByRole('region', { name: '103 Cat' }).waitFor();
  await ring.fill('2.5');
  await page.getByText('A whole number.').waitFor();
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('dialog', { name: 'History' }).getByRole('button', { name: 'Go back to it' }).first().click();
  const question = page.getByRole('dialog', { name: /^Go back to revision/ });
  await question.waitFor();
  expect(await page.getByRole('dialog').count()).toBe(1);
  await question.getByText(/of 103 is disconnected for good/).waitFor();
  await question.getByText('1 change that waits is lost.').waitFor();
  await question.getByRole('button', { name: 'Go back to it' }).click();
  await page.getByRole('region', { name: '103 Cat' }).waitFor({ state: 'detached' });
  expect(await extension('103')).toBeNull();
  await expect.poll(() => page.getByText('A whole number.').count()).toBe(0);

  // What is on its way to the server when Apply is pressed goes along; what is refused there keeps the apply back.
  const apply = page.getByRole('button', { name: 'Apply', exact: true });
  await ring.fill('30');
  await apply.waitFor();
  const line = await slowLine(page);
  await ring.fill('40');
  await apply.click();
  await page.getByText('What you changed is still being stored…').waitFor();
  line.mend();
  await page.getByText(/^Applied as revision/).waitFor();
  expect(await extension('101')).toMatchObject({ ringTimeInS: 40 });
  expect((await office.api.getDraft({ params: office.params })).changes).toEqual([]);

  await busy.fill('102');
  await apply.waitFor();
  // By keyboard it is one step away, however many extensions there are.
  await page.getByRole('link', { name: 'Skip to what waits to be applied' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.getByRole('region', { name: 'Changes' }).locator(':focus').waitFor();
  await ring.fill('4');
  await apply.click();
  await page.getByText('Not applied: “Ring time, 101” was not stored').waitFor();
  await expect.poll(() => page.locator(':focus').getAttribute('aria-label')).toBe('Ring time, 101');
  expect((await office.api.getDraft({ params: office.params })).changes.length).toBe(1);

  // Nor does it come after what takes all back.
  const again = await slowLine(page);
  await ring.fill('50');
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await page.getByText('What you changed is still being stored…').waitFor();
  again.mend();
  await apply.waitFor({ state: 'detached' });
  await expect.poll(() => ring.inputValue()).toBe('40');
  expect((await office.api.getDraft({ params: office.params })).changes).toEqual([]);
  await window.close();
});

/** What is changed arrives when the line is mended. */
async function slowLine(page: Page): Promise<{ mend(): void }> {
  const { promise: mended, resolve: mend } = Promise.withResolvers<void>();
  await page.route('**/api/v1/**', async (route) => {
    if (route.request().method() === 'PATCH') await mended;
    await route.continue();
  });
  return { mend };
}

test('an office uploads music and a greeting and listens to them; what is no sound is refused in words, and the standard comes back', async ({
  town,
}) => {
  const office = await town.office();
  await office.extension('101', { name: 'Ann' });
  await office.apply();
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(await browsers.person(office));
  const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'audio/wav', buffer });
  const tone = formatWav({ rate: SAMPLE_RATE, samples: new Sine(440).next(SAMPLE_RATE) });

  // Nothing is ticked that is not heard.
  const own = page.getByRole('checkbox', { name: 'Play our own music' });
  await page.getByText('Callers on hold hear the standard music. To play your own, upload it').waitFor();
  expect([await own.isChecked(), await own.isEnabled()]).toEqual([false, false]);
  await bring(page.getByRole('button', { name: 'Upload', exact: true }), file('waltz.wav', tone));
  await page.getByText('Callers on hold hear your music').waitFor();
  expect([await own.isChecked(), await own.isEnabled()]).toEqual([true, true]);
  expect(await play(page.getByLabel('waltz.wav', { exact: true }))).toBeCloseTo(1, 1);
  await own.uncheck();
  const changes = page.getByRole('dialog', { name: 'Changes' });
  await page.getByRole('button', { name: 'Show' }).click();
  await changes.getByText('Callers on hold hear: our own → the standard').waitFor();
  await page.keyboard.press('Escape');
  await changes.waitFor({ state: 'detached' });
  const ring = page.getByRole('textbox', { name: 'Ring time, 101' });
  await ring.fill('40');
  await page.getByRole('status').filter({ hasText: '2 changes wait' }).waitFor();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page
    .getByRole('dialog', { name: /^Reset the settings/ })
    .getByRole('button', { name: 'Reset' })
    .click();
  await expect.poll(() => ring.inputValue()).toBe('20');
  await expect.poll(() => own.isChecked()).toBe(true);
  expect(await office.api.getMusic({ params: office.params })).toEqual({ music: 'own', appliedMusic: 'own' });
  await page.getByRole('button', { name: 'Delete waltz.wav' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => own.isEnabled()).toBe(false);
  expect(await own.isChecked()).toBe(false);

  await page.getByRole('button', { name: 'Phones, voicemail and more of 101' }).click();
  const greeting = page.getByRole('region', { name: 'Greeting' });
  const upload = greeting.getByRole('button', { name: 'Upload a greeting' });
  const inUse = greeting.getByRole('combobox', { name: 'Greeting in use' });
  const stored = async () =>
    (await office.api.getVoicemailBox({ params: { ...office.params, extension: '101' } })).greeting;
  await bring(upload, file('letter.wav', Buffer.from('Dear Sir or Madam')));
  await page.getByText('This is no sound that can be played').waitFor();
  expect([await inUse.inputValue(), await stored()]).toEqual(['Standard greeting', null]);
  await bring(upload, file('hello.wav', tone));
  await expect.poll(() => inUse.inputValue()).toBe('hello');
  expect(await stored()).not.toBeNull();
  expect(await play(greeting.getByLabel('The greeting in use'))).toBeCloseTo(1, 1);
  expect(await window.barriers()).toEqual([]);
  await inUse.click();
  await page.getByRole('option', { name: 'Standard greeting' }).click();
  await greeting.getByLabel('The greeting in use').waitFor({ state: 'detached' });
  await expect.poll(stored).toBeNull();
  expect(window.complaints).toEqual([]);
  await window.close();
});

/** By its button, as a person does. */
async function bring(button: Locator, file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  const chooser = button.page().waitForEvent('filechooser');
  await button.click();
  await (await chooser).setFiles(file);
}

/** Plays what a player offers, which says before how long it lasts. Returns that, in seconds, by the sound itself. */
async function play(player: Locator): Promise<number> {
  await player.getByText('0:00 / 0:01').waitFor();
  const duration = () =>
    player.locator('audio').evaluate((audio) => (audio as unknown as { duration: number }).duration);
  expect(await duration()).toBeNaN();
  await player.getByRole('button', { name: 'Play' }).click();
  return eventually(async () => (await duration()) || undefined, { reason: () => 'it was not played' });
}

test('two people type into one field at once: the second sees both texts and chooses, and undo takes back the own change alone', async ({
  town,
}) => {
  const office = await town.office();
  await office.extension('101', { name: 'Ann' });
  await office.apply();
  const stored = () => office.api.getExtension({ params: { ...office.params, extension: '101' } });
  const people = await Promise.all(
    ['Anna', 'Anne'].map(async (text) => {
      const window = await browsers.open();
      await window.logIn(await browsers.person(office, `Who wrote ${text}`));
      const field = window.page.getByRole('textbox', { name: 'Name of 101' });
      await field.waitFor();
      return { text, window, field, page: window.page, choice: window.page.locator('[data-torn]') };
    }),
  );
  await Promise.all(people.map(({ field, text }) => field.fill(text)));

  const second = await eventually(
    async () => {
      for (const person of people) if ((await person.choice.count()) > 0) return person;
      return undefined;
    },
    { reason: () => 'nobody was told that another text was stored meanwhile' },
  );
  const first = people.find((person) => person !== second)!;
  expect((await stored()).name).toBe(first.text);
  expect(await first.choice.count()).toBe(0);
  expect(await second.field.inputValue()).toBe(second.text);
  const told = await second.choice.getByRole('alert').innerText();
  for (const part of [`Who wrote ${first.text}`, `now: ${first.text}`, `Yours: ${second.text}`])
    expect(told).toContain(part);
  expect(await second.window.barriers()).toEqual([]);

  // By keyboard.
  await second.field.press('Tab');
  await second.page.keyboard.press('Enter');
  await second.choice.waitFor({ state: 'detached' });
  await expect.poll(async () => (await stored()).name).toBe(second.text);
  await expect.poll(() => first.field.inputValue()).toBe(second.text);

  const ring = first.page.getByRole('textbox', { name: 'Ring time, 101' });
  await ring.fill('30');
  await first.page.getByRole('button', { name: 'Undo: Ring time, 101' }).click();
  await expect.poll(() => ring.inputValue()).toBe('20');
  await first.page.getByRole('button', { name: 'Undo: Name of 101' }).click();
  await first.page.getByText(`Who wrote ${second.text} has changed this since`).waitFor();
  await expect.poll(stored).toMatchObject({ name: second.text, ringTimeInS: 20 });
  await second.page.getByRole('button', { name: 'Undo: Name of 101' }).click();
  await expect.poll(async () => (await stored()).name).toBe(first.text);
  for (const { window } of people) {
    expect(window.complaints).toEqual([]);
    await window.close();
  }
});

test('a session that ends while somebody types loses nothing, nor does a connection that is gone for a while', async ({
  town,
}) => {
  const office = await town.office();
  await office.extension('101', { name: 'Ann' });
  await office.apply();
  const admin = await browsers.person(office);
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(admin);
  const name = page.getByRole('textbox', { name: 'Name of 101' });
  await name.waitFor();

  await window.context.clearCookies();
  await name.fill('Ann Lee');
  const dialog = page.getByRole('dialog', { name: 'Log in again' });
  await dialog.waitFor();
  expect(await window.barriers()).toEqual([]);
  await dialog.getByLabel('Password', { exact: true }).fill(admin.password);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await dialog.waitFor({ state: 'detached' });
  const reason = () => 'what was typed before the login was not stored after it';
  await eventually(
    async () =>
      (await office.api.getExtension({ params: { ...office.params, extension: '101' } })).name === 'Ann Lee' ||
      undefined,
    { reason },
  );
  expect(await name.inputValue()).toBe('Ann Lee');

  // All that was read stays, and what was said of the missing connection goes with it.
  const field = (await name.elementHandle())!;
  const apply = page.getByRole('button', { name: 'Apply', exact: true });
  await apply.waitFor();
  await window.context.setOffline(true);
  await name.fill('Ann Roe');
  await page.getByText('Not stored yet').waitFor();
  const isReadInVain = page.waitForEvent(
    'requestfailed',
    (request) => request.method() === 'GET' && /\/extensions(\?|$)/.test(request.url()),
  );
  await apply.click();
  await page.getByText('Not applied: “Name of 101” was not stored').waitFor();
  await isReadInVain;
  await window.context.setOffline(false);
  await expect.poll(() => page.getByText(/was not stored|Not stored yet|does not answer/).count()).toBe(0);
  expect(await field.evaluate((input) => input.isConnected)).toBe(true);
  const { name: stored } = await office.api.getExtension({ params: { ...office.params, extension: '101' } });
  expect(stored).toBe('Ann Roe');
  await window.close();
});
