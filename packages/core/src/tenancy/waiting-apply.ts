/**
 * Apply when idle: the draft waits until the organization has no call in progress, or until the deadline. No apply ends or
 * changes a call, so this is for who wants nobody to notice at all: two calls of one customer are not routed differently.
 *
 *     (none) ── asked for ──> waiting ── idle, or the deadline ──> applied, or refused ──> (none)
 *        ^                       │
 *        └── stopped, applied by hand, rolled back, discarded
 *
 * It stands in Postgres, so it survives every restart. What is applied is the draft as it is then.
 */
import { type MailLanguage, mailLanguage, queueMail } from '../mail/mail.ts';
import { type Access, notFound, ok, refuse } from './access.ts';
import type { Administration } from './administration.ts';
import type { Outcome, Refusal } from './outcome.ts';
import { applyDraft, contentRefusal } from './publishing.ts';
import type { OrganizationRow, StoreSet, WaitingApplyRow } from './stores.ts';
import { Complaints, checkEmail, checkNote } from './validation.ts';
import type { RevisionView, WaitingApplyView } from './views.ts';

type UseCases = Pick<Administration, 'applyWhenIdle' | 'stopApply' | 'applyWaiting'>;

const HOUR_IN_S = 3_600;

export function waitingApplyView({ askedAt, actor, deadline, note, email }: WaitingApplyRow): WaitingApplyView {
  return { askedAt, askedBy: actor.name, deadline, note, email };
}

export function waitingApplyUseCases(access: Access): UseCases {
  const { clock, stores: all } = access.ports;
  const write = { scope: 'revisions:write', write: true } as const;

  return {
    applyWhenIdle: (actor, org, { deadlineInS = HOUR_IN_S, note, email }) =>
      access.inOrganization(actor, org, write, async (stores, row) => {
        const c = new Complaints();
        const text = note === undefined ? null : checkNote(c, 'note', note) || null;
        const to = email === undefined ? null : checkEmail(c, 'email', email);
        const invalid = c.refusal();
        if (invalid) return refuse(invalid);
        // Told now, while somebody looks, and not when nobody does.
        const refusal = await contentRefusal(stores, row, await stores.drafts.content(row.id));
        if (refusal) return refusal;
        const now = clock.now();
        const waiting = { askedAt: now, actor, deadline: now + deadlineInS * 1000, note: text, email: to };
        await stores.waitingApplies.put(row.id, waiting);
        return ok(waitingApplyView(waiting));
      }),

    stopApply: (actor, org) =>
      access.inOrganization(actor, org, write, async (stores, row) =>
        (await stores.waitingApplies.delete(row.id)) ? ok(null) : notFound(),
      ),

    async applyWaiting(organizationId) {
      const asked = await all.withOrganization(organizationId, (stores) => stores.waitingApplies.get(organizationId));
      if (!asked) return ok(null);
      return access.inOrganization(asked.actor, organizationId, write, async (stores, row, effects) => {
        const waiting = await stores.waitingApplies.get(row.id);
        if (!waiting) return ok(null);
        await stores.waitingApplies.delete(row.id);
        const outcome = await applyDraft(clock, waiting.actor, stores, row, effects, waiting.note);
        await tell(stores, row, waiting, outcome);
        // A refusal is told by mail; the apply is over either way.
        return outcome.ok ? outcome : ok(null);
      });
    },
  };
}

type Texts = Record<'done' | 'live' | 'number' | 'refused' | 'why' | 'ask', string>;

const TEXTS: Record<MailLanguage, Texts> = {
  en: {
    done: 'Your changes are live',
    refused: 'Your changes could not be applied',
    live: 'What you changed is in effect for all new calls. Calls that were in progress kept the rules they began with.',
    number: 'In the history of your settings it is revision',
    why: 'Why',
    ask: 'Nothing was changed. Open the draft, mend it, and apply again.',
  },
  ru: {
    done: 'Ваши изменения применены',
    refused: 'Ваши изменения не удалось применить',
    live: 'Ваши изменения действуют для всех новых звонков. Начатые раньше звонки шли по прежним правилам.',
    number: 'В истории настроек это версия',
    why: 'Причина',
    ask: 'Ничего не изменилось. Исправьте черновик и примените его снова.',
  },
};

/** Part of the same transaction: who asked is told of what happened, and of nothing else. */
async function tell(
  stores: StoreSet,
  { id, name, language }: OrganizationRow,
  { email, note, actor }: WaitingApplyRow,
  outcome: Outcome<RevisionView>,
): Promise<void> {
  // That nothing came of it nobody would see otherwise.
  const to = email ?? (outcome.ok ? null : ((await stores.users.get(id, actor.id))?.email ?? null));
  if (to === null) return;
  const t = TEXTS[mailLanguage(language)];
  const lines = outcome.ok
    ? [t.live, `${t.number} ${outcome.value.number}${note === null ? '.' : `: ${note}`}`]
    : [...reasons(outcome.refusal).map((reason) => `${t.why}: ${reason}`), '', t.ask];
  await queueMail(stores.jobs, id, {
    to,
    subject: `${name}: ${outcome.ok ? t.done : t.refused}`,
    text: `${lines.join('\n')}\n`,
  });
}

const reasons = ({ fields = [], message }: Refusal): string[] =>
  fields.length > 0 ? fields.map(({ field, reason }) => `${field}: ${reason}`) : [message];
