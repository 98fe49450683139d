/** Persons log in, on the real better-auth and a real Postgres, by the requests that a browser would send. */
import { createHmac, randomBytes } from 'node:crypto';
import { MAIL_JOB, type QueuedMail } from '@littlepbx/core/mail/mail';
import type { Actor, Scope } from '@littlepbx/core/tenancy/actor';
import { ADMIN_SCOPES } from '@littlepbx/core/tenancy/keys';
import { startJobWorker } from '@littlepbx/data';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ALL,
  createTestInstallation,
  quickSecrets,
  type TestInstallation,
  value,
} from '../../../../packages/data/src/testing/installation.ts';
import { codeOf } from '../../../../test/kit/authenticator.ts';
import { systemClock as clock } from '../clock.ts';
import { EventHub } from '../events/hub.ts';
import { createHttp } from '../http/app.ts';
import { BuiltPage } from '../http/page.ts';
import { fakeLive } from '../http/testing/fake-live.ts';
import { fakeProtection } from '../http/testing/fake-protection.ts';
import { bearer } from '../http/testing/world.ts';
import { createLogins, type Logins } from './logins.ts';
import { passwordReset } from './password-reset.ts';

const PASSWORD = 'correct horse battery';
const log = { debug() {}, info() {}, warn() {}, error() {} };

let t: TestInstallation;
let app: FastifyInstance;
let logins: Logins;
let operatorKey: string;
let demo: string;
let acme: string;

beforeAll(async () => {
  t = await createTestInstallation();
  const faults: string[] = [];
  logins = createLogins({
    ...{ db: t.db, stores: t.stores, secrets: quickSecrets, masterKey: randomBytes(32) },
    publicUrl: 'https://pbx.example.com',
    warn: (message) => void faults.push(message),
  });
  app = createHttp({
    ...{ administration: t.administration, logins, live: fakeLive(), protection: fakeProtection(), log },
    events: new EventHub(clock),
    sounds: { open: async () => null },
    page: new BuiltPage('/nowhere'),
    settings: { sip: { host: 'pbx.example.com', port: 5060, tlsPort: 5061 } },
    alerts: { list: () => [], settingsChanged: async () => {}, test: async () => [] },
    metrics: async () => '',
  });
  operatorKey = value(await t.administration.createKey(t.operator, null, { name: 'test' })).token;
  demo = (await t.organization('demo')).id;
  acme = (await t.organization('acme')).id;
});
afterAll(async () => {
  await app?.close();
  await t?.close();
});

/** A browser: it keeps cookies, and says that its own page asks. */
class Browser {
  readonly cookies = new Map<string, string>();
  address = '203.0.113.7';
  headers: Record<string, string> = { host: 'pbx.example.com', origin: 'http://pbx.example.com' };

  async ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) {
    const cookie = [...this.cookies].map(([name, content]) => `${name}=${content}`).join('; ');
    const answer = await app.inject({
      ...{ method, url: `/api/v1${path}`, remoteAddress: this.address },
      headers: { ...this.headers, ...(cookie ? { cookie } : {}) },
      ...(payload ? { payload } : {}),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', content = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, content);
    }
    return { status: answer.statusCode, body: answer.body === '' ? null : answer.json(), headers: answer.headers };
  }

  logIn(email: string, password = PASSWORD) {
    return this.ask('POST', '/login', { email, password });
  }
}

let count = 0;
/** A person with these memberships and the known password. */
async function person(
  memberships: { org: string; role: 'admin' | 'viewer' }[],
  more: { isOperator?: boolean; language?: 'en' | 'ru' } = {},
): Promise<{ id: string; email: string; browser: Browser }> {
  const email = `person-${++count}@example.com`;
  const wish = { email, name: `Person ${count}`, memberships, password: PASSWORD, ...more };
  const { id } = value(await t.administration.createUser(t.operator, wish));
  const browser = new Browser();
  return { id, email, browser };
}
async function loggedIn(...args: Parameters<typeof person>): ReturnType<typeof person> {
  const made = await person(...args);
  expect((await made.browser.logIn(made.email)).status).toBe(200);
  return made;
}

