import { z } from 'zod';
import {
  extensionParam,
  idParam,
  instant,
  listQuery,
  orgParam,
  paged,
  pageQuery,
  personName,
  shownName,
  uuid,
} from './common.ts';
import { language, linkToken, meAsPerson, password, role } from './login.ts';
import { mailAddress } from './mail.ts';
import { route } from './route.ts';

const ofUser = {
  extensionId: uuid.nullable().meta({ description: 'Of a `user`; else null.' }),
  extension: z
    .string()
    .nullable()
    .meta({ description: 'Its number; null also when it is not there any more.', examples: ['101'] }),
};
const extensionOfUser = extensionParam
  .exactOptional()
  .meta({ description: 'Number or UUID; of a `user`, and of nobody else.', examples: ['101'] });

const shownEmail = z.string().meta({ description: 'E-mail address, also for the login.' });

const organizationUser = z
  .object({
    id: uuid,
    name: shownName,
    email: shownEmail,
    role,
    ...ofUser,
    hasTwoFactor: z.boolean().meta({ description: 'A code is asked for at login.' }),
    isSuspended: z.boolean().meta({ description: 'By the operator: cannot log in.' }),
    joinedAt: instant,
  })
  .meta({ id: 'OrganizationUser' });

const invitationShape = {
  id: uuid,
  email: shownEmail,
  role,
  extensionId: ofUser.extensionId,
  language,
  invitedBy: z.string().nullable().meta({ description: 'Name of the person, as it was then; null: an API key did.' }),
  createdAt: instant,
  expiresAt: instant.meta({ description: 'The link is void from then on; sending it again makes a new one.' }),
};
const invitation = z.object(invitationShape).meta({ id: 'Invitation' });
const sent = {
  isMailed: z.boolean().meta({ description: 'A mail with the link goes out.' }),
  link: z
    .string()
    .nullable()
    .meta({ description: 'Only without a mail server, to be sent by other means. Shown this once; else null.' }),
};
export const sentInvitation = z.object({ ...invitationShape, ...sent }).meta({ id: 'SentInvitation' });

const operatorUser = z
  .object({
    id: uuid,
    name: shownName,
    email: shownEmail,
    language,
    isOperator: z.boolean().meta({ description: 'May do everything in every organization.' }),
    isSuspended: z.boolean().meta({ description: 'Cannot log in.' }),
    hasTwoFactor: z.boolean().meta({ description: 'A code is asked for at login.' }),
    createdAt: instant,
    memberships: z.array(
      z.object({ organizationId: uuid, slug: z.string(), companyName: z.string(), role, extensionId: uuid.nullable() }),
    ),
  })
  .meta({ id: 'User' });

const shownPassword = z
  .string()
  .nullable()
  .meta({ description: 'The one that was made, shown this once; null: it was given.' });

const orgParams = z.strictObject({ org: orgParam });
const userParams = z.strictObject({ user: idParam });
const orgUserParams = z.strictObject({ org: orgParam, user: idParam });
const invitationParams = z.strictObject({ org: orgParam, invitation: idParam });
const tags = ['Users'] as const;
const operators = { tags, isOperatorOnly: true } as const;

