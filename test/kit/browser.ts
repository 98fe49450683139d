/** People at a browser: Debian's Chromium, one for all tests of a file, each person with a window of their own. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Office } from './office.ts';
import type { System } from './system.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A loaded machine draws slowly. */
const PATIENCE = 45_000;

export interface WindowOptions {
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  language?: 'en' | 'ru';
}

export interface Login {
  email: string;
  password: string;
}

export class Browsers {
  readonly #system: System;
  readonly #people: string[] = [];
  #browser: Promise<Browser> | null = null;

  constructor(system: System) {
    this.#system = system;
  }

  /** A window that nobody has logged in at. */
  async open({ width = 1440, height = 900, theme = 'light', language = 'en' }: WindowOptions = {}): Promise<Window> {
    // Chromium refuses its sandbox to root, as whom these tests run.
    this.#browser ??= chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    const context = await (await this.#browser).newContext({
      baseURL: this.#system.installation.web,
      viewport: { width, height },
      colorScheme: theme,
      locale: language === 'ru' ? 'ru-RU' : 'en-GB',
    });
    context.setDefaultTimeout(PATIENCE);
    return new Window(context, await context.newPage(), this.#system.installation);
  }

  /** Somebody who may log in: an admin of the office, an operator, or a user of one extension. */
  async person(
    office: Office | 'operator',
    name = 'Alice Johnson',
    role: 'admin' | 'viewer' | { userOf: string } = 'admin',
  ): Promise<Login> {
    const is = typeof role === 'string' ? { role } : { role: 'user' as const, extension: role.userOf };
    const email = `p${randomBytes(6).toString('hex')}@example.com`;
    const { id, password } = await this.#system.api.createUser({
      body: {
        email,
        name,
        ...(office === 'operator' ? { isOperator: true } : { memberships: [{ org: office.slug, ...is }] }),
      },
    });
    this.#people.push(id);
    return { email, password: password! };
  }

  /** Closes all windows, and takes the people out again. */
  async close(): Promise<void> {
    await (await this.#browser)?.close();
    for (const user of this.#people) await this.#system.api.deleteUser({ params: { user } });
  }
}

export class Window {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained of: errors in its code, scripts and styles that its policy forbids. */
  readonly complaints: string[] = [];

  readonly #installation: { web: string };

  constructor(context: BrowserContext, page: Page, installation: { web: string }) {
    this.#installation = installation;
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? String(error)));
    page.on('console', (message) => {
      // A refused request is told by the page itself.
      if (message.type() === 'error' && !/Failed to load resource|ApiProblem/.test(message.text())) {
        this.complaints.push(message.text());
      }
    });
  }

  /** Opens an address as somebody who is logged in. What the login looks like is for tests of the login. */
  async logIn({ email, password }: Login, path = '/'): Promise<void> {
    const { web } = this.#installation;
    const answer = await this.context.request.post(`${web}/api/v1/login`, {
      headers: { origin: web },
      data: { email, password },
    });
    if (!answer.ok()) throw new Error(`${email} is not let in: ${await answer.text()}`);
    await this.page.goto(path);
    await this.page.locator('nav').waitFor({ state: 'attached' });
  }

  /** What axe finds that keeps somebody from using what is shown; names the elements. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate(async () => {
      // biome-ignore lint/suspicious/noExplicitAny: it came as text
      const { violations } = await (globalThis as any).axe.run();
      return violations as { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
    });
    return found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
  }

  /** Compressed bytes of the scripts that were loaded for the page that is shown. */
  async weight(): Promise<number> {
    return this.page.evaluate(() =>
      (performance.getEntries() as unknown as { name: string; encodedBodySize?: number }[])
        .filter(({ name }) => name.endsWith('.js'))
        .reduce((sum, { encodedBodySize = 0 }) => sum + encodedBodySize, 0),
    );
  }

  /** Paths of all that was asked for since the address was entered, each as often as it was. */
  async asked(): Promise<string[]> {
    const addresses = await this.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name as string),
    );
    return addresses.map((address) => new URL(address).pathname);
  }

  /** One more of the same person. */
  async another(): Promise<Window> {
    return new Window(this.context, await this.context.newPage(), this.#installation);
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
