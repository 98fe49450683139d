/**
 * `./littlepbx test screens`: a picture of every page that the navigation leads to, wide and narrow, light and dark, in
 * English and Russian, in `screens/` of this source (not kept). To be looked at; no test but that each page can be drawn.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { Browsers, type Login } from '../kit/browser.ts';
import { expect, system, test } from '../kit/test.ts';

const FOLDER = fileURLToPath(new URL('../../screens', import.meta.url));
const browsers = new Browsers(system);
beforeAll(() => mkdirSync(FOLDER, { recursive: true }));
afterAll(() => browsers.close());

const LOOKS = (['en', 'ru'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) => [1440, 390].map((width) => ({ language, theme, width }))),
);

test('every page, for an admin and for an operator', { timeout: 600_000 }, async ({ town }) => {
  const office = await town.office();
  const people = await office.staff('ann', 'bob', 'carol');
  for (const [number, name] of [
    ['104', 'Dmitri Ivanovitch Konstantinopolski-Zaretchny'],
    ['105', 'Отдел продаж'],
  ] as const) {
    await office.extension(number, { name });
  }
  await office.set('102', { forwardNoAnswer: 'voicemail', forwardBusy: '103', forwardAlways: '+442079460999' });
  await office.did('101');
  await office.did();
  const call = await people.ann.dial('103');
  const answered = await people.carol.rings();
  await answered.answer();
  await call.answered();
  await call.hangUp();
  await office.record();
  await office.change('101', { ringTimeInS: 45, name: 'Ann Smith' });
  const logins: Record<string, Login> = {
    admin: await browsers.person(office),
    operator: await browsers.person('operator', 'Olga Petrova'),
  };
  let drawn = 0;
  for (const look of LOOKS) {
    for (const [who, login] of Object.entries(logins)) {
      const window = await browsers.open(look);
      const { page } = window;
      const name = (of: string) => join(FOLDER, `${of}-${look.width}-${look.theme}-${look.language}.png`);
      await page.goto('/login');
      await page.locator('input[name=email]').waitFor();
      await page.screenshot({ path: name('login'), fullPage: true });
      await window.logIn(login);
      await page.evaluate(
        (body) =>
          fetch('/api/v1/me', {
            method: 'PATCH',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
        { language: look.language, theme: look.theme },
      );
      const links = page.locator('nav a');
      const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
      for (const path of paths) {
        await page.goto(path);
        await page.locator('h1').waitFor();
        await page.waitForLoadState('networkidle');
        const title = `${who}-${path.replace(/^\/(o\/[^/]+|operator)\//, '').replaceAll('/', '-')}`;
        await page.screenshot({ path: name(title), fullPage: true });
        drawn += 1;
      }
      expect(window.complaints).toEqual([]);
      await window.close();
    }
  }
  expect(drawn).toBeGreaterThan(LOOKS.length);
});