export const userRoutes = {
  listOrganizationUsers: route({
    method: 'GET',
    path: '/organizations/{org}/users',
    summary: "List an organization's users",
    description: 'By name. Who is invited and has not come yet is among the invitations.',
    tags,
    scope: 'users:read',
    params: orgParams,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('OrganizationUserPage', organizationUser),
      description: 'A page of users.',
      problems: ['invalid', 'not-found'],
    },
  }),
  changeRole: route({
    method: 'PATCH',
    path: '/organizations/{org}/users/{user}',
    summary: 'Change what a user may do',
    description: 'Acts at once, in open pages too. The last admin stays one.',
    tags,
    scope: 'users:write',
    params: orgUserParams,
    body: z
      .strictObject({ role, extension: extensionOfUser })
      .meta({ id: 'RoleChange', examples: [{ role: 'admin' }] }),
    responses: {
      status: 200,
      body: organizationUser,
      description: 'The user as it is now.',
      problems: ['invalid', 'not-found', 'last-admin'],
    },
  }),
  removeUser: route({
    method: 'DELETE',
    path: '/organizations/{org}/users/{user}',
    summary: 'Remove a user from an organization',
    description: 'At once. The person stays, with other memberships. The last admin cannot be removed.',
    tags,
    scope: 'users:write',
    params: orgUserParams,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found', 'last-admin'] },
  }),
  listInvitations: route({
    method: 'GET',
    path: '/organizations/{org}/invitations',
    summary: 'List who is invited',
    description: 'And has not come yet; newest first.',
    tags,
    scope: 'users:read',
    params: orgParams,
    query: listQuery,
    responses: {
      status: 200,
      body: paged('InvitationPage', invitation),
      description: 'A page of invitations.',
      problems: ['invalid', 'not-found'],
    },
  }),
  invite: route({
    method: 'POST',
    path: '/organizations/{org}/invitations',
    summary: 'Invite somebody',
    description:
      'A mail with a link goes out, good for 7 days and for once. The answer is the same whether or not the address is known to the installation. Inviting the same address again replaces the invitation.',
    tags,
    scope: 'users:write',
    isRepeatable: true,
    isSecret: true,
    params: orgParams,
    body: z
      .strictObject({
        email: mailAddress,
        role,
        extension: extensionOfUser,
        language: language.exactOptional().meta({ description: "Of the mail. Left out: the inviting person's." }),
      })
      .meta({ id: 'NewInvitation', examples: [{ email: 'bob@example.com', role: 'viewer' }] }),
    responses: {
      status: 201,
      body: sentInvitation,
      description: 'The invitation.',
      problems: ['invalid', 'not-found', 'conflict', 'quota-reached'],
    },
  }),
  resendInvitation: route({
    method: 'POST',
    path: '/organizations/{org}/invitations/{invitation}/resend',
    summary: 'Send an invitation again',
    description: 'With a new link; the old one is void.',
    tags,
    scope: 'users:write',
    isRepeatable: true,
    isSecret: true,
    params: invitationParams,
    responses: { status: 200, body: sentInvitation, description: 'The invitation.', problems: ['not-found'] },
  }),
  revokeInvitation: route({
    method: 'DELETE',
    path: '/organizations/{org}/invitations/{invitation}',
    summary: 'Revoke an invitation',
    description: 'Its link is void at once.',
    tags,
    scope: 'users:write',
    params: invitationParams,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found'] },
  }),
  lookAtInvitation: route({
    method: 'POST',
    path: '/invitation',
    summary: 'Show an invitation to who has its link',
    description: 'A POST, so that the token stands in no log.',
    tags,
    scope: 'open',
    isGuessable: true,
    body: z.strictObject({ token: linkToken }).meta({ id: 'InvitationLink', examples: [{ token: 'kq3v0Yb1' }] }),
    responses: {
      status: 200,
      body: z
        .object({
          email: z.string(),
          role,
          language,
          slug: z.string(),
          companyName: z.string(),
          invitedBy: z.string().nullable(),
          expiresAt: instant,
        })
        .meta({ id: 'OpenInvitation' }),
      description: 'The invitation.',
      problems: ['invalid', 'link-void', 'too-many-attempts', 'not-same-origin', 'database-unavailable'],
    },
  }),
  acceptInvitation: route({
    method: 'POST',
    path: '/invitation/accept',
    summary: 'Accept an invitation',
    description:
      'Who is new sets name and password, and is logged in. Who has a login already logs in first and sends the token alone: `login-needed` says so.',
    tags,
    scope: 'open',
    isGuessable: true,
    body: z
      .strictObject({
        token: linkToken,
        name: personName.exactOptional(),
        password: password.exactOptional(),
        language: language.exactOptional().meta({ description: "Of who is new; left out: the invitation's." }),
      })
      .meta({
        id: 'InvitationAcceptance',
        examples: [{ token: 'kq3v0Yb1', name: 'Bob Williams', password: 'correct horse' }],
      }),
    responses: {
      status: 200,
      body: meAsPerson,
      description: 'The person, who is a member now.',
      problems: [
        'invalid',
        'link-void',
        'login-needed',
        'too-many-attempts',
        'not-same-origin',
        'database-unavailable',
      ],
    },
  }),

  listUsers: route({
    method: 'GET',
    path: '/users',
    summary: 'List all persons who can log in',
    description: 'Of all organizations, and the operators; by e-mail address.',
    ...operators,
    scope: 'users:read',
    query: z.strictObject({
      ...pageQuery,
      email: mailAddress.exactOptional().meta({ description: 'Only this one.', examples: ['alice@example.com'] }),
    }),
    responses: {
      status: 200,
      body: paged('UserPage', operatorUser),
      description: 'A page of persons.',
      problems: ['invalid'],
    },
  }),
  createUser: route({
    method: 'POST',
    path: '/users',
    summary: 'Make a person who can log in',
    description: 'Without an invitation: for the first operator, and for organizations without e-mail.',
    ...operators,
    scope: 'users:write',
    isRepeatable: true,
    isSecret: true,
    body: z
      .strictObject({
        email: mailAddress,
        name: personName,
        language: language.exactOptional(),
        isOperator: z.boolean().exactOptional().meta({ description: 'May do all, in every organization.' }),
        memberships: z
          .array(z.strictObject({ org: orgParam, role, extension: extensionOfUser }))
          .max(50)
          .exactOptional(),
        password: password.exactOptional().meta({ description: 'Left out: one is made.' }),
      })
      .meta({ id: 'NewUser', examples: [{ email: 'olga@example.com', name: 'Ольга', isOperator: true }] }),
    responses: {
      status: 201,
      body: z.object({ ...operatorUser.shape, password: shownPassword }).meta({ id: 'CreatedUser' }),
      description: 'The person, with the password.',
      problems: ['invalid', 'conflict'],
    },
  }),
  updateUser: route({
    method: 'PATCH',
    path: '/users/{user}',
    summary: 'Change a person',
    description:
      'Suspended, a person is logged out at once and cannot log in. `hasTwoFactor: false` helps who lost phone and recovery codes.',
    ...operators,
    scope: 'users:write',
    params: userParams,
    body: z
      .strictObject({
        name: personName.exactOptional(),
        isOperator: z.boolean().exactOptional(),
        isSuspended: z.boolean().exactOptional(),
        hasTwoFactor: z.literal(false).exactOptional(),
      })
      .meta({ id: 'UserChange', examples: [{ isSuspended: true }] }),
    responses: {
      status: 200,
      body: operatorUser,
      description: 'The person as it is now.',
      problems: ['invalid', 'not-found'],
    },
  }),
  resetUserPassword: route({
    method: 'POST',
    path: '/users/{user}/reset-password',
    summary: 'Make a new password for a person',
    description: 'All sessions of the person end.',
    ...operators,
    scope: 'users:write',
    isSecret: true,
    params: userParams,
    responses: {
      status: 200,
      body: z.object({ email: z.string(), password: z.string() }).meta({ id: 'NewPassword' }),
      description: 'The password, shown this once.',
      problems: ['not-found'],
    },
  }),
  deleteUser: route({
    method: 'DELETE',
    path: '/users/{user}',
    summary: 'Delete a person',
    description: 'With all memberships and sessions, at once. What the person did stays in the audit log.',
    ...operators,
    scope: 'users:write',
    params: userParams,
    responses: { status: 204, body: null, description: 'It is gone.', problems: ['not-found', 'in-use'] },
  }),
};

export type OrganizationUserAnswer = z.infer<typeof organizationUser>;
export type InvitationAnswer = z.infer<typeof invitation>;
export type SentInvitationAnswer = z.infer<typeof sentInvitation>;
export type UserAnswer = z.infer<typeof operatorUser>;
