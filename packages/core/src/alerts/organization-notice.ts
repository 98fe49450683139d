/** The mail that an organization's own admins get. They know nothing of the installation: it says what stopped and what to do. */
import type { MailLanguage } from '../mail/mail.ts';
import type { Alert } from './alert-book.ts';
import { ALERT_KINDS, type AlertKind } from './kinds.ts';

type Words = Partial<Record<AlertKind, (fact: (name: string) => string) => { subject: string; text: string[] }>>;

const CAPS: Record<MailLanguage, Record<string, string>> = {
  en: {
    'minutes-per-hour': 'minutes of calls to the outside in an hour',
    'minutes-per-day': 'minutes of calls to the outside in a day',
    'money-per-hour': 'cost of calls to the outside in an hour',
    'money-per-day': 'cost of calls to the outside in a day',
  },
  ru: {
    'minutes-per-hour': 'минуты внешних звонков за час',
    'minutes-per-day': 'минуты внешних звонков за день',
    'money-per-hour': 'стоимость внешних звонков за час',
    'money-per-day': 'стоимость внешних звонков за день',
  },
};

const REASONS: Record<MailLanguage, Record<string, string>> = {
  en: {
    'calls-to-new-country': 'many calls to a country that you had not called before',
    'short-calls': 'many very short calls',
    'parallel-calls-to-prefix': 'many calls at once to similar numbers',
    'cost-velocity': 'high costs within ten minutes',
  },
  ru: {
    'calls-to-new-country': 'много звонков в страну, куда раньше не звонили',
    'short-calls': 'много очень коротких звонков',
    'parallel-calls-to-prefix': 'много одновременных звонков на похожие номера',
    'cost-velocity': 'большие расходы за десять минут',
  },
};

const WORDS: Record<MailLanguage, Words> = {
  en: {
    'storage-low': (fact) => ({
      subject: `Your phone system's storage is ${fact('usedPercent')} % full`,
      text: [
        'When it is full, callers cannot leave voicemail and calls are no longer recorded.',
        'Delete recordings and messages that are not needed, or ask your provider for more storage.',
      ],
    }),
    'storage-full': () => ({
      subject: "Your phone system's storage is full",
      text: [
        'Callers cannot leave voicemail and calls are not recorded now. Calls themselves go on.',
        'Delete recordings and messages that are not needed, or ask your provider for more storage.',
      ],
    }),
    'spend-limit-near': (fact) => ({
      subject: 'A limit on your calls to the outside is nearly reached',
      text: [
        `The limit: ${fact('cap')}${ofExtension('en', fact)}.`,
        'When it is reached, calls to the outside end and are refused until the hour or day is over. Emergency calls and calls from outside always work.',
      ],
    }),
    'spend-limit-reached': (fact) => ({
      subject: 'A limit on your calls to the outside is reached',
      text: [
        `The limit: ${fact('cap')}${ofExtension('en', fact)}.`,
        'Calls to the outside are refused until the hour or day is over. Emergency calls and calls from outside always work.',
        'If you did not expect this, look at your recent calls: somebody may be calling at your expense. Your provider can raise the limit.',
      ],
    }),
    'device-suspended': (fact) => ({
      subject: `A phone${ofExtension('en', fact)} was suspended`,
      text: [
        `It behaved as a stolen one does: ${fact('reason')}. It can call nobody but emergency services now, and is not rung.`,
        'If this was you, lift the suspension. If not, give the phone a new password first.',
      ],
    }),
    'extension-suspended': (fact) => ({
      subject: `Extension ${fact('extension')} was suspended`,
      text: [
        `Calls that it forwards to the outside were unusual: ${fact('reason')}. Nobody reaches it now.`,
        'Look at where it forwards calls to. If that is right, lift the suspension.',
      ],
    }),
  },
  ru: {
    'storage-low': (fact) => ({
      subject: `Хранилище вашей телефонной системы заполнено на ${fact('usedPercent')} %`,
      text: [
        'Когда оно заполнится, звонящие не смогут оставлять голосовые сообщения, а звонки перестанут записываться.',
        'Удалите ненужные записи и сообщения или попросите у провайдера больше места.',
      ],
    }),
    'storage-full': () => ({
      subject: 'Хранилище вашей телефонной системы заполнено',
      text: [
        'Звонящие не могут оставить голосовое сообщение, и звонки не записываются. Сами звонки работают.',
        'Удалите ненужные записи и сообщения или попросите у провайдера больше места.',
      ],
    }),
    'spend-limit-near': (fact) => ({
      subject: 'Лимит внешних звонков почти исчерпан',
      text: [
        `Лимит: ${fact('cap')}${ofExtension('ru', fact)}.`,
        'Когда он будет исчерпан, внешние звонки завершатся и будут отклоняться до конца часа или дня. Экстренные и входящие звонки работают всегда.',
      ],
    }),
    'spend-limit-reached': (fact) => ({
      subject: 'Лимит внешних звонков исчерпан',
      text: [
        `Лимит: ${fact('cap')}${ofExtension('ru', fact)}.`,
        'Внешние звонки отклоняются до конца часа или дня. Экстренные и входящие звонки работают всегда.',
        'Если вы этого не ожидали, посмотрите последние звонки: возможно, кто-то звонит за ваш счёт. Провайдер может увеличить лимит.',
      ],
    }),
    'device-suspended': (fact) => ({
      subject: `Телефон${ofExtension('ru', fact)} заблокирован`,
      text: [
        `Он вёл себя как украденный: ${fact('reason')}. Сейчас с него можно звонить только в экстренные службы, и ему нельзя позвонить.`,
        'Если это были вы, снимите блокировку. Если нет, сначала смените пароль телефона.',
      ],
    }),
    'extension-suspended': (fact) => ({
      subject: `Внутренний номер ${fact('extension')} заблокирован`,
      text: [
        `Звонки, которые он переадресует наружу, необычны: ${fact('reason')}. Сейчас на него нельзя позвонить.`,
        'Проверьте, куда он переадресует звонки. Если всё верно, снимите блокировку.',
      ],
    }),
  },
};

function ofExtension(language: MailLanguage, fact: (name: string) => string): string {
  const extension = fact('extension');
  if (extension === '') return '';
  return language === 'ru' ? ` внутреннего номера ${extension}` : ` of extension ${extension}`;
}

/** @param name the organization's */
export function organizationNotice(
  { kind, facts }: Pick<Alert, 'kind' | 'facts'>,
  name: string,
  language: MailLanguage,
): { subject: string; text: string } {
  const known: Record<string, Record<string, string>> = { cap: CAPS[language], reason: REASONS[language] };
  const fact = (of: string) => {
    const value = String(facts[of] ?? '');
    return known[of]?.[value] ?? value;
  };
  const { subject, text } = WORDS[language][kind]?.(fact) ?? { subject: ALERT_KINDS[kind].title[language], text: [] };
  return { subject: `${name}: ${subject}`, text: `${[`${subject}.`, ...text].join('\n\n')}\n` };
}
