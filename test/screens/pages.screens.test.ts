/**
 * `./littlepbx test screens`: a picture of every page and of its dialogs and states, wide and narrow, light and dark, in
 * English and Russian, in `screens/` of this source (not kept). To be looked at; what is tested is that each can be drawn,
 * that nothing sticks out of it sideways, and that axe finds nothing serious. One look alone: `-t '390 dark ru'`.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browsers, type Login, type Window } from '../kit/browser.ts';
import { system } from '../kit/test.ts';
import { Town } from '../kit/town.ts';
import { type Company, openCompany } from './company.ts';

const FOLDER = fileURLToPath(new URL('../../screens', import.meta.url));
const LOCALES = fileURLToPath(new URL('../../apps/web/src/locales', import.meta.url));

/** Of a picture. Pixels. */
const HIGHEST = 3000;

interface Look {
  width: number;
  theme: 'light' | 'dark';
  language: 'en' | 'ru';
}
const LOOKS: Look[] = [
  ...(['en', 'ru'] as const).flatMap((language) =>
    (['light', 'dark'] as const).flatMap((theme) => [1440, 390].map((width) => ({ width, theme, language }))),
  ),
  // The narrowest that is promised, with the longest words.
  { width: 360, theme: 'light', language: 'ru' },
];

const town = new Town(system);
const browsers = new Browsers(system);
let company: Company;
let logins: Record<'admin' | 'user' | 'operator' | 'newcomer', Login>;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  company = await openCompany(town);
  await browsers.person(company.office, 'Grace Thornbury-Featherstonehaugh', 'viewer');
  logins = {
    admin: await browsers.person(company.office, 'Alice Johnson'),
    user: await browsers.person(company.office, 'Dave Osei', { userOf: '103' }),
    operator: await browsers.person('operator', 'Olga Petrova'),
    newcomer: await browsers.person(company.empty, 'Ben Baker'),
  };
});
afterAll(async () => {
  await browsers.close();
  await town.close();
});

test.each(LOOKS)('$width $theme $language', async (look) => {
  const camera = new Camera(look);
  await camera.door();
  await camera.as('newcomer', async (window) => {
    for (const path of await pathsOf(window)) await camera.take(window, `empty-${nameOf(path)}`, path);
  });
  await camera.as('admin', (window) => adminSees(camera, window));
  await camera.as('user', async (window) => {
    for (const path of await pathsOf(window)) await camera.take(window, `own-${nameOf(path)}`, path);
    await camera.take(window, 'account', '/account');
  });
  await camera.as('operator', (window) => operatorSees(camera, window));
  expect(camera.faults).toEqual([]);
});

async function adminSees(camera: Camera, window: Window): Promise<void> {
  const { page, context } = window;
  const home = `/o/${company.office.slug}`;
  const { t } = camera;
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).first();
  for (const path of await pathsOf(window)) await camera.take(window, nameOf(path), path);

  await page.goto(`${home}/phones`);
  await button(t('phones', 'extension.details', { number: '101' })).click();
  await camera.take(window, 'phones-extension');
  const ring = page.locator('input[inputmode=numeric]:visible').first();
  await ring.fill('3');
  await button(t('phones', 'apply.redFields_one', { count: '1' })).waitFor();
  await camera.take(window, 'phones-red');
  await ring.press('Escape');
  await button(t('phones', 'extension.details', { number: '101' })).click();
  await button(t('phones', 'apply.show')).click();
  await camera.takeDialog(window, 'phones-changes');
  await button(t('phones', 'history.title')).click();
  await camera.takeDialog(window, 'phones-history');
  await button(t('phones', 'history.title')).click();
  await button(t('phones', 'history.back')).click();
  await page.getByText(t('phones', 'history.backText')).waitFor();
  await camera.take(window, 'phones-going-back');
  await page.goto(`${home}/phones`);
  await button(t('phones', 'extensions.add')).click();
  await camera.takeDialog(window, 'phones-add');
  await page.getByRole('searchbox').fill('xyz');
  await camera.take(window, 'phones-not-found');

  await camera.take(window, 'calls-story', `${home}/calls/${company.call}`);
  await camera.take(window, 'calls-none-found', `${home}/calls?search=nobody`);
  await camera.take(window, 'calls-gone', `${home}/calls/01980f7e-1f6a-7c3e-9a55-3b7a4f1c2d10`);
  await camera.take(window, 'voicemail-box', `${home}/voicemail/103`);
  await page.getByRole('tab').last().click();
  await camera.take(window, 'voicemail-settings');
  await page.goto(`${home}/people`);
  await button(t('people', 'invite.button')).click();
  await camera.takeDialog(window, 'people-invite');
  await page.goto(`${home}/keys`);
  await button(t('keys', 'new.button')).click();
  await camera.takeDialog(window, 'keys-new');
  await page.goto(`${home}/help`);
  await page.locator('header button').last().click();
  await camera.take(window, 'own-menu');
  await camera.take(window, 'account', '/account');
  await camera.take(window, 'nowhere', '/o/nowhere/at/all');

  // While it is read, when it cannot be read, and when nobody answers.
  const api = /\/api\/v1\/organizations\//;
  await page.route(api, () => {});
  for (const path of ['phones', 'calls', 'voicemail', 'statistics']) {
    await camera.take(window, `loading-${path}`, `${home}/${path}`, { isBusy: true });
  }
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  const problem = { type: 'about:blank', title: 'Internal error', status: 500, id: 'internal-error', requestId: 'x' };
  await page.route(api, (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  );
  for (const path of ['phones', 'calls', 'voicemail', 'statistics']) {
    await camera.take(window, `failed-${path}`, `${home}/${path}`, { isBusy: true });
  }
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await camera.take(window, 'phones', `${home}/phones`);
  await context.setOffline(true);
  await page.getByText(t('common', 'away.server')).waitFor();
  await camera.take(window, 'offline', null, { isBusy: true });
  await context.setOffline(false);
}

