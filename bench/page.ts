/**
 * The page in a browser: how heavy the first load is and how soon one can work with it, and what a list of thousands of
 * extensions is like: until it is shown, while it is scrolled, and from a key to what it finds.
 */
import { chromium, type Page } from 'playwright-core';
import { type Context, withInstallation } from './kit/context.ts';
import { untilQuiet } from './kit/cpu.ts';
import type { Installation } from './kit/installation.ts';
import { inMs, type Measurement } from './kit/report.ts';
import { median, percentile } from './kit/statistics.ts';

const LONG_TASK = 50;
/** No long task for this long: one can work with the page. Milliseconds. */
const CALM = 1500;
const SMALL = 'small-office';
const LARGE = 'large-office';

export async function page(context: Context): Promise<Measurement> {
  const extensions = context.isQuick ? 100 : 2000;
  const runs = context.isQuick ? 2 : 5;
  return withInstallation(
    context,
    async (installation) => {
      context.say(`making ${extensions} extensions of two phones each`);
      const [email, password] = await furnish(installation, extensions);
      const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
      Object.assign(context.versions, { chromium: browser.version() });
      try {
        // The page's policy lets nobody look at it by a text of code.
        const screen = { baseURL: installation.web, viewport: { width: 1440, height: 900 }, bypassCSP: true };
        const known = await browser.newContext(screen);
        const door = await known.newPage();
        await door.goto('/login');
        await door.locator('input[name=email]').fill(email);
        await door.locator('input[name=password]').fill(password);
        await door.locator('button[type=submit]').click();
        await door.locator(ROW).first().waitFor();
        const storageState = await known.storageState();
        await known.close();
        /** With an empty cache. */
        const open = async (isLoggedIn: boolean): Promise<Page> =>
          (await browser.newContext({ ...screen, ...(isLoggedIn ? { storageState } : {}) })).newPage();
        const isQuiet = await untilQuiet();
        const first: Record<string, Load[]> = { login: [], small: [], large: [] };
        for (let run = 0; run < runs; run++) {
          first.login!.push(await load(await open(false), '/login', 'input[name=password]'));
          first.small!.push(await load(await open(true), `/o/${SMALL}/phones`, ROW));
          first.large!.push(await load(await open(true), `/o/${LARGE}/phones`, ROW));
        }
        const scrolled = await scroll(await open(true));
        const found = await find(await open(true), extensions);
        return report({ extensions, first, scrolled, found, isQuiet });
      } finally {
        await browser.close();
      }
    },
    false,
  );
}

/** One extension in the list. */
const ROW = 'main li section';

async function furnish({ client }: Installation, extensions: number) {
  for (const [org, count] of [
    [SMALL, 10],
    [LARGE, extensions],
  ] as const) {
    const quotas = { extensions: 10_000, devices: 20_000 };
    await client.createOrganization({ body: { slug: org, name: 'Bench & Sons', country: 'GB', quotas } });
    const lines = Array.from({ length: count }, (_, i) => `${1001 + i},${nameOf(i)},Desk phone|Mobile`);
    const csv = ['number,name,devices', ...lines].join('\n');
    const { problems } = await client.importExtensions({ params: { org }, body: { csv } });
    if (problems.length > 0) throw new Error(`the import was refused: ${JSON.stringify(problems[0])}`);
    await client.applyDraft({ params: { org }, body: {} });
  }
  const memberships = [SMALL, LARGE].map((org) => ({ org, role: 'admin' as const }));
  const email = 'alice@example.com';
  const { password } = await client.createUser({ body: { email, name: 'Alice', memberships } });
  return [email, password!] as const;
}

const nameOf = (i: number): string => `${FIRST[i % FIRST.length]} ${LAST[Math.floor(i / FIRST.length) % LAST.length]}`;
const FIRST = ['Emma', 'Oliver', 'Priya', 'Dmitri', 'Grace', 'Henry', 'Ines', 'Jack', 'Kofi', 'Lena'];
const LAST = ['Clarke', 'Hughes', 'Patel', 'Ivanov', 'Thornbury', 'Weaver', 'Costa', 'Murray', 'Mensah', 'Vogel'];

interface Load {
  /** What was asked for is drawn. Milliseconds since the address was entered. */
  shown: number;
  /** Drawn, and the page's thread is free. */
  interactive: number;
  /** Compressed bytes. */
  scripts: number;
  styles: number;
}

/** From an empty cache until `wanted` is there and nothing holds the page any more. */
async function load(page: Page, path: string, wanted: string): Promise<Load> {
  await page.addInitScript(WATCH_TASKS);
  await page.addInitScript(`
    requestAnimationFrame(function look() {
      if (document.querySelector(${JSON.stringify(wanted)})) page.shown = performance.now();
      else requestAnimationFrame(look);
    });
  `);
  await page.goto(path);
  await page.locator(wanted).first().waitFor();
  await calm(page);
  const found = await page.evaluate<{ shown: number; tasks: Task[]; files: { name: string; bytes: number }[] }>(`({
    ...page,
    files: performance.getEntriesByType('resource').map((it) => ({ name: it.name, bytes: it.encodedBodySize })),
  })`);
  await page.context().close();
  const { shown, tasks, files } = found;
  const free = Math.max(0, ...tasks.map(({ at, during }) => at + during));
  const bytes = (ending: string) =>
    files.filter(({ name }) => name.endsWith(ending)).reduce((sum, file) => sum + file.bytes, 0);
  return { shown, interactive: Math.max(shown, free), scripts: bytes('.js'), styles: bytes('.css') };
}

interface Task {
  at: number;
  during: number;
}

