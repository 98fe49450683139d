import { z } from 'zod';
import { instant, personName, uuid } from './common.ts';
import { mailAddress } from './mail.ts';
import { route, SCOPES } from './route.ts';

export const language = z.enum(['en', 'ru']).meta({ description: 'Of pages and mails.' });
const theme = z.enum(['system', 'light', 'dark']).meta({ description: 'Of pages; `system`: as the machine is set.' });
export const role = z.enum(['admin', 'viewer', 'user']).meta({
  description:
    '`admin`: all that an API key of the organization may; `viewer`: reads configuration, calls and figures; `user`: sees one extension alone, and changes where its calls go, its voicemail and the passwords of its devices.',
});
const scope = z.enum(SCOPES);

export const password = z
  .string()
  .min(10, 'must be at least 10 characters')
  .max(128, 'must be at most 128 characters')
  .meta({
    description: 'At least 10 characters, 5 different ones, not the e-mail address.',
    examples: ['correct horse'],
  });
/** Whatever somebody types to be compared. */
export const anyPassword = z.string().min(1, 'must not be empty').max(128, 'must be at most 128 characters');

const membership = z
  .object({
    organizationId: uuid,
    slug: z.string().meta({ examples: ['acme'] }),
    companyName: z.string().meta({ examples: ['Acme Ltd'] }),
    role,
    extensionId: uuid.nullable().meta({ description: 'Of a `user`: what the scopes are good for, and nothing else.' }),
    timeZone: z.string().meta({ description: 'Of the organization.', examples: ['Europe/London'] }),
    scopes: z.array(scope).meta({ description: 'What the role may do there.' }),
    isSuspended: z.boolean().meta({ description: 'The organization is suspended: nothing of it is shown.' }),
    logo: z.string().nullable().meta({ description: 'Address of its logo; changes with it.' }),
  })
  .meta({ id: 'Membership' });

const person = z
  .object({
    kind: z.literal('person'),
    id: uuid,
    name: z.string(),
    email: z.string(),
    language,
    theme,
    isOperator: z.boolean().meta({ description: 'May do all, in every organization.' }),
    hasTwoFactor: z.boolean().meta({ description: 'A code is asked for after the password.' }),
    memberships: z.array(membership).meta({ description: 'By company name.' }),
  })
  .meta({ id: 'Me' });

const me = z.discriminatedUnion('kind', [
  person,
  z
    .object({
      kind: z.literal('key'),
      id: z.string(),
      name: z.string(),
      organizationId: uuid.nullable().meta({ description: "Null: the operator's." }),
      scopes: z.array(scope),
    })
    .meta({ id: 'MeAsKey' }),
]);

const loggedIn = z
  .object({
    isCodeNeeded: z.boolean().meta({ description: 'The password was right; `sendLoginCode` comes next.' }),
    person: person.nullable().meta({ description: 'Null while a code is needed.' }),
  })
  .meta({ id: 'LoggedIn' });

const ownSession = z
  .object({
    id: uuid,
    address: z
      .string()
      .nullable()
      .meta({ description: 'Where the login came from.', examples: ['203.0.113.7'] }),
    userAgent: z.string().nullable().meta({ description: 'As the browser calls itself.' }),
    loggedInAt: instant,
    expiresAt: instant.meta({ description: 'Without another visit.' }),
    isThis: z.boolean().meta({ description: 'The one that asks.' }),
  })
  .meta({ id: 'OwnSession' });

const recoveryCodes = z
  .array(z.string())
  .meta({ description: 'Each opens once instead of a code. Shown this once.', examples: [['aB3dE-fG7hJ']] });

const code = z
  .string()
  .trim()
  .min(6, 'must be 6 digits, or a recovery code')
  .max(20, 'must be 6 digits, or a recovery code')
  .meta({ description: 'The 6 digits that the app shows, or a recovery code.', examples: ['123456'] });
const token = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9_-]+$/, 'is no such token')
  .meta({ description: 'From the link in the mail.', examples: ['kq3v0Yb1'] });
export const linkToken = token;