/** The audit log's latest of these things. */
const told = (resource: string) =>
  t.stores.asOperator(({ audit }) => audit.list(null, { resource }, { after: null, limit: 5 }));
const mails = () =>
  t.stores.asOperator(async ({ jobs }) =>
    (await jobs.list(MAIL_JOB, { after: null, limit: 100 })).map((job) => job.payload as QueuedMail),
  );
async function withMailServer(): Promise<void> {
  value(await t.administration.setMailServer(t.operator, { host: 'smtp.example.com', fromAddress: 'pbx@example.com' }));
}

describe('logging in', () => {
  it('opens the API to a person as an API key does, and logging out closes it', async () => {
    const { browser, email } = await person([{ org: 'demo', role: 'admin' }]);
    expect((await browser.ask('GET', '/me')).status).toBe(401);
    expect(await browser.ask('GET', '/session')).toMatchObject({ status: 200, body: { person: null } });
    const answer = await browser.logIn(email.toUpperCase());
    expect(answer).toMatchObject({ status: 200, body: { isCodeNeeded: false, person: { email, isOperator: false } } });
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^littlepbx\.session=[^;]+; .*HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).toMatch(/Path=\//);
    expect(cookie).not.toMatch(/Secure|Domain/);
    expect(await browser.ask('GET', '/me')).toMatchObject({
      status: 200,
      body: { kind: 'person', email, memberships: [{ slug: 'demo', companyName: 'demo', role: 'admin' }] },
    });
    expect((await browser.ask('GET', '/session')).body.person.email).toBe(email);
    const extension = { number: '101', name: 'Ann' };
    expect((await browser.ask('POST', '/organizations/demo/extensions', extension)).status).toBe(201);
    const { body } = await browser.ask('GET', '/organizations/demo/audit?resource=extension');
    expect(body.items[0]).toMatchObject({ author: { kind: 'person', name: expect.stringContaining('Person') } });
    const before = new Map(browser.cookies);
    expect((await browser.ask('POST', '/logout')).status).toBe(204);
    expect(browser.cookies.size).toBe(0);
    for (const [name, content] of before) browser.cookies.set(name, content);
    expect((await browser.ask('GET', '/me')).status).toBe(401);
  });

  it('marks the cookie as secure when a proxy says that the page came by https', async () => {
    const { browser, email } = await person([{ org: 'demo', role: 'viewer' }]);
    browser.address = '127.0.0.1';
    Object.assign(browser.headers, { origin: 'https://pbx.example.com', 'x-forwarded-proto': 'https' });
    const answer = await browser.logIn(email);
    expect(String(answer.headers['set-cookie'])).toMatch(/; Secure/);
  });

  it('tells a wrong address and a wrong password apart by nothing, and bans who goes on', async () => {
    const { browser, email } = await person([{ org: 'demo', role: 'viewer' }]);
    browser.address = '203.0.113.99';
    const seen = [];
    for (const [who, password] of [
      [email, 'wrong password'],
      ['nobody@example.com', PASSWORD],
      [email, 'wrong password'],
      [email, 'wrong password'],
      [email, 'wrong password'],
    ]) {
      const { status, body } = await browser.logIn(who!, password);
      seen.push([status, body.id, body.detail]);
    }
    expect(new Set(seen.map(String)).size).toBe(1);
    expect(seen[0]).toEqual([401, 'login-failed', expect.any(String)]);
    expect(await browser.logIn(email)).toMatchObject({ status: 429, body: { id: 'too-many-attempts' } });
    browser.address = '203.0.113.100';
    expect((await browser.logIn(email)).status).toBe(200);
  });

  it('takes no cookie that was changed, or made with another key', async () => {
    const { browser } = await loggedIn([{ org: 'demo', role: 'viewer' }]);
    const good = browser.cookies.get('littlepbx.session')!;
    const [token] = decodeURIComponent(good).split('.');
    const forged = createHmac('sha256', 'guess').update(token!).digest('base64');
    for (const bad of [token!, `${token}.${forged}`, `x${good}`, '', '.', '%']) {
      browser.cookies.set('littlepbx.session', bad);
      expect((await browser.ask('GET', '/me')).status, bad).toBe(401);
    }
    browser.cookies.set('littlepbx.session', good);
    expect((await browser.ask('GET', '/me')).status).toBe(200);
  });

  it('serves pages of this server alone: another one that the person has open gets nothing', async () => {
    const { browser, email } = await loggedIn([{ org: 'demo', role: 'admin' }]);
    const write = () => browser.ask('PATCH', '/organizations/demo', { name: 'Demo' });
    const read = () => browser.ask('GET', '/organizations/demo');
    const refused = { status: 403, body: { id: 'not-same-origin' } };
    for (const foreign of [
      { origin: 'http://evil.example.com' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://pbx.example.com' },
    ]) {
      browser.headers = { host: 'pbx.example.com', ...foreign };
      expect(await write(), JSON.stringify(foreign)).toMatchObject(refused);
      expect(await read(), JSON.stringify(foreign)).toMatchObject(refused);
      expect(await browser.ask('POST', '/login', { email, password: PASSWORD })).toMatchObject(refused);
    }
    browser.headers = { host: 'pbx.example.com' };
    expect(await write()).toMatchObject(refused);
    expect((await read()).status).toBe(200);
    browser.headers = { host: 'pbx.example.com', 'sec-fetch-site': 'same-origin' };
    expect((await write()).status).toBe(200);
    expect((await read()).status).toBe(200);
  });

  it('asks for a code where the person wants it; a recovery code opens once', async () => {
    const { browser, email } = await loggedIn([{ org: 'demo', role: 'viewer' }]);
    expect(await browser.ask('POST', '/me/two-factor', { password: 'wrong password' })).toMatchObject({
      status: 400,
      body: { fields: [{ field: 'password' }] },
    });
    const { body: start } = await browser.ask('POST', '/me/two-factor', { password: PASSWORD });
    expect(start.uri).toMatch(/^otpauth:\/\/totp\/Demo:/);
    expect(start.recoveryCodes).toHaveLength(10);
    expect((await browser.ask('POST', '/me/two-factor/confirm', { code: '000000' })).status).toBe(400);
    // Not in force before it was proven.
    expect((await new Browser().logIn(email)).body).toMatchObject({ isCodeNeeded: false });
    expect((await browser.ask('POST', '/me/two-factor/confirm', { code: codeOf(start.secret) })).status).toBe(204);
    expect((await browser.ask('GET', '/me')).body).toMatchObject({ hasTwoFactor: true });
    expect((await told('person'))[0]).toMatchObject({
      author: { kind: 'person', operation: 'confirmTwoFactor' },
      label: email,
      changes: { hasTwoFactor: { before: false, after: true } },
    });

    const again = new Browser();
    expect((await again.logIn(email)).body).toEqual({ isCodeNeeded: true, person: null });
    expect((await again.ask('GET', '/me')).status).toBe(401);
    expect(await again.ask('POST', '/login/code', { code: '000000' })).toMatchObject({
      status: 401,
      body: { id: 'login-failed' },
    });
    expect(await again.ask('POST', '/login/code', { code: codeOf(start.secret) })).toMatchObject({
      status: 200,
      body: { isCodeNeeded: false, person: { email } },
    });
    expect((await again.ask('GET', '/me')).status).toBe(200);
    // Whoever looked on while it was typed.
    const onlooker = new Browser();
    await onlooker.logIn(email);
    expect((await onlooker.ask('POST', '/login/code', { code: codeOf(start.secret) })).status).toBe(401);
    expect((await onlooker.ask('GET', '/me')).status).toBe(401);
    // The challenge is used up.
    again.cookies.delete('littlepbx.session');
    expect((await again.ask('POST', '/login/code', { code: codeOf(start.secret) })).body.id).toBe('login-expired');

    const lost = async () => {
      const other = new Browser();
      await other.logIn(email);
      return other.ask('POST', '/login/code', { code: start.recoveryCodes[0] });
    };
    expect((await lost()).status).toBe(200);
    expect(await lost()).toMatchObject({ status: 401, body: { id: 'login-failed' } });

    const { body: fresh } = await browser.ask('POST', '/me/recovery-codes', { password: PASSWORD });
    expect(fresh.recoveryCodes).toHaveLength(10);
    expect((await browser.ask('POST', '/me/two-factor/disable', { password: PASSWORD })).status).toBe(204);
    expect((await new Browser().logIn(email)).body).toMatchObject({ isCodeNeeded: false });
  });

  it('shows a person its logins, and ends all but the one that asks', async () => {
    const { browser, email } = await loggedIn([{ org: 'demo', role: 'viewer' }]);
    const stranger = await loggedIn([{ org: 'demo', role: 'viewer' }]);
    const other = new Browser();
    Object.assign(other.headers, { 'user-agent': 'Opera on a boat' });
    await other.logIn(email);
    const sessions = async () => (await browser.ask('GET', '/me/sessions')).body.items;
    expect(await sessions()).toMatchObject([
      { isThis: false, userAgent: 'Opera on a boat', address: '203.0.113.7' },
      { isThis: true },
    ]);
    expect((await browser.ask('POST', '/me/sessions/end-others')).status).toBe(204);
    expect(await sessions()).toMatchObject([{ isThis: true }]);
    const left = [browser, stranger.browser, other].map((who) => who.ask('GET', '/me'));
    expect((await Promise.all(left)).map(({ status }) => status)).toEqual([200, 200, 401]);
  });

  it('changes the password for who knows it, and all other sessions end', async () => {
    const { browser, email } = await loggedIn([{ org: 'demo', role: 'viewer' }]);
    const other = new Browser();
    await other.logIn(email);
    const change = (currentPassword: string, newPassword: string) =>
      browser.ask('POST', '/me/password', { currentPassword, newPassword });
    expect((await change('wrong password', 'another good one')).body.fields).toMatchObject([
      { field: 'currentPassword' },
    ]);
    expect((await change(PASSWORD, 'aaaaaaaaaaaa')).body.fields).toMatchObject([{ field: 'newPassword' }]);
    expect((await change(PASSWORD, 'another good one')).status).toBe(204);
    expect((await browser.ask('GET', '/me')).status).toBe(200);
    expect((await other.ask('GET', '/me')).status).toBe(401);
    expect((await new Browser().logIn(email)).status).toBe(401);
    expect((await new Browser().logIn(email, 'another good one')).status).toBe(200);
  });

  it('sets a new password by a mailed link, once; unknown addresses get the same answer and no mail', async () => {
    await withMailServer();
    const { email } = await person([{ org: 'demo', role: 'viewer' }], { language: 'ru' });
    const visitor = new Browser();
    const answers = [];
    for (const who of [email, 'nobody@example.com']) {
      const { status, body } = await visitor.ask('POST', '/password-reset', { email: who });
      answers.push([status, body]);
    }
    expect(answers).toEqual([
      [204, null],
      [204, null],
    ]);
    const worker = startJobWorker({ db: t.db, clock, log, pollEvery: 20, kinds: passwordReset(logins) });
    const mailed = await vi.waitFor(async () => {
      const mail = (await mails()).find(({ to }) => to.includes(email));
      expect(mail).toBeDefined();
      return mail!;
    }, 5_000);
    await worker.stop();
    expect(mailed.subject).toBe('Новый пароль');
    expect((await mails()).some(({ to }) => to.includes('nobody@example.com'))).toBe(false);
    const [, token = ''] = /https:\/\/pbx\.example\.com\/reset-password#(\S+)/.exec(mailed.text) ?? [];
    const confirm = (password: string) => visitor.ask('POST', '/password-reset/confirm', { token, password });
    expect((await confirm('short')).status).toBe(400);
    expect((await confirm('a brand new one')).status).toBe(204);
    expect(await confirm('a brand new one')).toMatchObject({ status: 410, body: { id: 'link-void' } });
    expect((await visitor.logIn(email)).status).toBe(401);
    expect((await visitor.logIn(email, 'a brand new one')).status).toBe(200);
    const rows = await told('password');
    expect(rows[0]).toMatchObject({ action: 'changed', author: { name: 'password-reset' } });
    expect(JSON.stringify(rows)).not.toContain('scrypt');
  });
});

describe('a session', () => {
  it('acts in each organization by the role there; a third one is not there', async () => {
    const { browser } = await loggedIn([
      { org: 'demo', role: 'admin' },
      { org: 'acme', role: 'viewer' },
    ]);
    await t.organization('third');
    const rename = (org: string) => browser.ask('PATCH', `/organizations/${org}`, { name: 'Renamed' });
    expect((await rename('demo')).status).toBe(200);
    expect(await rename('acme')).toMatchObject({ status: 403, body: { id: 'forbidden' } });
    expect((await browser.ask('GET', `/organizations/${acme}`)).status).toBe(200);
    for (const org of ['third', 'no-such-one']) {
      expect(await browser.ask('GET', `/organizations/${org}`), org).toMatchObject({ status: 404 });
    }
    const { body } = await browser.ask('GET', '/organizations');
    expect(body.items.map((o: { slug: string }) => o.slug).sort()).toEqual(['acme', 'demo']);
    expect((await browser.ask('GET', '/system')).status).toBe(403);
  });

  it('finds a device by itself, whichever of its organizations it is of', async () => {
    const { browser } = await loggedIn([
      { org: 'demo', role: 'admin' },
      { org: 'acme', role: 'admin' },
    ]);
    const usernames = [];
    for (const org of ['acme', 'third']) {
      value(await t.administration.createExtension(t.operator, org, { number: '150', name: 'X' }));
      usernames.push(value(await t.administration.createDevice(t.operator, org, { extension: '150' })).username);
    }
    expect((await browser.ask('PATCH', `/devices/${usernames[0]}`, { name: 'Mine' })).status).toBe(200);
    expect((await browser.ask('PATCH', `/devices/${usernames[1]}`, { name: 'Mine' })).status).toBe(404);
    expect((await browser.ask('GET', '/devices/none')).status).toBe(404);
  });

  it('ends at once with the suspension of the person; an organization’s shuts it there', async () => {
    const two = await loggedIn([
      { org: 'demo', role: 'admin' },
      { org: 'acme', role: 'admin' },
    ]);
    const one = await loggedIn([{ org: 'acme', role: 'admin' }]);
    value(await t.administration.suspendOrganization(t.operator, acme, { calls: 'keep' }));
    expect((await one.browser.ask('GET', '/me')).status).toBe(401);
    expect(await new Browser().logIn(one.email)).toMatchObject({ status: 403, body: { id: 'suspended' } });
    expect((await two.browser.ask('GET', '/organizations/demo')).status).toBe(200);
    expect(await two.browser.ask('GET', '/organizations/acme')).toMatchObject({ body: { id: 'suspended' } });
    value(await t.administration.unsuspendOrganization(t.operator, acme));
    expect((await one.browser.ask('GET', '/organizations/acme')).status).toBe(200);

    value(await t.administration.updateUser(t.operator, two.id, { isSuspended: true }));
    expect((await two.browser.ask('GET', '/me')).status).toBe(401);
    expect(await new Browser().logIn(two.email)).toMatchObject({ status: 403, body: { id: 'suspended' } });
  });

  it('of an operator may do all, everywhere; the first one is made by the operator’s key', async () => {
    const made = await app.inject({
      ...{ method: 'POST', url: '/api/v1/users', headers: bearer(operatorKey) },
      payload: { email: 'Olga@Example.com', name: 'Ольга', isOperator: true, language: 'ru' },
    });
    expect(made.json()).toMatchObject({ email: 'olga@example.com', isOperator: true, memberships: [] });
    const browser = new Browser();
    expect((await browser.logIn('olga@example.com', made.json().password)).status).toBe(200);
    expect((await browser.ask('GET', '/system')).status).toBe(200);
    const wish = { slug: 'by-olga', name: 'By Olga', country: 'GB' };
    expect((await browser.ask('POST', '/organizations', wish)).status).toBe(201);
    const { body } = await browser.ask('GET', '/organizations/by-olga/audit');
    expect(body.items[0]).toMatchObject({ author: { kind: 'operator', name: 'Ольга' } });
    expect(await browser.ask('PATCH', `/users/${made.json().id}`, { isOperator: false })).toMatchObject({
      status: 403,
    });
  });
});

describe('an invitation', () => {
  let admin: Awaited<ReturnType<typeof person>>;
  beforeEach(async () => {
    await t.administration.removeMailServer(t.operator);
    admin = await loggedIn([{ org: 'demo', role: 'admin' }]);
  });
  const tokenIn = (text: string) => /\/invitation#(\S+)/.exec(text)?.[1] ?? '';

  it('makes a newcomer a user, once', async () => {
    const { browser } = admin;
    const invited = await browser.ask('POST', '/organizations/demo/invitations', {
      email: 'New@example.com',
      role: 'viewer',
    });
    expect(invited).toMatchObject({ status: 201, body: { email: 'new@example.com', isMailed: false } });
    const token = tokenIn(invited.body.link);
    const visitor = new Browser();
    expect(await visitor.ask('POST', '/invitation', { token })).toMatchObject({
      status: 200,
      body: { email: 'new@example.com', companyName: expect.any(String), slug: 'demo', role: 'viewer' },
    });
    expect((await visitor.ask('POST', '/invitation/accept', { token })).status).toBe(400);
    const wish = { token, name: 'Newcomer', password: PASSWORD };
    expect(await visitor.ask('POST', '/invitation/accept', wish)).toMatchObject({
      status: 200,
      body: { email: 'new@example.com', memberships: [{ slug: 'demo', role: 'viewer' }] },
    });
    expect((await visitor.ask('GET', '/organizations/demo')).status).toBe(200);
    expect(await new Browser().ask('POST', '/invitation/accept', wish)).toMatchObject({ status: 410 });
    const { body } = await browser.ask('GET', '/organizations/demo/users');
    expect(body.items).toContainEqual(expect.objectContaining({ email: 'new@example.com', role: 'viewer' }));
    expect((await browser.ask('GET', '/organizations/demo/invitations')).body.items).toEqual([]);
  });

  it('comes with a new organization, to its admin', async () => {
    const wish = { slug: 'fresh', name: 'Fresh Ltd', country: 'GB', admin: { email: 'Boss@fresh.example.com' } };
    const { adminInvitation } = value(await t.administration.createOrganization(t.operator, wish));
    const visitor = new Browser();
    const token = tokenIn(adminInvitation!.link!);
    const { body } = await visitor.ask('POST', '/invitation/accept', { token, name: 'Boss', password: PASSWORD });
    expect(body).toMatchObject({ email: 'boss@fresh.example.com', memberships: [{ slug: 'fresh', role: 'admin' }] });
    expect((await visitor.ask('GET', '/organizations/fresh/users')).body.items).toHaveLength(1);
  });

  it('says the same of an address that is known, who joins after logging in', async () => {
    await withMailServer();
    const known = await person([{ org: 'acme', role: 'viewer' }]);
    const shapes = [];
    for (const email of [known.email, 'unknown@example.com']) {
      const { status, body } = await admin.browser.ask('POST', '/organizations/demo/invitations', {
        email,
        role: 'admin',
      });
      shapes.push([status, Object.keys(body), body.isMailed, body.link]);
    }
    expect(shapes[0]).toEqual([201, expect.any(Array), true, null]);
    expect(shapes[1]).toEqual(shapes[0]);
    const mail = (await mails()).find(({ to }) => to.includes(known.email))!;
    expect(mail.text).toContain('https://pbx.example.com/invitation#');
    const token = tokenIn(mail.text);
    const { browser } = known;
    const wish = { token, name: 'Somebody else', password: 'another password' };
    expect(await browser.ask('POST', '/invitation/accept', wish)).toMatchObject({ body: { id: 'login-needed' } });
    // Nor may another person take it.
    expect(await admin.browser.ask('POST', '/invitation/accept', { token })).toMatchObject({
      body: { id: 'login-needed' },
    });
    await browser.logIn(known.email);
    expect((await browser.ask('POST', '/invitation/accept', { token })).body.memberships).toHaveLength(2);
    expect((await browser.ask('GET', '/organizations/demo/users')).status).toBe(200);
  });

  it('that was revoked, sent again or has expired is void', async () => {
    const { browser } = admin;
    const path = '/organizations/demo/invitations';
    const { body: first } = await browser.ask('POST', path, { email: 'late@example.com', role: 'viewer' });
    const { body: second } = await browser.ask('POST', `${path}/${first.id}/resend`);
    const look = async (link: string) =>
      (await new Browser().ask('POST', '/invitation', { token: tokenIn(link) })).status;
    expect([await look(first.link), await look(second.link)]).toEqual([410, 200]);
    await t.db.asOperator((trx) =>
      trx
        .updateTable('invitation')
        .set({ expires_at: new Date(0) })
        .where('email', '=', 'late@example.com')
        .execute(),
    );
    expect(await look(second.link)).toBe(410);
    const { body: third } = await browser.ask('POST', path, { email: 'late@example.com', role: 'viewer' });
    expect((await browser.ask('DELETE', `${path}/${third.id}`)).status).toBe(204);
    expect(await look(third.link)).toBe(410);
  });

  it('a key makes nobody who may do more than itself, and takes nobody like that away', async () => {
    const { id } = await t.organization('narrow');
    const boss = await loggedIn([{ org: 'narrow', role: 'admin' }]);
    const watcher = await person([{ org: 'narrow', role: 'viewer' }]);
    const key = async (by: Actor, org: string | null, scopes: Scope[]) =>
      value(await t.administration.createKey(by, org, { name: 'Narrow', scopes }));
    const actorBy = async ({ token }: { token: string }) => (await t.administration.authenticate(token))!;
    const narrow = await actorBy(await key(t.operator, id, ['users:write', 'keys:write']));
    const wide = await key(t.operator, id, [...ADMIN_SCOPES]);
    const refused = async (outcome: Promise<{ ok: boolean }>) =>
      expect(await outcome).toMatchObject({ ok: false, refusal: { id: 'forbidden' } });
    const { administration } = t;
    await refused(administration.invite(narrow, id, { email: 'new@example.com', role: 'admin', language: 'en' }));
    await refused(administration.changeRole(narrow, id, watcher.id, { role: 'admin' }));
    await refused(administration.removeUser(narrow, id, boss.id));
    await refused(administration.deleteKey(narrow, wide.id));
    const clerk = await actorBy(await key(t.operator, null, ['users:write']));
    const operator = { email: 'o@example.com', name: 'O', isOperator: true };
    await refused(administration.createUser(clerk, operator));
    await refused(administration.updateUser(clerk, watcher.id, { isOperator: true }));
    await refused(administration.resetUserPassword(clerk, boss.id));
    expect((await boss.browser.ask('DELETE', `/keys/${wide.id}`)).status).toBe(204);
  });

  it('leaves at least one admin', async () => {
    const { id } = await t.organization('lonely');
    const boss = await loggedIn([{ org: 'lonely', role: 'admin' }]);
    const helper = await person([{ org: 'lonely', role: 'viewer' }]);
    const path = (who: string) => `/organizations/lonely/users/${who}`;
    expect(await boss.browser.ask('PATCH', path(boss.id), { role: 'viewer' })).toMatchObject({
      body: { id: 'last-admin' },
    });
    expect(await boss.browser.ask('DELETE', path(boss.id))).toMatchObject({ status: 409 });
    expect((await boss.browser.ask('PATCH', path(helper.id), { role: 'admin' })).status).toBe(200);
    expect((await boss.browser.ask('DELETE', path(boss.id))).status).toBe(204);
    expect((await boss.browser.ask('GET', '/organizations/lonely')).status).toBe(404);
    const entries = value(await t.administration.listAudit(t.operator, id, { resource: 'user' }, ALL)).items;
    expect(entries[0]).toMatchObject({ action: 'deleted', label: boss.email, author: { kind: 'person', id: boss.id } });
  });
});

it('the company’s logo is typed by its content, and shown on its pages', async () => {
  const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
  const put = (payload: Buffer, type = 'image/png') =>
    app.inject({
      ...{ method: 'PUT', url: '/api/v1/organizations/acme/logo', payload },
      headers: { ...bearer(operatorKey), 'content-type': type },
    });
  const refusals = [
    await put(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')),
    await put(Buffer.concat([png, Buffer.alloc(256 * 1024)])),
    await put(Buffer.from('{}'), 'application/json'),
    await put(Buffer.from('a=b'), 'text/plain'),
  ].map((answer) => [answer.statusCode, answer.json().id]);
  expect(refusals).toEqual([
    [422, 'image-invalid'],
    [413, 'too-large'],
    [415, 'unsupported-media-type'],
    [415, 'unsupported-media-type'],
  ]);
  const { logo } = (await put(png)).json();
  const { browser } = await loggedIn([{ org: 'acme', role: 'viewer' }]);
  expect((await browser.ask('GET', '/me')).body.memberships[0].logo).toBe(logo);
  const shown = async (url: string, headers: Record<string, string>) => app.inject({ method: 'GET', url, headers });
  const cookie = `littlepbx.session=${browser.cookies.get('littlepbx.session')}`;
  for (const answer of [
    await shown(logo, { cookie }),
    await shown('/api/v1/site/logo', { host: 'pbx.acme.example.com' }),
  ]) {
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
    expect(answer.rawPayload).toEqual(png);
  }
  expect((await shown('/api/v1/site/logo', { host: 'pbx.demo.example.com' })).statusCode).toBe(404);
  expect((await shown(logo, {})).statusCode).toBe(401);
  value(await t.administration.removeLogo(t.operator, 'acme'));
  expect((await shown(logo, { cookie })).statusCode).toBe(404);
});

it('the login page learns whose it is by the host name, and of the suspended nothing', async () => {
  const site = async (host: string) => {
    const browser = new Browser();
    browser.headers = { host };
    return (await browser.ask('GET', '/site')).body;
  };
  expect(await site('pbx.demo.example.com')).toMatchObject({ organization: { slug: 'demo', logo: null } });
  const nothing = { organization: null };
  for (const host of ['example.com', 'pbx.nobody.example.com', 'pbx.demo', '127.0.0.1:8080']) {
    expect(await site(host), host).toEqual(nothing);
  }
  value(await t.administration.suspendOrganization(t.operator, demo, { calls: 'keep' }));
  expect(await site('pbx.demo.example.com')).toEqual(nothing);
});
