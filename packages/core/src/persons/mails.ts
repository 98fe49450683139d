/** Mails to persons: an invitation, a link to set a new password. */
import type { MailMessage } from '../mail/mail.ts';
import type { Language } from './person.ts';

type Text = Omit<MailMessage, 'to'>;

/** An invitation can be accepted for this long. Milliseconds. */
export const INVITATION_VALID_FOR = 7 * 86_400_000;
/** A new password can be set for this long. Milliseconds. */
export const RESET_VALID_FOR = 3_600_000;

/** `invitedBy` null: by a program. */
interface InvitationText {
  companyName: string;
  invitedBy: string | null;
  link: string;
}

const INVITATION: Record<Language, (o: InvitationText) => Text> = {
  en: ({ companyName, invitedBy, link }) => ({
    subject: `${companyName}: your access to the phone system`,
    text: `Hello,

${invitedBy === null ? 'You are invited' : `${invitedBy} invites you`} to the phone system of ${companyName}.

Open this link to accept; it works once, for 7 days:
${link}

If you expected nothing like this, do nothing.
`,
  }),
  ru: ({ companyName, invitedBy, link }) => ({
    subject: `${companyName}: доступ к телефонной системе`,
    text: `Здравствуйте!

${invitedBy === null ? 'Вас приглашают' : `${invitedBy} приглашает вас`} в телефонную систему компании ${companyName}.

Чтобы принять приглашение, откройте ссылку; она действует один раз, в течение 7 дней:
${link}

Если вы этого не ждали, ничего делать не нужно.
`,
  }),
};

const RESET: Record<Language, (o: { link: string }) => Text> = {
  en: ({ link }) => ({
    subject: 'Set a new password',
    text: `Hello,

somebody, probably you, asked for a new password to the phone system.

Open this link to set one; it works once, for one hour:
${link}

If it was not you, do nothing: the old password stays.
`,
  }),
  ru: ({ link }) => ({
    subject: 'Новый пароль',
    text: `Здравствуйте!

Кто-то, вероятно вы, запросил новый пароль к телефонной системе.

Чтобы задать его, откройте ссылку; она действует один раз, в течение часа:
${link}

Если это были не вы, ничего делать не нужно: прежний пароль останется.
`,
  }),
};

export const invitationMail = (language: Language, o: InvitationText): Text => INVITATION[language](o);

export const resetMail = (language: Language, link: string): Text => RESET[language]({ link });

/** After the fragment's sign: neither logs nor other pages get to see the token. */
export const invitationLink = (publicUrl: string, token: string): string => `${publicUrl}/invitation#${token}`;
export const resetLink = (publicUrl: string, token: string): string => `${publicUrl}/reset-password#${token}`;