async function operatorSees(camera: Camera, window: Window): Promise<void> {
  const { page } = window;
  for (const path of await pathsOf(window)) await camera.take(window, `operator-${nameOf(path)}`, path);
  await camera.take(window, 'operator-new-organization', '/operator/new-organization');
  for (const path of ['/operator/system', `/operator/organizations/${company.office.slug}`]) {
    await page.goto(path);
    const tabs = page.getByRole('tab');
    await tabs.first().waitFor();
    for (const [i, tab] of (await tabs.all()).entries()) {
      await tab.click();
      await camera.take(window, `operator-${path.split('/')[2]}-${i + 1}`);
    }
  }
}

const pathsOf = ({ page }: Window): Promise<string[]> =>
  page.locator('nav a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
const nameOf = (path: string): string => path.replace(/^\/(o\/[^/]+|operator)\//, '').replaceAll('/', '-');

interface Taking {
  /** Requests are on their way for as long as one looks. */
  isBusy?: boolean;
}

class Camera {
  readonly look: Look;
  /** What is wrong with what was drawn. */
  readonly faults: string[] = [];

  constructor(look: Look) {
    this.look = look;
  }

  /** A text of the page in the language of this look. */
  readonly t = (area: string, key: string, values: Record<string, string> = {}): string => {
    const words = JSON.parse(readFileSync(join(LOCALES, this.look.language, `${area}.json`), 'utf8'));
    const text: string = key.split('.').reduce((part, name) => part[name], words);
    return text.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name] ?? '');
  };

  async as(who: keyof typeof logins, look: (window: Window) => Promise<void>): Promise<void> {
    const { language, theme } = this.look;
    const window = await browsers.open({ ...this.look });
    await window.logIn(logins[who]);
    await window.page.evaluate(
      (body) =>
        fetch('/api/v1/me', {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      { language, theme },
    );
    await window.page.reload();
    await window.page.locator('h1').waitFor();
    await look(window);
    this.faults.push(...window.complaints.map((complaint) => `${who}: ${complaint}`));
    await window.close();
  }

  /** What somebody sees who is not logged in. */
  async door(): Promise<void> {
    const window = await browsers.open({ ...this.look });
    const { page } = window;
    await this.take(window, 'login', '/login');
    await page.locator('input[name=email]').fill('alice@example.com');
    await page.locator('input[name=password]').fill('not the password');
    await page.locator('button[type=submit]').click();
    await page.getByRole('alert').waitFor();
    await this.take(window, 'login-refused');
    await this.take(window, 'invitation-void', '/invitation#token=none');
    await this.take(window, 'reset-password', '/reset-password');
    this.faults.push(...window.complaints);
    await window.close();
  }

  async take(window: Window, name: string, path: string | null = null, { isBusy = false }: Taking = {}): Promise<void> {
    const { page } = window;
    const { theme, language } = this.look;
    if (path !== null) await page.goto(path);
    await page.locator('h1').first().waitFor();
    if (!isBusy) {
      await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
      await page.waitForLoadState('networkidle');
    }
    // As high as what is shown, so that what is fixed to the window is drawn once, at its end.
    const { width, height } = page.viewportSize()!;
    const whole = await page.locator('html').evaluate((html) => html.scrollHeight);
    await page.setViewportSize({ width, height: Math.min(Math.max(height, whole), HIGHEST) });
    await page.screenshot({
      path: join(FOLDER, `${name}-${width}-${theme}-${language}.png`),
      animations: 'disabled',
    });
    await page.setViewportSize({ width, height });
    const beyond = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    if (beyond > 0) this.faults.push(`${name}: ${beyond} pixels wider than the window`);
    for (const barrier of await window.barriers()) this.faults.push(`${name}: ${barrier}`);
  }

  /** The picture of an open dialog; closes it. */
  async takeDialog(window: Window, name: string): Promise<void> {
    const { page } = window;
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await this.take(window, name);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }
}