const tags = ['Login'] as const;
const none = { status: 204, body: null } as const;
/** For persons: an API key has no password, no language. */
const own = { tags, scope: 'self', isPersonOnly: true } as const;
const byPassword = z
  .strictObject({ password: anyPassword })
  .meta({ id: 'OwnPassword', examples: [{ password: 'correct horse' }] });

export const loginRoutes = {
  logIn: route({
    method: 'POST',
    path: '/login',
    summary: 'Log in',
    description:
      'Sets the session cookie, unless a code is needed too. A wrong address and a wrong password look the same. Too many failures ban the address.',
    tags,
    scope: 'open',
    isGuessable: true,
    body: z
      .strictObject({
        email: mailAddress,
        password: anyPassword,
        isRemembered: z.boolean().exactOptional().meta({
          description: 'False: until the browser is closed, a day at most. Else 7 days after the last visit.',
        }),
      })
      .meta({ id: 'Login', examples: [{ email: 'alice@example.com', password: 'correct horse' }] }),
    responses: {
      status: 200,
      body: loggedIn,
      description: 'The password was right.',
      problems: [
        'invalid',
        'login-failed',
        'suspended',
        'too-many-attempts',
        'not-same-origin',
        'database-unavailable',
      ],
    },
  }),
  sendLoginCode: route({
    method: 'POST',
    path: '/login/code',
    summary: 'Log in: the code',
    description: 'Within 10 minutes after the password, with the cookie of that answer. Five wrong codes begin anew.',
    tags,
    scope: 'open',
    isGuessable: true,
    body: z.strictObject({ code }).meta({ id: 'LoginCode', examples: [{ code: '123456' }] }),
    responses: {
      status: 200,
      body: loggedIn,
      description: 'Logged in.',
      problems: [
        'invalid',
        'login-failed',
        'login-expired',
        'suspended',
        'too-many-attempts',
        'not-same-origin',
        'database-unavailable',
      ],
    },
  }),
  logOut: route({
    method: 'POST',
    path: '/logout',
    summary: 'Log out',
    description: 'Ends the session of the cookie, and takes the cookie back. Without a session nothing happens.',
    tags,
    scope: 'open',
    responses: { ...none, description: 'There is no session.', problems: ['not-same-origin', 'database-unavailable'] },
  }),
  getSession: route({
    method: 'GET',
    path: '/session',
    summary: 'Show whether somebody is logged in',
    description: 'For a page that is opened: by the session cookie; nobody is no error.',
    tags,
    scope: 'open',
    responses: {
      status: 200,
      body: z
        .object({ person: person.nullable().meta({ description: 'Null: nobody is logged in.' }) })
        .meta({ id: 'PresentSession' }),
      description: 'Who is logged in.',
      problems: ['database-unavailable'],
    },
  }),
  getMe: route({
    method: 'GET',
    path: '/me',
    summary: 'Show who is asking',
    description: 'A person with all memberships, or an API key.',
    tags,
    scope: 'self',
    responses: { status: 200, body: me, description: 'Who is asking.', unversioned: 'all', problems: [] },
  }),
  updateMe: route({
    method: 'PATCH',
    path: '/me',
    summary: 'Change name, language or theme',
    description: 'Acts at once.',
    ...own,
    body: z
      .strictObject({
        name: personName.exactOptional(),
        language: language.exactOptional(),
        theme: theme.exactOptional(),
      })
      .meta({ id: 'MeChange', examples: [{ language: 'ru', theme: 'dark' }] }),
    responses: { status: 200, body: person, description: 'The person as it is now.', problems: ['invalid'] },
  }),
  changeMyPassword: route({
    method: 'POST',
    path: '/me/password',
    summary: 'Change the own password',
    description: 'All other sessions of the person end.',
    ...own,
    isGuessable: true,
    body: z
      .strictObject({ currentPassword: anyPassword, newPassword: password })
      .meta({ id: 'PasswordChange', examples: [{ currentPassword: 'correct horse', newPassword: 'battery staple' }] }),
    responses: { ...none, description: 'It is changed.', problems: ['invalid', 'too-many-attempts'] },
  }),
  listMySessions: route({
    method: 'GET',
    path: '/me/sessions',
    summary: 'List where one is logged in',
    description: 'Latest login first.',
    ...own,
    responses: {
      status: 200,
      body: z.object({ items: z.array(ownSession) }).meta({ id: 'OwnSessions' }),
      description: 'The sessions of the person.',
      problems: [],
    },
  }),
  endMyOtherSessions: route({
    method: 'POST',
    path: '/me/sessions/end-others',
    summary: 'Log out everywhere else',
    description: 'At once: all sessions of the person end but the one that asks.',
    ...own,
    responses: { ...none, description: 'They have ended.', problems: [] },
  }),
  startTwoFactor: route({
    method: 'POST',
    path: '/me/two-factor',
    summary: 'Begin to ask for a code at login',
    description:
      'Gives the secret for an authenticator app (TOTP). It counts once `confirmTwoFactor` had a right code.',
    ...own,
    isGuessable: true,
    isSecret: true,
    body: byPassword,
    responses: {
      status: 201,
      body: z
        .object({
          uri: z.string().meta({ description: 'For a QR code: `otpauth://totp/…`.' }),
          secret: z.string().meta({ description: 'The same to type in, base32.' }),
          recoveryCodes,
        })
        .meta({ id: 'TwoFactorStart' }),
      description: 'What the app needs.',
      problems: ['invalid', 'conflict', 'too-many-attempts'],
    },
  }),
  confirmTwoFactor: route({
    method: 'POST',
    path: '/me/two-factor/confirm',
    summary: 'Prove that the app shows the right code',
    description: 'From now on a code is asked for at login.',
    ...own,
    isGuessable: true,
    body: z.strictObject({ code }).meta({ id: 'TwoFactorCode', examples: [{ code: '123456' }] }),
    responses: { ...none, description: 'A code is asked for.', problems: ['invalid', 'conflict', 'too-many-attempts'] },
  }),
  stopTwoFactor: route({
    method: 'POST',
    path: '/me/two-factor/disable',
    summary: 'Ask for no code any more',
    description: 'Secret and recovery codes are forgotten.',
    ...own,
    isGuessable: true,
    body: byPassword,
    responses: { ...none, description: 'No code is asked for.', problems: ['invalid', 'too-many-attempts'] },
  }),
  renewRecoveryCodes: route({
    method: 'POST',
    path: '/me/recovery-codes',
    summary: 'Make new recovery codes',
    description: 'The old ones are void.',
    ...own,
    isGuessable: true,
    isSecret: true,
    body: byPassword,
    responses: {
      status: 201,
      body: z.object({ recoveryCodes }).meta({ id: 'RecoveryCodes' }),
      description: 'The codes, shown this once.',
      problems: ['invalid', 'conflict', 'too-many-attempts'],
    },
  }),
  requestPasswordReset: route({
    method: 'POST',
    path: '/password-reset',
    summary: 'Ask for a link to set a new password',
    description:
      'If the address is known, a mail with a link goes to it, for one hour; a few an hour at most. The answer is the same either way.',
    tags,
    scope: 'open',
    body: z
      .strictObject({ email: mailAddress })
      .meta({ id: 'ResetRequest', examples: [{ email: 'alice@example.com' }] }),
    responses: {
      ...none,
      description: 'Taken; nothing is said of the address.',
      problems: ['invalid', 'not-same-origin', 'database-unavailable'],
    },
  }),
  confirmPasswordReset: route({
    method: 'POST',
    path: '/password-reset/confirm',
    summary: 'Set a new password with the link',
    description: 'All sessions of the person end; a code is asked for at login as before.',
    tags,
    scope: 'open',
    isGuessable: true,
    body: z
      .strictObject({ token, password })
      .meta({ id: 'Reset', examples: [{ token: 'kq3v0Yb1', password: 'correct horse' }] }),
    responses: {
      ...none,
      description: 'It is set; log in with it.',
      problems: ['invalid', 'link-void', 'too-many-attempts', 'not-same-origin', 'database-unavailable'],
    },
  }),
};

export type PersonAnswer = z.infer<typeof person>;
export type MeAnswer = z.infer<typeof me>;
export type OwnSessionAnswer = z.infer<typeof ownSession>;
export type MembershipAnswer = z.infer<typeof membership>;
/** A person in a page's answer. */
export const meAsPerson = person;