/** Notes what holds the page's thread for more than 50 ms. */
const WATCH_TASKS = `
  globalThis.page = { shown: 0, tasks: [] };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) page.tasks.push({ at: startTime, during: duration });
  }).observe({ type: 'longtask', buffered: true });
`;

/** Until no task was long for a while. */
async function calm(page: Page): Promise<void> {
  await page.waitForFunction(
    `performance.now() - Math.max(page.shown, ...page.tasks.map(({ at, during }) => at + during)) > ${CALM}`,
    undefined,
    { polling: 100 },
  );
}

/** Frames while the wheel is turned through the list, down and up again; milliseconds each. */
async function scroll(page: Page): Promise<number[]> {
  await page.addInitScript(WATCH_TASKS);
  await page.goto(`/o/${LARGE}/phones`);
  await page.locator(ROW).first().waitFor();
  await calm(page);
  await page.mouse.move(700, 600);
  await page.evaluate(`
    globalThis.drawn = [];
    let last = performance.now();
    requestAnimationFrame(function next(now) {
      globalThis.drawn.push(now - last);
      last = now;
      requestAnimationFrame(next);
    });
  `);
  // As a quick finger does: 100 pixels each 16 ms.
  for (const by of [100, -100]) {
    for (let turn = 0; turn < TURNS; turn++) {
      await page.mouse.wheel(0, by);
      await page.waitForTimeout(16);
    }
  }
  const frames = await page.evaluate<number[]>('globalThis.drawn');
  await page.context().close();
  return frames.slice(1);
}

const TURNS = 150;

/** From a key until the list shows what it finds; milliseconds each. */
async function find(page: Page, extensions: number): Promise<number[]> {
  await page.addInitScript(WATCH_TASKS);
  await page.goto(`/o/${LARGE}/phones`);
  await page.locator(ROW).first().waitFor();
  await calm(page);
  const times: number[] = [];
  for (const wanted of ['weaver', String(1000 + extensions), 'lena', 'mensah']) {
    await page.getByRole('searchbox').fill('');
    await calm(page);
    for (const [i, key] of [...wanted].entries()) {
      // Listens before the key is sent, which takes another way to the page.
      await page.evaluate(`globalThis.painted = new Promise((resolve) => {
        const wanted = ${JSON.stringify(wanted.slice(0, i + 1))};
        const found = (event) => {
          const rows = [...document.querySelectorAll('${ROW}')].map((row) => row.ariaLabel.toLowerCase());
          const isFound = rows.length > 0 && rows.every((name) => name.includes(wanted));
          // What a frame has drawn is on the screen with the next.
          requestAnimationFrame(() => (isFound ? resolve(performance.now() - event.timeStamp) : found(event)));
        };
        document.addEventListener('input', found, { once: true });
      }), 0`);
      await page.keyboard.type(key);
      times.push(await page.evaluate<number>('globalThis.painted'));
    }
  }
  await page.context().close();
  return times;
}

interface Found {
  extensions: number;
  first: Record<string, Load[]>;
  scrolled: number[];
  found: number[];
  isQuiet: boolean;
}

const LOADED =
  'Others kept the processors busy all the while: times and frames are worse than those of a quiet machine by as much.';

function report({ extensions, first, scrolled, found, isQuiet }: Found): Measurement {
  const { login, small, large } = first as { login: Load[]; small: Load[]; large: Load[] };
  const mid = (loads: Load[], of: keyof Load) => median(loads.map((load) => load[of]));
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  const slow = scrolled.filter((frame) => frame > LONG_TASK);
  const interactive = mid(small, 'interactive');
  const scripts = mid(small, 'scripts');
  return {
    title: `The page in a browser; a list of ${extensions} extensions with two phones each`,
    figures: [
      {
        what: 'First load, phones of an office of ten: interactive',
        value: inMs(interactive),
        target: '<= 1500 ms',
        isMet: interactive <= 1500,
      },
      {
        what: '… shown, slowest',
        value: `${inMs(mid(small, 'shown'))}, ${inMs(Math.max(...small.map((l) => l.interactive)))}`,
      },
      {
        what: '… compressed scripts',
        value: kB(scripts),
        target: '<= 250 kB',
        isMet: scripts <= 250_000,
      },
      { what: '… compressed styles', value: kB(mid(small, 'styles')) },
      { what: 'First load, login: interactive', value: inMs(mid(login, 'interactive')) },
      { what: '… compressed scripts', value: kB(mid(login, 'scripts')) },
      {
        what: `First load, ${extensions} extensions: shown, interactive`,
        value: `${inMs(mid(large, 'shown'))}, ${inMs(mid(large, 'interactive'))}`,
      },
      {
        what: 'Scrolled by wheel: frames over 50 ms',
        value: `${slow.length} of ${scrolled.length}`,
        target: '0',
        isMet: slow.length === 0,
      },
      { what: '… frame, p50, p99, longest', value: [50, 99, 100].map((p) => inMs(percentile(scrolled, p))).join(', ') },
      {
        what: 'Key to what it finds, painted, p95',
        value: inMs(percentile(found, 95)),
        target: '<= 100 ms',
        isMet: percentile(found, 95) <= 100,
      },
      { what: '… p50, longest', value: [50, 100].map((p) => inMs(percentile(found, p))).join(', ') },
    ],
    notes: [
      "Debian's Chromium without a window, on the machine that the brain runs on, drawing by software; each load with an empty cache, by loopback.",
      'Interactive: what was asked for is drawn, and the last task of more than 50 ms is over.',
      ...(isQuiet ? [] : [LOADED]),
    ],
    data: { extensions, first, scrolled, found },
  };
}
